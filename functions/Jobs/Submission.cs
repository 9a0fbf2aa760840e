using System.Collections.Immutable;
using Broker.Core.Jobs;
using Broker.Core.Market;
using Broker.Storage;

namespace Broker.Functions.Jobs;

/// <summary>Writes a job that was checked, so that a crash at any point loses nothing and doubles nothing.</summary>
public sealed class Submission(JobStore jobs, PoolStore pools, JobIndexStore index, Doorbell doorbell)
{
    /// <summary>Writes a new job.</summary>
    /// <returns>The job, and whether it is new; null where the id belongs to another request.</returns>
    public async Task<(JobRecord? Job, bool IsNew)> WriteAsync(JobChange submitted, CancellationToken cancellation)
    {
        var job = submitted.After;
        var pool = job.Document.Pool;
        await pools.BeginSubmissionAsync(pool, job.Id, job.SubmittedAt, cancellation);
        if (await jobs.WriteAsync(submitted, null, cancellation) == WriteOutcome.Written)
        {
            await FinishAsync(job, cancellation);
            return (job, true);
        }

        var stored = await jobs.FindAsync(job.Id, cancellation);
        if (stored is null) throw new InvalidOperationException($"job {job.Id} was refused as existing and is not there");
        await FinishAsync(stored.Job, cancellation);
        return (stored.Job.RequestHash == job.RequestHash ? stored.Job : null, false);
    }

    /// <summary>Does what comes after the job's own row. The sweep does the same for a submission that was cut off.</summary>
    public async Task FinishAsync(JobRecord job, CancellationToken cancellation)
    {
        await index.WriteAsync(job, cancellation);
        var waiting = PoolIndex.Of(job) with { Held = ImmutableArray<HeldSlot>.Empty };
        await pools.EndSubmissionAsync(job.Document.Pool, job.Id, waiting, cancellation);
        if (waiting.Waiting.Length > 0) await doorbell.RingAsync(job.Document.Pool, cancellation);
    }
}
