using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Core.Market;
using Broker.Storage;

namespace Broker.Functions.Jobs;

/// <summary>What came of changing a job.</summary>
/// <param name="Job">The job as it is now; null where there is none.</param>
/// <param name="Refusal">Why it was not changed.</param>
public sealed record ChangeResult(JobRecord? Job, LifecycleRefusal Refusal);

/// <summary>Changes jobs: reads, decides, commits, and writes what follows, always in this order.</summary>
/// <remarks>
/// The job's own rows come first, guarded by what was read; then receipts and the account's line, then the pool's rows, then the bell.
/// The pool's rows are what the sweep finds: as long as anything is left to do, one of them is there.
/// </remarks>
public sealed class JobChanges(JobStore jobs, PoolStore pools, Paperwork paperwork, QuietPools quiet, Doorbell doorbell)
{
    /// <summary>A job is contended by a handful of writers: losing more races than this is a bug.</summary>
    private const int MostRaces = 20;

    public async Task<ChangeResult> ApplyAsync(JobId id, Func<JobRecord, Decision> decide, CancellationToken cancellation)
    {
        for (var race = 0; race < MostRaces; race++)
        {
            var recalled = race == 0 ? jobs.Recall(id) : null;
            var stored = recalled ?? await jobs.FindAsync(id, cancellation);
            if (stored is null) return new ChangeResult(null, LifecycleRefusal.None);
            var decision = decide(stored.Job);
            if (decision.Change is not { } change)
            {
                if (recalled is not null) continue;

                // Made before: then who made it may have died before what follows from it.
                if (!decision.IsRefused) await RestoreAsync(stored.Job, cancellation);
                return new ChangeResult(stored.Job, decision.Refusal);
            }

            if (await jobs.WriteAsync(change, stored.Version, cancellation) == WriteOutcome.Conflict) continue;
            await FollowAsync(change, cancellation);
            return new ChangeResult(change.After, LifecycleRefusal.None);
        }

        throw new InvalidOperationException($"job {id} lost {MostRaces} races in a row");
    }

    /// <summary>Writes again what follows from a job as it stands: for a message that comes again after a crash.</summary>
    public async Task RestoreAsync(JobRecord job, CancellationToken cancellation)
    {
        await paperwork.RestoreAsync(job, cancellation);
        await pools.RestoreAsync(job, cancellation);
        if (PoolIndex.Of(job).Waiting.Length > 0) await doorbell.RingAsync(job.Document.Pool, cancellation);
    }

    /// <summary>Gives back a slot that its job does not count on, and finishes what a job that has ended may have left undone.</summary>
    /// <param name="attempt">Whose slot it is.</param>
    /// <param name="pool">Where.</param>
    /// <param name="job">The job as it stands; null where there is none.</param>
    /// <param name="cancellation">Ends the work.</param>
    public async Task ReleaseAsync(AttemptId attempt, PoolName pool, JobRecord? job, CancellationToken cancellation)
    {
        if (job?.State.IsEnded() == true) await paperwork.RestoreAsync(job, cancellation);
        await pools.ReleaseAsync(pool, attempt, job is null ? PoolIndex.Empty : PoolIndex.Of(job), cancellation);
    }

    private async Task FollowAsync(JobChange change, CancellationToken cancellation)
    {
        var before = PoolIndex.Of(change.Before!);
        var after = PoolIndex.Of(change.After);
        await paperwork.WriteAsync(change, cancellation);
        await pools.ApplyAsync(change, cancellation);
        var waits = after.Waiting.Length > before.Waiting.Length;
        var freed = after.Held.Length < before.Held.Length;
        var pool = change.After.Document.Pool;
        if (waits || (freed && !quiet.Contains(pool) && await pools.HasWaitingAsync(pool, cancellation))) await doorbell.RingAsync(pool, cancellation);
    }
}
