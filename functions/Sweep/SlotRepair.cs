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
        if (result.Job is null || result.Refusal != LifecycleRefusal.None) await ReleaseAsync(pool, held, now, cancellation);
    }

    /// <summary>Sends the attempt to its worker again, where the job still counts on it.</summary>
    public async Task RemindAsync(PoolName pool, HeldSlot held, DateTimeOffset now, CancellationToken cancellation)
    {
        var id = held.Id;
        var stored = await jobs.FindAsync(held.Job, cancellation);
        if (stored?.Job.FindAttempt(held.Replica, held.Attempt)?.State.IsLive() == true) await attempts.SendAsync(held.Worker, id, cancellation);
        else await ReleaseAsync(pool, held, now, cancellation);
    }

    /// <summary>Gives back the slot of an attempt that its job does not count on.</summary>
    private async Task ReleaseAsync(PoolName pool, HeldSlot held, DateTimeOffset now, CancellationToken cancellation)
    {
        // A matcher that took the slot and was held up may still be about to write the attempt into the job: it must find that it came too late.
        var result = await changes.ApplyAsync(held.Job, job => Lifecycle.Abandon(job, held, now), cancellation);
        if (result.Refusal != LifecycleRefusal.WrongState) await changes.ReleaseAsync(held.Id, pool, result.Job, cancellation);
    }
}
