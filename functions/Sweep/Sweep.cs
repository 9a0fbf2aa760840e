using Broker.Core.Ids;
using Broker.Storage;

namespace Broker.Functions;

/// <summary>What a sweep consists of.</summary>
/// <param name="Pool">Sweeps one pool.</param>
/// <param name="Poison">Sweeps the queues of messages that failed too often.</param>
public sealed record Sweepers(PoolSweep Pool, PoisonSweep Poison);

/// <summary>Finishes what a crash, a late message or a dead worker left undone, pool by pool.</summary>
public sealed partial class Sweep(PoolDirectory directory, PoolStore pools, Sweepers sweepers, ILogger<Sweep> log)
{
    public async Task RunAsync(DateTimeOffset now, CancellationToken cancellation)
    {
        foreach (var pool in await directory.ListAsync(cancellation))
        {
            var snapshot = await pools.ReadAsync(pool, now, cancellation);
            try
            {
                await sweepers.Pool.RunAsync(snapshot, now, cancellation);
            }
            catch (Exception e) when (StorageTrouble.Is(e))
            {
                // The other pools may fare better, and the next sweep comes soon.
                LogTrouble(e, pool);
            }
        }

        await sweepers.Poison.RunAsync(now, cancellation);
    }

    [LoggerMessage(LogLevel.Warning, "sweep of pool {Pool} was cut short")]
    private partial void LogTrouble(Exception exception, PoolName pool);
}
