using Broker.Storage;
using Broker.Storage.Worker;
using Broker.Worker.Attempts;
using Microsoft.Extensions.Logging;

namespace Broker.Worker.Intake;

/// <summary>What the loop begins runs with, and in what.</summary>
internal sealed record Workplace(Slots Slots, LiveRuns Runs, AttemptRun Attempts);

/// <summary>Looks for attempts while slots are free, and begins a run for each.</summary>
internal sealed partial class QueueLoop(AttemptMessages messages, Reception reception, Workplace workplace, ILogger<QueueLoop> log)
{
    private static readonly TimeSpan PauseInTrouble = TimeSpan.FromSeconds(1);

    private readonly PollPace _pace = new();

    /// <summary>Takes attempts until it is told to end; then, once more, until none is left.</summary>
    /// <param name="clock">Measures the pauses.</param>
    /// <param name="ending">Ends it. The offer takes no new jobs by then: what the queue still holds was assigned before.</param>
    public async Task RunAsync(TimeProvider clock, CancellationToken ending)
    {
        while (true)
        {
            var last = ending.IsCancellationRequested;
            var free = last ? workplace.Slots.TakeFree() : await TakeSlotsAsync(ending);
            if (free == 0 && last) return;
            if (free == 0) continue;
            var pause = await ReceiveAsync(free);
            if (pause is null) continue;
            if (last) return;
            await PauseAsync(pause.Value, clock, ending);
        }
    }

    /// <returns>At least one; 0 where it is to end.</returns>
    private async Task<int> TakeSlotsAsync(CancellationToken ending)
    {
        try
        {
            return await workplace.Slots.TakeAsync(ending);
        }
        catch (OperationCanceledException)
        {
            return 0;
        }
    }

    /// <returns>The pause before the next look; null where something was found.</returns>
    private async Task<TimeSpan?> ReceiveAsync(int free)
    {
        var begun = 0;
        try
        {
            var received = await messages.ReceiveAsync(free, MessageLease.Visibility, CancellationToken.None);
            foreach (var message in received)
            {
                if (await reception.AdmitAsync(message) is not { } run) continue;
                begun++;
                _ = RunAsync(run);
            }

            if (received.Count == 0) return _pace.FoundNothing();
            _pace.Found();
            return null;
        }
        catch (Exception e) when (StorageTrouble.Is(e))
        {
            LogTrouble(e.Message.Split('\n', 2)[0].TrimEnd());
            return PauseInTrouble;
        }
        finally
        {
            workplace.Slots.Give(free - begun);
        }
    }

    private async Task RunAsync(LiveRun run)
    {
        try
        {
            await workplace.Attempts.RunAsync(run);
        }
        catch (Exception e)
        {
            // The edge of a slot: a bug costs the attempt, which comes again when its message is seen again, and not the worker.
            LogBug(e, run.Attempt.ToString());
        }
        finally
        {
            workplace.Runs.Remove(run);
            workplace.Slots.Give(1);
        }
    }

    private static async Task PauseAsync(TimeSpan pause, TimeProvider clock, CancellationToken ending)
    {
        try
        {
            await Task.Delay(pause, clock, ending);
        }
        catch (OperationCanceledException)
        {
            // The last look follows at once.
        }
    }

    [LoggerMessage(LogLevel.Warning, "The queue cannot be read: {Message}")]
    private partial void LogTrouble(string message);

    [LoggerMessage(LogLevel.Error, "{Attempt} failed in the worker itself")]
    private partial void LogBug(Exception e, string attempt);
}
