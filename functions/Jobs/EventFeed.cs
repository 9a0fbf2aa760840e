using System.Collections.Immutable;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Storage;

namespace Broker.Functions.Jobs;

/// <summary>Reads a job's history, and waits for it to go on.</summary>
public sealed class EventFeed(JobStore jobs, JobBells bells, OperationMeter meter, TimeProvider clock)
{
    /// <summary>
    /// What this process writes itself rings a bell at once. What another instance writes is found by looking, and every look
    /// is a paid storage operation: a second is soon enough for who waits, and thirty looks are what the longest wait may cost.
    /// </summary>
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    /// <summary>The events after one, as soon as there are any; none where the time is over before.</summary>
    /// <param name="job">A job that has not ended: one that has gets no more events.</param>
    /// <param name="seat">Where the caller waits.</param>
    /// <param name="page">After which event, and how many at the most.</param>
    /// <param name="wait">How long to wait.</param>
    /// <param name="cancellation">Ends the wait with an exception.</param>
    public async Task<ImmutableArray<JobEvent>> WaitAsync(
        JobId job, JobBells.Seat seat, (int After, int Most) page, TimeSpan wait, CancellationToken cancellation)
    {
        // Looks go on with time, not with jobs.
        using var uncounted = meter.Uncounted();
        var until = clock.GetUtcNow() + wait;
        while (true)
        {
            // Taken before the look: what is written after the look rings it.
            var rung = seat.Rung;
            var events = await jobs.ReadEventsAsync(job, page.After, page.Most, cancellation);
            var left = until - clock.GetUtcNow();
            if (events.Length > 0 || left <= TimeSpan.Zero || bells.IsClosed) return events;
            await PauseAsync(rung, left < Look ? left : Look, cancellation);
        }
    }

    private async Task PauseAsync(Task rung, TimeSpan longest, CancellationToken cancellation)
    {
        try
        {
            await rung.WaitAsync(longest, clock, cancellation);
        }
        catch (TimeoutException)
        {
            // Nobody rang here: time to look.
        }
    }
}
