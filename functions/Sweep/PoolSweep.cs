using Broker.Core.Jobs;
using Broker.Core.Market;
using Broker.Functions.Jobs;
using Broker.Storage;

namespace Broker.Functions;

/// <summary>Sweeps one pool: cut-off submissions, jobs nobody took in time, and a bell for what waits.</summary>
public sealed class PoolSweep(JobChanges changes, SubmissionSweep submissions, SlotSweep slots, CheckSweep checks, Doorbell doorbell)
{
    /// <param name="snapshot">The pool as it was read.</param>
    /// <param name="heardSince">Since when heartbeats have been taken in without a gap.</param>
    /// <param name="now">The time.</param>
    /// <param name="cancellation">Ends the work.</param>
    public async Task RunAsync(PoolSnapshot snapshot, DateTimeOffset heardSince, DateTimeOffset now, CancellationToken cancellation)
    {
        await submissions.RunAsync(snapshot, now, cancellation);
        await slots.RunAsync(snapshot, heardSince, now, cancellation);
        await checks.RunAsync(snapshot, now, cancellation);
        var expired = snapshot.Market.Waiting.Where(waiting => waiting.QueueUntil <= now).ToList();
        foreach (var waiting in expired) await ExpireAsync(snapshot, waiting, now, cancellation);

        // A bell may have been lost with the process that was to ring it.
        if (snapshot.Market.Waiting.Length > expired.Count) await doorbell.RingAsync(snapshot.Market.Pool, cancellation);
    }

    private async Task ExpireAsync(PoolSnapshot snapshot, WaitingReplica waiting, DateTimeOffset now, CancellationToken cancellation)
    {
        var reason = $"no offer took it in time: {Matcher.Explain(snapshot.Market, waiting).Describe(waiting)}";
        var result = await changes.ApplyAsync(waiting.Job, job => Lifecycle.Expire(job, reason, now), cancellation);
        if (result is { Refusal: not LifecycleRefusal.None, Job: { } job }) await changes.RestoreAsync(job, cancellation);
    }
}
