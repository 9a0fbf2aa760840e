using System.Collections.Immutable;
using Broker.Core.Jobs;

namespace Broker.Core.Market;

/// <summary>What a pool must say about a job: its rows there are an index, and this is what they are made from.</summary>
/// <param name="Waiting">The replicas that need a worker.</param>
/// <param name="Held">The slots that it holds.</param>
/// <param name="Committed">What is committed and not judged yet.</param>
/// <remarks>Pure, so that a row that a crash left behind is put right by making it again.</remarks>
public sealed record PoolIndex(ImmutableArray<WaitingReplica> Waiting, ImmutableArray<HeldSlot> Held, ImmutableArray<CommittedReplica> Committed)
{
    public static PoolIndex Empty { get; } = new([], [], []);

    public static PoolIndex Of(JobRecord job)
    {
        if (job.State.IsEnded()) return Empty;
        var waiting = Enumerable.Range(0, job.Replicas).Where(job.IsWaiting).Select(replica => Wait(job, replica));
        var held = job.Attempts
            .Where(attempt => attempt.State.IsLive())
            .Select(attempt => new HeldSlot(
                job.Id, attempt.Replica, attempt.Number, attempt.Worker, attempt.Provider, attempt.AssignedAt,
                attempt.AssignedAt + job.Document.Terms.Timeout + HeldSlot.Grace));
        var committed = job.Attempts
            .Where(attempt => attempt.State == AttemptState.Committed)
            .Select(attempt => new CommittedReplica(job.Id, attempt.Replica, attempt.Number));
        return new PoolIndex([.. waiting], [.. held], [.. committed]);
    }

    private static WaitingReplica Wait(JobRecord job, int replica) => new()
    {
        Job = job.Id,
        Replica = replica,
        NextAttempt = (job.FindCurrent(replica)?.Number ?? 0) + 1,
        SubmittedAt = job.SubmittedAt,
        QueueUntil = job.QueueUntil,
        MemoryBytes = job.Document.Requires.MemoryBytes,
        ComputeCapability = job.Document.Requires.ComputeCapability,
        ShareThousandths = job.Document.Requires.ShareThousandths,
        MaxPrice = job.Document.Terms.MaxPrice,
        DelayValuePerHour = job.Document.Terms.DelayValuePerHour,
        Estimate = job.Document.Terms.Estimate,
        Timeout = job.Document.Terms.Timeout,
        Excluded = [.. job.Attempts.Select(Exclude).OfType<Exclusion>().GroupBy(e => e.Worker).Select(group => group.MaxBy(e => e.Until)!)],
    };

    /// <summary>A wrong result excludes its worker for good. A lost attempt may have been bad luck, and its worker the pool's only one.</summary>
    private static Exclusion? Exclude(AttemptRecord attempt) => attempt.State switch
    {
        AttemptState.Rejected => new Exclusion(attempt.Worker, DateTimeOffset.MaxValue),
        AttemptState.Lost => new Exclusion(attempt.Worker, (attempt.EndedAt ?? attempt.AssignedAt) + Exclusion.AfterLoss),
        _ => null,
    };
}
