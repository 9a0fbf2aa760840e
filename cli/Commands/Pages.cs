using System.Collections.Immutable;
using Broker.Core.Api;

namespace Broker.Cli.Commands;

/// <summary>Reads lists that come in pages.</summary>
internal static class Pages
{
    /// <param name="read">Reads the page that a token names; the first has none.</param>
    public static async Task<ImmutableArray<T>> ReadAllAsync<T>(Func<string?, Task<Page<T>>> read)
    {
        var items = ImmutableArray.CreateBuilder<T>();
        string? token = null;
        do
        {
            var page = await read(token);
            items.AddRange(page.Items);
            token = page.Next;
        }
        while (token is not null);
        return items.ToImmutable();
    }
}
