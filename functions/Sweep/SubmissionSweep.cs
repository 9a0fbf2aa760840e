using Broker.Core.Market;
using Broker.Storage;

namespace Broker.Functions;

/// <summary>Finishes submissions that were cut off after the job was written, and forgets those cut off before.</summary>
public sealed class SubmissionSweep(JobStore jobs, PoolStore pools, JobIndexStore index)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Whoever began it may have been held up, and still write the job: no request lives as long as this, the host's own time limit is half of it.</summary>
    private static readonly TimeSpan LongestRequest = TimeSpan.FromHours(1);

    public async Task RunAsync(PoolSnapshot snapshot, DateTimeOffset now, CancellationToken cancellation)
    {
        foreach (var pending in snapshot.Pending.Where(replica => now - replica.SubmittedAt > Patience).GroupBy(SubmittedJob.Of))
        {
            var stored = await jobs.FindAsync(pending.Key.Job, cancellation);
            if (stored is null)
            {
                if (now - pending.Key.At > LongestRequest) await pools.DropSubmissionAsync(snapshot, pending, cancellation);
                continue;
            }

            // Rows of another time belong to a try that was cut off before another one wrote the job.
            await index.WriteAsync(stored.Job, cancellation);
            var waiting = PoolIndex.Of(stored.Job).Waiting;
            var isWaiting = pending.ToLookup(replica => waiting.Any(its => its.Replica == replica.Replica && its.SubmittedAt == replica.SubmittedAt));
            await pools.EndSubmissionAsync(snapshot, isWaiting[true], cancellation);
            await pools.DropSubmissionAsync(snapshot, isWaiting[false], cancellation);
        }
    }
}
