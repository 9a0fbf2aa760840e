using System.Collections.Concurrent;
using System.Collections.Immutable;
using Broker.Core.Ids;
using Broker.Functions.Jobs;
using Broker.Storage;

namespace Broker.Functions;

/// <summary>Lets one round of a pool run at a time in this process; all who come while one runs are served by the next one together.</summary>
internal sealed class RoundGate
{
    private readonly ConcurrentDictionary<PoolName, Gate> _gates = new();

    /// <summary>Completes with a round that began after this call.</summary>
    /// <param name="call">Who calls for it, and what was submitted.</param>
    /// <param name="round">Runs the round. It is given what all its callers together know to be submitted.</param>
    public Task RunAsync(MatchRound call, Func<ImmutableArray<SubmittedJob>, Task> round)
    {
        var gate = _gates.GetOrAdd(call.Pool, _ => new Gate());
        lock (gate)
        {
            // A round that still waits for its turn has read nothing yet: it serves this caller as well.
            gate.Submitted.AddRange(call.Submitted);
            var running = gate.Running;
            return gate.Next ??= RunAfterAsync(running, gate, round);
        }
    }

    private static async Task RunAfterAsync(Task running, Gate gate, Func<ImmutableArray<SubmittedJob>, Task> round)
    {
        // Never inside the caller's lock.
        await Task.Yield();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        ImmutableArray<SubmittedJob> submitted;
        lock (gate)
        {
            gate.Running = gate.Next!;
            gate.Next = null;
            submitted = gate.Submitted.DrainToImmutable();
        }

        await round(submitted);
    }

    private sealed class Gate
    {
        public Task Running { get; set; } = Task.CompletedTask;

        public Task? Next { get; set; }

        /// <summary>What the callers of the next round know to be submitted.</summary>
        public ImmutableArray<SubmittedJob>.Builder Submitted { get; } = ImmutableArray.CreateBuilder<SubmittedJob>();
    }
}
