using System.Collections.Concurrent;
using Broker.Core.Ids;

namespace Broker.Functions.Jobs;

/// <summary>The pools in which a round of this program has just left nobody waiting: a slot that comes free there need not ask who waits.</summary>
/// <remarks>
/// Whoever begins to wait rings for a round, and a round that runs makes its pool unquiet until it has left nobody waiting again.
/// Who is left waiting unseen all the same, by a round of another instance or by an assignment that its job refused, is rung for by the sweep.
/// </remarks>
public sealed class QuietPools(TimeProvider clock)
{
    private static readonly TimeSpan Life = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<PoolName, DateTimeOffset> _settled = new();

    /// <summary>A round begins.</summary>
    public void Disturb(PoolName pool) => _settled.TryRemove(pool, out _);

    /// <summary>A round has left nobody waiting.</summary>
    public void Settle(PoolName pool) => _settled[pool] = clock.GetUtcNow();

    public bool Contains(PoolName pool) => _settled.TryGetValue(pool, out var settled) && clock.GetUtcNow() - settled < Life;
}
