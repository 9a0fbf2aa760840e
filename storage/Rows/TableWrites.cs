using System.Net;
using Azure;
using Azure.Data.Tables;

namespace Broker.Storage.Rows;

/// <summary>The one place that knows what 404, 409 and 412 mean for a write.</summary>
internal static class TableWrites
{
    /// <summary>The column that says which write left a row as it is.</summary>
    public const string Stamp = "stamp";

    /// <summary>Sends a transaction whose first action is on the row that guards it.</summary>
    /// <param name="table">The table.</param>
    /// <param name="actions">At most 100, all in one partition.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <returns>The new version of the row that guards it; null where that row had moved, and nothing was written.</returns>
    public static async Task<RowVersion?> CommitAsync(
        this TableClient table, IReadOnlyList<TableTransactionAction> actions, CancellationToken cancellation)
    {
        var stamp = Guid.NewGuid().ToString("N");
        foreach (var action in actions) ((TableEntity)action.Entity)[Stamp] = stamp;
        try
        {
            var answer = await table.SubmitTransactionAsync(actions, cancellation);
            return VersionOf(answer.Value[0]);
        }
        catch (RequestFailedException e) when (IsConflict(e))
        {
            // The SDK retries a write whose answer was lost, and the retry then meets the version that its first try
            // left. So a conflict is a lost race only if the row is not the one written here.
            var guard = actions[0].Entity;
            return await FindStampedAsync(table, guard.PartitionKey, guard.RowKey, stamp, cancellation);
        }
    }

    /// <summary>The version that an action of a transaction left.</summary>
    public static RowVersion VersionOf(Response action) => new(action.Headers.ETag.ToString()!);

    /// <summary>Deletes a row, whatever it is now.</summary>
    public static TableTransactionAction Delete(string partition, string row) =>
        new(TableTransactionActionType.Delete, new TableEntity(partition, row), ETag.All);

    /// <summary>Sends a transaction in which rows may be gone or have moved, by an earlier try of the same or by another: the rest stands without them.</summary>
    /// <param name="table">The table.</param>
    /// <param name="actions">At most 100, all in one partition.</param>
    /// <param name="cancellation">Ends the work.</param>
    public static async Task CommitWhatIsLeftAsync(this TableClient table, List<TableTransactionAction> actions, CancellationToken cancellation)
    {
        while (actions.Count > 0)
        {
            try
            {
                await table.SubmitTransactionAsync(actions, cancellation);
                return;
            }
            catch (TableTransactionFailedException e) when (IsConflict(e) && e.FailedTransactionActionIndex is { } index)
            {
                actions.RemoveAt(index);
            }
        }
    }

    public static bool IsConflict(RequestFailedException e) =>
        e.Status is (int)HttpStatusCode.Conflict or (int)HttpStatusCode.PreconditionFailed or (int)HttpStatusCode.NotFound;

    /// <summary>The version of a row, where it is the one that was written with a stamp.</summary>
    public static async Task<RowVersion?> FindStampedAsync(
        TableClient table, string partition, string row, string stamp, CancellationToken cancellation)
    {
        var found = await table.GetEntityIfExistsAsync<TableEntity>(partition, row, [Stamp], cancellation);
        return found.HasValue && found.Value!.GetString(Stamp) == stamp ? found.Value.Version() : null;
    }
}
