using Broker.Core.Ids;
using Broker.Storage;

namespace Broker.Functions.Jobs;

/// <summary>Asks for a matching round of a pool.</summary>
public sealed record MatchRound(PoolName Pool);

/// <summary>Wakes the matcher: something in a pool may fit now.</summary>
public sealed class Doorbell(MessageQueues queues)
{
    public Task RingAsync(PoolName pool, CancellationToken cancellation) =>
        queues.SendAsync(QueueNames.MatchRounds, new MatchRound(pool), null, cancellation);
}
