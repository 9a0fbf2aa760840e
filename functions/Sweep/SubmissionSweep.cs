using Broker.Core.Market;
using Broker.Functions.Jobs;
using Broker.Storage;

namespace Broker.Functions;

/// <summary>Finishes submissions that were cut off after the job was written, and forgets those cut off before.</summary>
public sealed class SubmissionSweep(JobStore jobs, PoolStore pools, Submission submission)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Whoever began it may have been held up, and still write the job: no request lives as long as this, the host's own time limit is half of it.</summary>
    private static readonly TimeSpan LongestRequest = TimeSpan.FromHours(1);

    public async Task RunAsync(PoolSnapshot snapshot, DateTimeOffset now, CancellationToken cancellation)
    {
        foreach (var pending in snapshot.Submissions.Where(pending => now - pending.Since > Patience))
        {
            var stored = await jobs.FindAsync(pending.Job, cancellation);
            if (stored is not null) await submission.FinishAsync(stored.Job, cancellation);
            else if (now - pending.Since > LongestRequest) await pools.EndSubmissionAsync(snapshot.Market.Pool, pending.Job, PoolIndex.Empty, cancellation);
        }
    }
}
