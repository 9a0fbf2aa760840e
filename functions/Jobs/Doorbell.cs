using System.Collections.Immutable;
using Broker.Core.Ids;
using Broker.Storage;

namespace Broker.Functions.Jobs;

/// <summary>Asks for a matching round of a pool.</summary>
/// <param name="Pool">The pool.</param>
public sealed record MatchRound(PoolName Pool)
{
    /// <summary>Jobs whose submission this message completes.</summary>
    public ImmutableArray<SubmittedJob> Submitted { get; init; } = [];
}

/// <summary>Wakes the matcher: something in a pool may fit now.</summary>
public sealed class Doorbell(MessageQueues queues)
{
    public Task RingAsync(PoolName pool, CancellationToken cancellation) => SendAsync(new MatchRound(pool), cancellation);

    /// <summary>Tells it of a job whose submission is complete.</summary>
    public Task RingAsync(PoolName pool, SubmittedJob submitted, CancellationToken cancellation) =>
        SendAsync(new MatchRound(pool) { Submitted = [submitted] }, cancellation);

    private Task SendAsync(MatchRound round, CancellationToken cancellation) => queues.SendAsync(QueueNames.MatchRounds, round, null, cancellation);
}
