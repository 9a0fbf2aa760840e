using Broker.Core.Ids;
using Broker.Storage;
using Microsoft.Extensions.Options;

namespace Broker.Functions;

/// <summary>What a sweep consists of.</summary>
/// <param name="Pool">Sweeps one pool.</param>
/// <param name="Poison">Sweeps the queues of messages that failed too often.</param>
/// <param name="Marks">Tells for how long there has been somebody to hear from workers.</param>
public sealed record Sweepers(PoolSweep Pool, PoisonSweep Poison, SweepMarks Marks);

/// <summary>Finishes what a crash, a late message or a dead worker left undone, pool by pool.</summary>
public sealed partial class Sweep(PoolDirectory directory, PoolStore pools, Sweepers sweepers, IOptions<BrokerSettings> settings, ILogger<Sweep> log)
{
    /// <summary>How long after one sweep the next may come.</summary>
    private TimeSpan LongestGap => TimeSpan.FromSeconds(settings.Value.LostAfterSeconds + (2 * settings.Value.SweepSeconds));

    public async Task RunAsync(DateTimeOffset now, CancellationToken cancellation)
    {
        var heardSince = await sweepers.Marks.NoteAsync(now, LongestGap, cancellation);
        foreach (var pool in await directory.ListAsync(cancellation))
        {
            var snapshot = await pools.ReadAsync(pool, now, cancellation);
            try
            {
                await sweepers.Pool.RunAsync(snapshot, heardSince, now, cancellation);
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
