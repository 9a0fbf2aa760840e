using Azure;

namespace Broker.Simulation.Memory;

/// <summary>Pages that are read one after the other.</summary>
internal sealed class MemoryPages<T>(Func<string?, Task<Page<T>>> read) : AsyncPageable<T> where T : notnull
{
    /// <summary>The inherited one leaves the simulation's thread.</summary>
    public override async IAsyncEnumerator<T> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        await foreach (var page in AsPages())
        {
            foreach (var value in page.Values) yield return value;
        }
    }

    public override async IAsyncEnumerable<Page<T>> AsPages(string? continuationToken = null, int? pageSizeHint = null)
    {
        do
        {
            var page = await read(continuationToken);
            yield return page;
            continuationToken = page.ContinuationToken;
        }
        while (continuationToken is not null);
    }
}
