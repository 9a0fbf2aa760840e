using System.Collections.Immutable;
using System.Security.Cryptography;
using Broker.Core.Api;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Core.Market;
using Broker.Core.Verification;
using Broker.Functions.Jobs;
using Broker.Storage;

namespace Broker.Functions;

/// <summary>Makes attempts of a plan's assignments: takes the slots, writes the jobs, tells the workers.</summary>
public sealed class AttemptStart(AssignmentStore assignments, JobStore jobs, JobChanges changes, MessageQueues queues)
{
    private const int MostAtOnce = 8;

    /// <summary>Takes the slots. This is the only change that begins in the pool: a slot must never be sold twice.</summary>
    public Task<CommittedPlan> CommitAsync(PoolSnapshot snapshot, MatchPlan plan, DateTimeOffset now, CancellationToken cancellation) =>
        assignments.CommitAsync(snapshot, plan, now, cancellation);

    /// <summary>Writes the attempt into each job and sends it to its worker. A job that has moved on gets its slot back.</summary>
    public async Task BeginAsync(PoolName pool, ImmutableArray<Assignment> committed, DateTimeOffset now, CancellationToken cancellation)
    {
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, Math.Min(MostAtOnce, committed.Length)).Select(_ => BeginNextAsync()));

        async Task BeginNextAsync()
        {
            for (var i = Interlocked.Increment(ref next); i < committed.Length; i = Interlocked.Increment(ref next))
                await BeginAsync(pool, committed[i], now, cancellation);
        }
    }

    /// <summary>Sends an attempt to its worker.</summary>
    public Task SendAsync(WorkerId worker, AttemptId attempt, CancellationToken cancellation) => queues.SendAsync(
        QueueNames.Attempts(worker), new AttemptMessage(attempt.Job, attempt.Replica, attempt.Number), null, cancellation);

    private static Digest DrawSeed() => new(RandomNumberGenerator.GetBytes(Digest.Size));

    private async Task BeginAsync(PoolName pool, Assignment assignment, DateTimeOffset now, CancellationToken cancellation)
    {
        var attempt = assignment.Attempt;
        for (var recalled = jobs.Recall(attempt.Job); ; recalled = null)
        {
            var stored = recalled ?? await jobs.FindAsync(attempt.Job, cancellation);
            var decision = stored is null ? LifecycleRefusal.Ended : Lifecycle.Assign(stored.Job, assignment, DrawSeed(), now);
            if (recalled is not null && decision.Change is null) continue;
            if (decision.IsRefused)
            {
                await changes.ReleaseAsync(attempt, pool, stored?.Job, cancellation);
                return;
            }

            if (decision.Change is { } change && await jobs.WriteAsync(change, stored!.Version, cancellation) == WriteOutcome.Conflict) continue;
            await SendAsync(assignment.Offer.Worker, attempt, cancellation);
            return;
        }
    }
}
