using System.Diagnostics.CodeAnalysis;
using Broker.Core.Api;
using Broker.Core.Ids;
using Broker.Worker.Execution;

namespace Broker.Worker.Attempts;

/// <summary>A run that this worker is at: how far it is, and whether it is to stop.</summary>
[SuppressMessage("Design", "CA1001", Justification = "It has no timer to free, and a late heartbeat may still stop what has just ended.")]
internal sealed class LiveRun(AttemptId attempt, MessageLease lease)
{
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stop = new();
    private Progress? _progress;

    public AttemptId Attempt { get; } = attempt;

    /// <summary>The message that it runs for.</summary>
    public MessageLease Lease { get; } = lease;

    /// <summary>New with every start: the parts that an earlier run stored never mix with this one's.</summary>
    public string Run { get; } = Guid.NewGuid().ToString("N");

    public CancellationToken Stopping => _stop.Token;

    public StopReason StopReason { get; private set; }

    /// <summary>Stops it. Of several reasons the first counts.</summary>
    public void Stop(StopReason reason)
    {
        lock (_lock)
        {
            if (StopReason != StopReason.None) return;
            StopReason = reason;
        }

        _stop.Cancel();
    }

    /// <summary>Notes how far it is. Threads that finish blocks at once may tell of them in any order.</summary>
    public void Note(ExecutionProgress progress, long blocksTotal)
    {
        lock (_lock)
        {
            if (_progress is null || progress.BlocksDone > _progress.BlocksDone)
                _progress = new Progress(progress.Step, progress.BlocksDone, blocksTotal);
        }
    }

    public RunningAttempt Describe()
    {
        lock (_lock) return new RunningAttempt(Attempt.Job, Attempt.Replica, Attempt.Number, Run, _progress);
    }
}
