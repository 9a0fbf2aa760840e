using System.Collections.Immutable;
using Broker.Core.Api;

namespace Broker.Cli.Commands;

/// <summary>Reads lists that come in pages.</summary>
internal static class Pages
{
    /// <param name="read">Reads the page that the one before named; the first has no name.</param>
    public static async Task<ImmutableArray<T>> ReadAllAsync<T>(Func<string?, Task<Page<T>>> read)
    {
        var items = ImmutableArray.CreateBuilder<T>();
        string? next = null;
        do
        {
            var page = await read(next);
            items.AddRange(page.Items);
            next = page.Next;
        }
        while (next is not null);
        return items.ToImmutable();
    }
}
