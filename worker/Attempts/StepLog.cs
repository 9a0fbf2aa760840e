using System.Globalization;
using Broker.Core.Jobs;

namespace Broker.Worker.Attempts;

/// <summary>Tells in a run's log when each step began and how long it took.</summary>
/// <remarks>Safe for many threads, which may tell of their progress in any order.</remarks>
internal sealed class StepLog(JobDocument document, RunLog log, TimeProvider clock)
{
    private readonly Lock _lock = new();
    private int _step = -1;
    private long _since;

    /// <summary>Notes that a step runs.</summary>
    public void Note(int step)
    {
        // Read without the lock: nearly every call is about the step that is known to run.
        if (step <= Volatile.Read(ref _step)) return;
        lock (_lock)
        {
            if (step <= _step) return;
            SayEnd();
            _step = step;
            _since = clock.GetTimestamp();
            var spec = document.Steps[step];
            var times = spec.Repeat == 1 ? "" : $", {spec.Repeat} times";
            log.Say($"step {step}: kernel '{spec.Kernel}', grid {spec.Grid}, block {spec.Block}{times}");
        }
    }

    /// <summary>Passes on a line that the running step's kernel printed.</summary>
    public void SayPrinted(string line) => log.Say($"step {Volatile.Read(ref _step)} prints: {line}");

    /// <summary>Notes that no step runs any more.</summary>
    public void End()
    {
        lock (_lock) SayEnd();
    }

    private void SayEnd()
    {
        if (_step < 0) return;
        var seconds = clock.GetElapsedTime(_since).TotalSeconds.ToString("0.000", CultureInfo.InvariantCulture);
        log.Say($"step {_step}: over after {seconds} s");
    }
}
