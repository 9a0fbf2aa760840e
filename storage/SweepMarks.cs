using Azure.Data.Tables;
using Broker.Storage.Rows;

namespace Broker.Storage;

/// <summary>When the pools were swept last, and since when without a gap.</summary>
/// <remarks>Not guarded: of two instances that sweep at once either may have the last word, and both say nearly the same.</remarks>
public sealed class SweepMarks(BrokerStorage storage)
{
    private const string Partition = "sweep";
    private const string Row = "last";

    /// <summary>Notes that a sweep begins.</summary>
    /// <param name="now">The time.</param>
    /// <param name="longestGap">How long after one sweep the next may come: where it comes later, there was nobody, or no storage.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <returns>Since when there has been no gap.</returns>
    public async Task<DateTimeOffset> NoteAsync(DateTimeOffset now, TimeSpan longestGap, CancellationToken cancellation)
    {
        var found = await storage.Directory.GetEntityIfExistsAsync<TableEntity>(Partition, Row, cancellationToken: cancellation);
        var last = found.HasValue ? found.Value!.Read<Mark>() : null;
        var since = last is null || now - last.At > longestGap ? now : last.Since;
        await storage.Directory.UpsertEntityAsync(TableRows.Make(Partition, Row, new Mark(now, since)), TableUpdateMode.Replace, cancellation);
        return since;
    }

    private sealed record Mark(DateTimeOffset At, DateTimeOffset Since);
}
