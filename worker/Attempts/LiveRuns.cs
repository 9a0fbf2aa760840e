using System.Collections.Immutable;
using Broker.Core.Api;
using Broker.Core.Ids;

namespace Broker.Worker.Attempts;

/// <summary>The runs that this worker is at, each attempt at most once.</summary>
internal sealed class LiveRuns
{
    private readonly Lock _lock = new();
    private readonly Dictionary<AttemptId, LiveRun> _runs = [];
    private TaskCompletionSource? _idle;

    public bool IsEmpty
    {
        get
        {
            lock (_lock) return _runs.Count == 0;
        }
    }

    /// <summary>Adds a run, unless its attempt runs here already.</summary>
    /// <returns>The run that was there before; null where it was added.</returns>
    public LiveRun? FindOrAdd(LiveRun run)
    {
        lock (_lock)
        {
            if (_runs.TryGetValue(run.Attempt, out var before)) return before;
            _runs[run.Attempt] = run;
            return null;
        }
    }

    public void Remove(LiveRun run)
    {
        lock (_lock)
        {
            _runs.Remove(run.Attempt);
            if (_runs.Count == 0) _idle?.TrySetResult();
        }
    }

    public void Stop(AttemptId attempt, StopReason reason) => Find(attempt)?.Stop(reason);

    public void StopAll(StopReason reason)
    {
        foreach (var run in Snapshot()) run.Stop(reason);
    }

    public ImmutableArray<RunningAttempt> Describe() => [.. Snapshot().Select(run => run.Describe())];

    /// <summary>Completes when nothing runs. New runs must not begin meanwhile.</summary>
    public Task WhenEmptyAsync()
    {
        lock (_lock)
        {
            if (_runs.Count == 0) return Task.CompletedTask;
            _idle = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _idle.Task;
        }
    }

    private LiveRun? Find(AttemptId attempt)
    {
        lock (_lock) return _runs.GetValueOrDefault(attempt);
    }

    private ImmutableArray<LiveRun> Snapshot()
    {
        lock (_lock) return [.. _runs.Values];
    }
}
