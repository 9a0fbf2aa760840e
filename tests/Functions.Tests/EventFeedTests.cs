using Broker.Core.Jobs;
using Broker.Functions.Jobs;
using Broker.Storage;
using Broker.Tests;
using Microsoft.Extensions.Hosting;

namespace Broker.Functions.Tests;

public sealed class EventFeedTests(EmulatorFixture emulator)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_this_process_writes_rings_who_waits_without_another_look()
    {
        using var wait = await WaitAsync();
        var stored = await wait.Jobs.FindAsync(Make.JobId(), Token);
        await wait.Jobs.WriteAsync(Lifecycle.Cancel(stored!.Job, "test", Make.Noon).Change!, stored.Version, Token);
        Assert.Equal(JobEventKind.Cancelled, Assert.Single(await wait.Events.WaitAsync(Patience, Token)).Kind);
    }

    [Fact]
    public async Task A_program_that_stops_lets_nobody_wait()
    {
        using var wait = await WaitAsync();
        wait.Lifetime.StopApplication();
        Assert.Empty(await wait.Events.WaitAsync(Patience, Token));
    }

    /// <summary>Waits for the second event of a new job, by a clock on which no look ever comes due.</summary>
    private async Task<Waiting> WaitAsync()
    {
        var storage = await emulator.CreateStorageAsync();
        var jobs = new JobStore(storage);
        await jobs.WriteAsync(Make.Job(), null, Token);
        var lifetime = new Lifetime();
        var bells = new JobBells(jobs, lifetime);
        var seat = bells.TrySit(Make.Submitter, Make.JobId())!;
        var clock = new StandingClock();
        var events = new EventFeed(jobs, bells, storage.Meter, clock).WaitAsync(Make.JobId(), seat, (1, 10), TimeSpan.FromSeconds(30), Token);
        await clock.Asked.WaitAsync(Patience, Token);
        Assert.False(events.IsCompleted);
        return new Waiting(jobs, bells, lifetime, events);
    }

    private sealed record Waiting(JobStore Jobs, JobBells Bells, Lifetime Lifetime, Task<System.Collections.Immutable.ImmutableArray<JobEvent>> Events) : IDisposable
    {
        public void Dispose()
        {
            Bells.Dispose();
            Lifetime.Dispose();
        }
    }

    private sealed class StandingClock : TimeProvider
    {
        private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Completes when someone waits by this clock.</summary>
        public Task Asked => _asked.Task;

        public override DateTimeOffset GetUtcNow() => Make.Noon;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _asked.TrySetResult();
            return base.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    private sealed class Lifetime : IHostApplicationLifetime, IDisposable
    {
        private readonly CancellationTokenSource _stopping = new();

        public CancellationToken ApplicationStarted => CancellationToken.None;

        public CancellationToken ApplicationStopping => _stopping.Token;

        public CancellationToken ApplicationStopped => CancellationToken.None;

        public void StopApplication() => _stopping.Cancel();

        public void Dispose() => _stopping.Dispose();
    }
}
