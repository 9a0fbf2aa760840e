using Broker.Client;
using Broker.Core.Api;
using Broker.Core.Ids;
using Broker.Worker.Attempts;
using Microsoft.Extensions.Logging;

namespace Broker.Worker.Market;

/// <summary>Tells the broker that this worker lives and how far its runs are, and does what it answers.</summary>
internal sealed partial class HeartbeatLoop(WorkerIdentity worker, LiveRuns runs, TimeProvider clock, ILogger<HeartbeatLoop> log)
{
    /// <summary>How old the shown progress may be, and how late a cancelled job stops.</summary>
    private static readonly TimeSpan WhileRunning = TimeSpan.FromSeconds(2);

    /// <summary>How soon a run that begins is noticed.</summary>
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(500);

    /// <summary>Beats once.</summary>
    public async Task<HeartbeatAnswer> BeatAsync(CancellationToken cancellation)
    {
        var answer = await worker.Client.HeartbeatAsync(worker.Id, new Heartbeat(runs.Describe()), cancellation);
        foreach (var withdrawn in answer.Withdrawn)
            runs.Stop(new AttemptId(withdrawn.Job, withdrawn.Replica, withdrawn.Attempt), StopReason.Withdrawn);
        return answer;
    }

    /// <summary>Beats until it is cancelled.</summary>
    /// <param name="first">What the beat before answered.</param>
    /// <param name="answered">Told every answer. Trouble of the broker in it is trouble of the beat.</param>
    /// <param name="cancellation">Ends the loop without an exception.</param>
    /// <exception cref="BrokerException">The broker refuses this worker.</exception>
    public async Task RunAsync(HeartbeatAnswer first, Func<HeartbeatAnswer, Task> answered, CancellationToken cancellation)
    {
        var interval = TimeSpan.FromSeconds(first.IntervalSeconds);
        var last = clock.GetTimestamp();
        using var timer = new PeriodicTimer(Tick, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellation))
            {
                if (clock.GetElapsedTime(last) < (runs.IsEmpty || interval < WhileRunning ? interval : WhileRunning)) continue;
                last = clock.GetTimestamp();
                if (await TryBeatAsync(answered, cancellation) is { } seconds) interval = TimeSpan.FromSeconds(seconds);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The worker ends.
        }
    }

    private async Task<double?> TryBeatAsync(Func<HeartbeatAnswer, Task> answered, CancellationToken cancellation)
    {
        try
        {
            var answer = await BeatAsync(cancellation);
            await answered(answer);
            return answer.IntervalSeconds;
        }
        catch (BrokerException e) when (e.IsTrouble)
        {
            LogMissed(e.Message);
            return null;
        }
    }

    [LoggerMessage(LogLevel.Warning, "A heartbeat did not arrive: {Message}")]
    private partial void LogMissed(string message);
}
