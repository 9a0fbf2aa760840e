using System.Collections.Immutable;
using Broker.Core.Ids;
using Broker.Core.Market;

namespace Broker.Storage;

/// <summary>A pool as it was read, with the versions that guard a plan made from it.</summary>
/// <param name="Market">What there is to match.</param>
/// <param name="Offers">The version of each offer.</param>
/// <param name="Waiting">The version of each waiting row, by its key.</param>
public sealed record PoolSnapshot(MarketSnapshot Market, ImmutableDictionary<WorkerId, RowVersion> Offers, ImmutableDictionary<string, RowVersion> Waiting)
{
    /// <summary>Replicas whose jobs were still being submitted when the pool was read: they are not in the market.</summary>
    public ImmutableArray<WaitingReplica> Pending { get; init; } = [];

    /// <summary>What is committed and not judged yet.</summary>
    public ImmutableArray<CommittedReplica> Committed { get; init; } = [];

    /// <summary>The pool with what was submitted since in its market.</summary>
    public PoolSnapshot Admit(IEnumerable<SubmittedJob> submitted)
    {
        var known = submitted.ToHashSet();
        var admitted = Pending.Where(replica => known.Contains(SubmittedJob.Of(replica))).ToImmutableArray();
        if (admitted.IsEmpty) return this;
        return this with
        {
            Market = Market with { Waiting = Market.Waiting.AddRange(admitted) },
            Pending = Pending.RemoveRange(admitted),
        };
    }
}

/// <summary>A job whose submission is complete. The time tells it from an earlier try with the same id that was cut off.</summary>
public readonly record struct SubmittedJob(JobId Job, DateTimeOffset At)
{
    public static SubmittedJob Of(WaitingReplica replica) => new(replica.Job, replica.SubmittedAt);
}
