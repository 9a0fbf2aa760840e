using System.Collections.Immutable;
using Azure;
using Azure.Data.Tables;
using Broker.Core.Ids;
using Broker.Core.Market;
using Broker.Storage.Rows;

namespace Broker.Storage;

/// <summary>Which of a plan's assignments took their slots, and whether some met rows that had moved.</summary>
public sealed record CommittedPlan(ImmutableArray<Assignment> Committed, int Conflicts);

/// <summary>Gives slots to waiting replicas, so that no slot is given twice.</summary>
public sealed class AssignmentStore(BrokerStorage storage)
{
    /// <summary>Three rows each, and a transaction takes 100.</summary>
    private const int MostInTransaction = 25;

    /// <summary>Commits a plan: of each assignment, the waiting row becomes a held slot, and the offer's row moves on, guarded by what was read.</summary>
    public async Task<CommittedPlan> CommitAsync(PoolSnapshot snapshot, MatchPlan plan, DateTimeOffset now, CancellationToken cancellation)
    {
        var committed = ImmutableArray.CreateBuilder<Assignment>();
        var moved = new Dictionary<WorkerId, RowVersion>(snapshot.Offers);
        foreach (var chunk in plan.Assignments.Chunk(MostInTransaction))
            committed.AddRange(await CommitChunkAsync(snapshot, [.. chunk], moved, now, cancellation));
        return new CommittedPlan(committed.ToImmutable(), plan.Assignments.Length - committed.Count);
    }

    private async Task<List<Assignment>> CommitChunkAsync(
        PoolSnapshot snapshot, List<Assignment> chunk, Dictionary<WorkerId, RowVersion> offers, DateTimeOffset now, CancellationToken cancellation)
    {
        while (chunk.Count > 0)
        {
            var stamp = Guid.NewGuid().ToString("N");
            var actions = Actions(snapshot, chunk, offers, now, stamp);
            try
            {
                var answer = await storage.Pools.SubmitTransactionAsync(actions, cancellation);
                for (var i = 0; i < actions.Count; i++)
                {
                    // The next transaction of the same plan meets the offers as this one left them.
                    if (WorkerOf(actions[i]) is { } worker) offers[worker] = TableWrites.VersionOf(answer.Value[i]);
                }

                return chunk;
            }
            catch (TableTransactionFailedException e) when (TableWrites.IsConflict(e))
            {
                var first = actions[0].Entity;
                if (await TableWrites.FindStampedAsync(storage.Pools, first.PartitionKey, first.RowKey, stamp, cancellation) is not null) return chunk;
                if (e.FailedTransactionActionIndex is not { } index) return [];
                Drop(chunk, actions[index], offers);
            }
        }

        return chunk;
    }

    /// <summary>Takes out what hangs on the row that failed.</summary>
    private static void Drop(List<Assignment> chunk, TableTransactionAction failed, Dictionary<WorkerId, RowVersion> offers)
    {
        if (WorkerOf(failed) is { } worker)
        {
            chunk.RemoveAll(assignment => assignment.Offer.Worker == worker);
            offers.Remove(worker);
            return;
        }

        var key = failed.Entity.RowKey;
        chunk.RemoveAll(assignment => key == PoolRows.HeldKey(assignment.Attempt) || key == PoolRows.WaitingKey(assignment.Waiting));
    }

    private static WorkerId? WorkerOf(TableTransactionAction action) =>
        action.Entity.RowKey.StartsWith(PoolRows.Offer, StringComparison.Ordinal)
            ? WorkerId.Parse(action.Entity.RowKey[PoolRows.Offer.Length..])
            : null;

    private static List<TableTransactionAction> Actions(
        PoolSnapshot snapshot, List<Assignment> chunk, Dictionary<WorkerId, RowVersion> offers, DateTimeOffset now, string stamp)
    {
        chunk.RemoveAll(assignment => !offers.ContainsKey(assignment.Offer.Worker));
        var partition = snapshot.Market.Pool.ToString();
        var actions = new List<TableTransactionAction>();
        foreach (var assignment in chunk)
        {
            var row = TableRows.Make(partition, PoolRows.HeldKey(assignment.Attempt), HeldSlot.Of(assignment, now));
            row[TableWrites.Stamp] = stamp;
            actions.Add(new TableTransactionAction(TableTransactionActionType.Add, row));
            var waiting = PoolRows.WaitingKey(assignment.Waiting);
            actions.Add(new TableTransactionAction(
                TableTransactionActionType.Delete, new TableEntity(partition, waiting), new ETag(snapshot.Waiting[waiting].Tag)));
        }

        foreach (var worker in chunk.Select(assignment => assignment.Offer.Worker).Distinct())
        {
            var row = new TableEntity(partition, PoolRows.OfferKey(worker)) { [TableWrites.Stamp] = stamp };
            actions.Add(new TableTransactionAction(TableTransactionActionType.UpdateMerge, row, new ETag(offers[worker].Tag)));
        }

        return actions;
    }
}
