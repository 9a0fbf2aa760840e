using System.Collections.Immutable;
using Broker.Core.Ids;

namespace Broker.Core.Market;

/// <summary>What a round decides: every waiting replica stands in exactly one of the two lists.</summary>
public sealed record MatchPlan(ImmutableArray<Assignment> Assignments, ImmutableArray<Unmatched> Unmatched);

/// <summary>A replica gets an offer's slot.</summary>
/// <param name="Waiting">The replica as it was read.</param>
/// <param name="Offer">The offer as it was read.</param>
/// <param name="Quote">The price that the match fixes.</param>
public sealed record Assignment(WaitingReplica Waiting, Offer Offer, Money Quote)
{
    public AttemptId Attempt => new(Waiting.Job, Waiting.Replica, Waiting.NextAttempt);
}

/// <summary>A replica stays without a worker, and why.</summary>
public sealed record Unmatched(JobId Job, int Replica, Explanation Explanation);
