using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Core.Market;
using Broker.Functions.Jobs;
using Broker.Storage;

namespace Broker.Functions;

/// <summary>Puts right a slot whose attempt does not go on.</summary>
public sealed class SlotRepair(JobStore jobs, JobChanges changes, AttemptStart attempts)
{
    /// <summary>Takes the attempt from its worker.</summary>
    public async Task LoseAsync(PoolName pool, HeldSlot held, string reason, DateTimeOffset now, CancellationToken cancellation)
    {
        var id = held.Id;
        var result = await changes.ApplyAsync(held.Job, job => Lifecycle.Lose(job, id, reason, now), cancellation);
        if (result.Job is null || result.Refusal != LifecycleRefusal.None) await ReleaseAsync(pool, id, cancellation);
    }

    /// <summary>Sends the attempt to its worker again, where the job still counts on it.</summary>
    public async Task RemindAsync(PoolName pool, HeldSlot held, CancellationToken cancellation)
    {
        var id = held.Id;
        var stored = await jobs.FindAsync(held.Job, cancellation);
        if (stored?.Job.FindAttempt(held.Replica, held.Attempt)?.State.IsLive() == true) await attempts.SendAsync(held.Worker, id, cancellation);
        else await ReleaseAsync(pool, id, cancellation);
    }

    /// <summary>Gives back the slot of an attempt that its job does not count on.</summary>
    private async Task ReleaseAsync(PoolName pool, AttemptId id, CancellationToken cancellation)
    {
        var stored = await jobs.FindAsync(id.Job, cancellation);
        if (stored is not null)
        {
            // A matcher that took the slot and was held up may still be about to write the attempt into the job.
            // The fence makes that write meet another version: it then finds that it came too late.
            if (stored.Job.FindAttempt(id.Replica, id.Number)?.State.IsLive() == true) return;
            if (await jobs.FenceAsync(stored, cancellation) == WriteOutcome.Conflict) return;
        }

        await changes.ReleaseAsync(id, pool, stored?.Job, cancellation);
    }
}
