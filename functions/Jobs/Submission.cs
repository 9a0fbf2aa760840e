using Broker.Core.Jobs;
using Broker.Core.Market;
using Broker.Storage;

namespace Broker.Functions.Jobs;

/// <summary>Writes a job that was checked, so that a crash at any point loses nothing and doubles nothing.</summary>
/// <remarks>
/// Its rows in the pool come first, still out of the market; then its own rows, and its account's line. The bell that rings for it
/// names it: that lets it into the market. Where no bell comes, the sweep finds the pool's rows.
/// </remarks>
public sealed class Submission(JobStore jobs, PoolStore pools, JobIndexStore index, Doorbell doorbell)
{
    /// <summary>Writes a new job.</summary>
    /// <returns>The job, and whether it is new; null where the id belongs to another request.</returns>
    public async Task<(JobRecord? Job, bool IsNew)> WriteAsync(JobChange submitted, CancellationToken cancellation)
    {
        var job = submitted.After;
        await pools.BeginSubmissionAsync(job, cancellation);
        if (await jobs.WriteAsync(submitted, null, cancellation) == WriteOutcome.Written)
        {
            await FinishAsync(job, cancellation);
            return (job, true);
        }

        var stored = await jobs.FindAsync(job.Id, cancellation);
        if (stored is null) throw new InvalidOperationException($"job {job.Id} was refused as existing and is not there");
        if (stored.Job.SubmittedAt != job.SubmittedAt) await pools.DropSubmissionAsync(job, cancellation);
        await FinishAsync(stored.Job, cancellation);
        return (stored.Job.RequestHash == job.RequestHash ? stored.Job : null, false);
    }

    private async Task FinishAsync(JobRecord job, CancellationToken cancellation)
    {
        await index.WriteAsync(job, cancellation);
        if (PoolIndex.Of(job).Waiting.Length > 0)
            await doorbell.RingAsync(job.Document.Pool, new SubmittedJob(job.Id, job.SubmittedAt), cancellation);
    }
}
