using System.Collections.Immutable;
using Azure;
using Azure.Data.Tables;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Core.Market;
using Broker.Storage.Rows;

namespace Broker.Storage;

/// <summary>Who waits in a pool, who offers, and who holds which slot.</summary>
public sealed class PoolStore(BrokerStorage storage)
{
    /// <summary>A round takes this many of the oldest waiting replicas.</summary>
    private const int Window = 1000;

    private const int MostInTransaction = 100;

    /// <summary>Reads a pool: the oldest waiting replicas, every offer, every held slot.</summary>
    /// <remarks>
    /// A free slot is an offer's slots less the rows that hold one. Offers are read before held slots, and an
    /// assignment writes both in one transaction: so a snapshot shows a slot as taken too long, never as free too early.
    /// </remarks>
    public async Task<PoolSnapshot> ReadAsync(PoolName pool, DateTimeOffset now, CancellationToken cancellation)
    {
        var rows = new List<TableEntity>();
        await foreach (var page in QueryPages(pool, PoolRows.Waiting, cancellation))
        {
            rows.AddRange(page.Values);
            if (page.ContinuationToken is null) return MakeSnapshot(pool, now, rows);
            break;
        }

        // More rows than one page holds: the window of waiting replicas, then all the rest.
        rows.RemoveAll(row => !row.Is(PoolRows.Waiting));
        await foreach (var page in QueryPages(pool, PoolRows.Offer, cancellation)) rows.AddRange(page.Values);
        return MakeSnapshot(pool, now, rows);
    }

    public async Task<bool> HasWaitingAsync(PoolName pool, CancellationToken cancellation)
    {
        var filter = $"PartitionKey eq '{pool}' and RowKey ge '{PoolRows.Waiting}' and RowKey lt '{PoolRows.Offer}'";
        await foreach (var _ in storage.Pools.QueryAsync<TableEntity>(filter, 1, ["RowKey"], cancellation)) return true;
        return false;
    }

    /// <summary>Notes that a submission began: its rows wait, and stay out of the market until the submission is known to be complete.</summary>
    public Task BeginSubmissionAsync(JobRecord job, CancellationToken cancellation)
    {
        var rows = PoolIndex.Of(job).Waiting.Select(waiting => Row(job.Document.Pool, waiting)).ToList();
        foreach (var row in rows) row[PoolRows.Pending] = true;
        return storage.Pools.CommitWhatIsLeftAsync([.. rows.Select(row => new TableTransactionAction(TableTransactionActionType.Add, row))], cancellation);
    }

    /// <summary>Lets rows of a submission into the market for good. Those that have moved since they were read are left as they are.</summary>
    public Task EndSubmissionAsync(PoolSnapshot snapshot, IEnumerable<WaitingReplica> replicas, CancellationToken cancellation) =>
        ChangeAsync(snapshot, replicas, TableTransactionActionType.UpdateMerge, cancellation);

    /// <summary>Takes away rows of a submission that came to nothing. Those that have moved since they were read are left as they are: they wait by now.</summary>
    public Task DropSubmissionAsync(PoolSnapshot snapshot, IEnumerable<WaitingReplica> replicas, CancellationToken cancellation) =>
        ChangeAsync(snapshot, replicas, TableTransactionActionType.Delete, cancellation);

    /// <summary>Takes away the rows of a submission whose job another try has written, at another time.</summary>
    public Task DropSubmissionAsync(JobRecord job, CancellationToken cancellation) =>
        ApplyAsync(job.Document.Pool, PoolIndex.Of(job).Waiting.Select(PoolRows.WaitingKey), PoolIndex.Empty, cancellation);

    /// <summary>Writes what a change of a job means for its pool.</summary>
    public Task ApplyAsync(JobChange change, CancellationToken cancellation)
    {
        var before = change.Before is null ? PoolIndex.Empty : PoolIndex.Of(change.Before);
        var after = PoolIndex.Of(change.After);
        var gone = Keys(before).Except(Keys(after));
        var made = new PoolIndex([.. after.Waiting.ExceptBy(before.Waiting.Select(PoolRows.WaitingKey), PoolRows.WaitingKey)], [], [.. after.Committed.Except(before.Committed)]);
        return ApplyAsync(change.After.Document.Pool, gone, made, cancellation);
    }

    /// <summary>Makes a job's rows what the job says, whatever they were: removes what its past may have left, puts what is missing.</summary>
    public Task RestoreAsync(JobRecord job, CancellationToken cancellation)
    {
        var index = PoolIndex.Of(job);
        var attempts = job.Attempts.Select(attempt => new AttemptId(job.Id, attempt.Replica, attempt.Number)).ToList();
        var possible = attempts.Select(PoolRows.HeldKey).Concat(attempts.Select(PoolRows.CommittedKey))
            .Concat(Enumerable.Range(0, job.Replicas).Select(replica => WaitingKey(job, replica)));
        return ApplyAsync(job.Document.Pool, possible.Except(Keys(index)), index, cancellation);
    }

    /// <summary>Removes the row of a slot whose attempt its job does not know, and puts what the job says instead.</summary>
    public Task ReleaseAsync(PoolName pool, AttemptId attempt, PoolIndex index, CancellationToken cancellation) =>
        ApplyAsync(pool, [PoolRows.HeldKey(attempt)], index, cancellation);

    private static string WaitingKey(JobRecord job, int replica) => PoolRows.WaitingKey(new WaitingReplica
    {
        Job = job.Id,
        Replica = replica,
        SubmittedAt = job.SubmittedAt,
        QueueUntil = job.QueueUntil,
        MemoryBytes = 0,
        MaxPrice = default,
    });

    private static IEnumerable<string> Keys(PoolIndex index) =>
        index.Waiting.Select(PoolRows.WaitingKey)
            .Concat(index.Held.Select(held => PoolRows.HeldKey(held.Id)))
            .Concat(index.Committed.Select(committed => PoolRows.CommittedKey(committed.Id)));

    private async Task ChangeAsync(
        PoolSnapshot snapshot, IEnumerable<WaitingReplica> replicas, TableTransactionActionType change, CancellationToken cancellation)
    {
        var pool = snapshot.Market.Pool.ToString();
        var actions = replicas.Select(PoolRows.WaitingKey).Select(key => new TableTransactionAction(
            change, new TableEntity(pool, key) { [PoolRows.Pending] = false }, new ETag(snapshot.Waiting[key].Tag)));
        foreach (var some in actions.Chunk(MostInTransaction)) await storage.Pools.CommitWhatIsLeftAsync([.. some], cancellation);
    }

    private Task ApplyAsync(PoolName pool, IEnumerable<string> gone, PoolIndex made, CancellationToken cancellation)
    {
        var partition = pool.ToString();
        var actions = gone
            .Select(key => TableWrites.Delete(partition, key))
            .Concat(made.Waiting.Select(waiting => Put(Row(pool, waiting))))
            .Concat(made.Held.Select(held => Put(TableRows.Make(partition, PoolRows.HeldKey(held.Id), held))))
            .Concat(made.Committed.Select(committed => Put(TableRows.Make(partition, PoolRows.CommittedKey(committed.Id), committed))));
        return storage.Pools.CommitWhatIsLeftAsync([.. actions], cancellation);
    }

    private static TableEntity Row(PoolName pool, WaitingReplica waiting) => TableRows.Make(pool.ToString(), PoolRows.WaitingKey(waiting), waiting);

    private static TableTransactionAction Put(TableEntity entity) => new(TableTransactionActionType.UpsertReplace, entity);

    private IAsyncEnumerable<Page<TableEntity>> QueryPages(PoolName pool, string from, CancellationToken cancellation) => storage.Pools
        .QueryAsync<TableEntity>($"PartitionKey eq '{pool}' and RowKey ge '{from}' and RowKey lt '{PoolRows.End}'", Window, cancellationToken: cancellation)
        .AsPages();

    private static PoolSnapshot MakeSnapshot(PoolName pool, DateTimeOffset now, List<TableEntity> rows)
    {
        var waiting = rows.Where(row => row.Is(PoolRows.Waiting)).ToList();
        var offers = rows.Where(row => row.Is(PoolRows.Offer)).Select(row => (Value: row.Read<Offer>(), row)).ToList();
        var held = rows.Where(row => row.Is(PoolRows.Held)).Select(row => row.Read<HeldSlot>());
        var market = new MarketSnapshot(pool, now, Read(pending: false), [.. offers.Select(o => o.Value)], [.. held]);
        return new PoolSnapshot(
            market,
            offers.ToImmutableDictionary(offer => offer.Value.Worker, offer => offer.row.Version()),
            waiting.ToImmutableDictionary(row => row.RowKey, row => row.Version()))
        {
            Pending = Read(pending: true),
            Committed = [.. rows.Where(row => row.Is(PoolRows.Committed)).Select(row => row.Read<CommittedReplica>())],
        };

        ImmutableArray<WaitingReplica> Read(bool pending) =>
            [.. waiting.Where(row => (row.GetBoolean(PoolRows.Pending) == true) == pending).Select(row => row.Read<WaitingReplica>())];
    }
}
