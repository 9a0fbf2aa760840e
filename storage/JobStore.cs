using System.Collections.Immutable;
using Azure.Data.Tables;
using Broker.Core.Api;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Storage.Rows;

namespace Broker.Storage;

/// <summary>A job as its rows hold it.</summary>
/// <param name="Job">The job with its attempts.</param>
/// <param name="Version">The version to guard the next write with.</param>
/// <param name="Progress">How far the newest run was when it last said so.</param>
public sealed record StoredJob(JobRecord Job, RowVersion Version, Progress? Progress);

/// <summary>The truth about every job: its state, its attempts, its history.</summary>
public sealed class JobStore(BrokerStorage storage)
{
    private const int MostInTransaction = 100;

    private readonly RecentJobs _recent = new();

    /// <summary>Told the id of each job that this program has changed, so that who waits here for news of it need not wait for the next look.</summary>
    public event Action<JobId>? Changed;

    /// <summary>An open job as this program wrote it, where it did so lately; null otherwise. It costs no operation.</summary>
    /// <remarks>
    /// Another program may have changed it since. What is written from it is guarded by its version, as from anything that was read;
    /// a decision that writes nothing must be made again from <see cref="FindAsync"/>.
    /// </remarks>
    public StoredJob? Recall(JobId id) => _recent.Find(id);

    /// <summary>A job as it is stored.</summary>
    public async Task<StoredJob?> FindAsync(JobId id, CancellationToken cancellation)
    {
        // All rows but the events and the logs, in one request.
        var filter = $"PartitionKey eq '{id}' and (RowKey lt '{JobRows.EventPrefix}' or RowKey eq '{JobRows.Job}' or RowKey ge '{JobRows.ProgressPrefix}')";
        TableEntity? row = null;
        Progress? progress = null;
        var attempts = new List<TableEntity>();
        await foreach (var entity in storage.Jobs.QueryAsync<TableEntity>(filter, cancellationToken: cancellation))
        {
            if (entity.RowKey == JobRows.Job) row = entity;
            else if (entity.RowKey.StartsWith(JobRows.AttemptPrefix, StringComparison.Ordinal)) attempts.Add(entity);
            else if (entity.RowKey.StartsWith(JobRows.ProgressPrefix, StringComparison.Ordinal)) progress = entity.Read<Progress>();
        }

        return row is null ? null : new StoredJob(JobRows.Read(row, attempts), row.Version(), progress);
    }

    /// <summary>Makes a change, all of it or none.</summary>
    /// <param name="change">What was decided about the job as it was read.</param>
    /// <param name="version">The version that was read; null for a new job.</param>
    /// <param name="cancellation">Ends the work.</param>
    public async Task<WriteOutcome> WriteAsync(JobChange change, RowVersion? version, CancellationToken cancellation)
    {
        var actions = JobRows.Actions(change, version);
        if (await storage.Jobs.CommitAsync(actions, cancellation) is not { } written)
        {
            _recent.Forget(change.After.Id);
            return WriteOutcome.Conflict;
        }

        _recent.Put(new StoredJob(change.After, written, null), JobRows.DocumentBytes(actions[0].Entity));
        if (change.Events.Length > 0) Changed?.Invoke(change.After.Id);
        return WriteOutcome.Written;
    }

    /// <summary>A job's history from an event on, oldest first.</summary>
    public async Task<ImmutableArray<JobEvent>> ReadEventsAsync(JobId id, int after, int most, CancellationToken cancellation)
    {
        var filter = $"PartitionKey eq '{id}' and RowKey gt '{JobRows.EventKey(after)}' and RowKey lt '{JobRows.Job}'";
        var events = ImmutableArray.CreateBuilder<JobEvent>();
        await foreach (var entity in storage.Jobs.QueryAsync<TableEntity>(filter, most, cancellationToken: cancellation))
        {
            events.Add(entity.Read<JobEvent>());
            if (events.Count == most) break;
        }

        return events.ToImmutable();
    }

    /// <summary>The short logs of a job's runs, which came with their reports.</summary>
    public async Task<ImmutableArray<RunLogRecord>> ReadLogsAsync(JobId id, CancellationToken cancellation)
    {
        var filter = $"PartitionKey eq '{id}' and RowKey ge '{JobRows.LogPrefix}' and RowKey lt '{JobRows.ProgressPrefix}'";
        var logs = ImmutableArray.CreateBuilder<RunLogRecord>();
        await foreach (var entity in storage.Jobs.QueryAsync<TableEntity>(filter, cancellationToken: cancellation)) logs.Add(entity.Read<RunLogRecord>());
        return logs.ToImmutable();
    }

    /// <summary>Deletes every row of a job, its own last: what is cut off can be done again.</summary>
    public async Task DeleteAsync(JobId id, CancellationToken cancellation)
    {
        var rows = new List<string>();
        await foreach (var row in storage.Jobs.QueryAsync<TableEntity>($"PartitionKey eq '{id}'", select: ["RowKey"], cancellationToken: cancellation))
            rows.Add(row.RowKey);
        foreach (var some in rows.OrderBy(row => row == JobRows.Job).Chunk(MostInTransaction))
            await storage.Jobs.CommitWhatIsLeftAsync([.. some.Select(row => TableWrites.Delete(id.ToString(), row))], cancellation);
        _recent.Forget(id);
    }

    /// <summary>Notes how far a run is. Nothing is decided by it, so nothing guards it.</summary>
    public Task WriteProgressAsync(JobId id, int replica, Progress progress, CancellationToken cancellation) =>
        storage.Jobs.UpsertEntityAsync(
            TableRows.Make(id.ToString(), JobRows.ProgressKey(replica), progress), TableUpdateMode.Replace, cancellation);
}
