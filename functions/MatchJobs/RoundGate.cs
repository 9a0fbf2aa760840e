using System.Collections.Concurrent;
using Broker.Core.Ids;

namespace Broker.Functions;

/// <summary>Lets one round of a pool run at a time in this process; all who come while one runs are served by the next one together.</summary>
internal sealed class RoundGate
{
    private readonly ConcurrentDictionary<PoolName, Gate> _gates = new();

    /// <summary>Completes with a round that began after this call.</summary>
    public Task RunAsync(PoolName pool, Func<Task> round)
    {
        var gate = _gates.GetOrAdd(pool, _ => new Gate());
        lock (gate)
        {
            // A round that still waits for its turn has read nothing yet: it serves this caller as well.
            var running = gate.Running;
            return gate.Next ??= RunAfterAsync(running, gate, round);
        }
    }

    private static async Task RunAfterAsync(Task running, Gate gate, Func<Task> round)
    {
        // Never inside the caller's lock.
        await Task.Yield();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        lock (gate)
        {
            gate.Running = gate.Next!;
            gate.Next = null;
        }

        await round();
    }

    private sealed class Gate
    {
        public Task Running { get; set; } = Task.CompletedTask;

        public Task? Next { get; set; }
    }
}
