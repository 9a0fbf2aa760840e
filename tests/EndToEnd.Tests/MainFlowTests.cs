using System.Runtime.InteropServices;
using Broker.Core.Jobs;
using Broker.Core.Market;

namespace Broker.EndToEnd.Tests;

public sealed class MainFlowTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_kernel_travels_the_whole_way_and_its_result_is_right()
    {
        await using var broker = await Processes.StartAsync();
        await broker.AddWorkerAsync("dear", "0.002");
        await broker.AddWorkerAsync("cheap", "0.001");
        var values = Enumerable.Range(0, 10_000).Select(i => i * 0.5f).ToArray();

        var job = await broker.Submitter.SubmitAsync(
            Submissions.Kernel("saxpy"), "saxpy", 40, 256, values.Length * 4, [new { u32 = values.Length }, new { f32 = 3.0 }],
            MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
        var ended = await broker.Submitter.WaitForEndAsync(job.Id);

        Assert.Equal(JobState.Completed, ended.State);
        Assert.Equal("cheap", Assert.Single(ended.Attempts).WorkerName);
        Assert.NotNull(ended.Price);
        var result = MemoryMarshal.Cast<byte, float>(await broker.Submitter.ReadOutputAsync(job.Id)).ToArray();
        Assert.Equal(values.Select(value => 3 * value), result);
        var events = (await broker.Submitter.ReadEventsAsync(job.Id, cancellation: Token)).Items;
        Assert.Equal(
            [
                JobEventKind.Submitted, JobEventKind.Assigned, JobEventKind.Started, JobEventKind.Committed, JobEventKind.Challenged, JobEventKind.Accepted,
                JobEventKind.Completed,
            ],
            events.Select(entry => entry.Kind));
    }

    [Fact]
    public async Task A_hostile_kernel_fails_with_its_line_and_the_worker_lives()
    {
        await using var broker = await Processes.StartAsync();
        var worker = await broker.AddWorkerAsync("worker", "0.001");

        var beyond = await broker.Submitter.SubmitAsync(HostileKernels.OutOfBounds, "beyond", 1, 1, 1024, []);
        var faulted = await broker.Submitter.WaitForEndAsync(beyond.Id);
        Assert.Equal(JobState.Failed, faulted.State);
        Assert.Contains("line", faulted.Reason, StringComparison.Ordinal);
        Assert.Contains("out", faulted.Reason, StringComparison.Ordinal);

        var endless = await broker.Submitter.SubmitAsync(HostileKernels.Endless, "endless", 1, 1, 1024, [], terms: new { timeout = "2s" });
        var stopped = await broker.Submitter.WaitForEndAsync(endless.Id);
        Assert.Equal(JobState.Failed, stopped.State);
        Assert.Contains("line", stopped.Reason, StringComparison.Ordinal);
        Assert.Single(stopped.Attempts);

        var next = await broker.Submitter.SubmitAsync(HostileKernels.Spin, "spin", 1, 32, 1024, [new { u32 = 10 }]);
        var completed = await broker.Submitter.WaitForEndAsync(next.Id);
        Assert.Equal(JobState.Completed, completed.State);
        Assert.Equal(worker.Id, completed.Attempts[0].Worker);
    }

    [Fact]
    public async Task A_cancelled_job_is_stopped_and_its_worker_goes_on()
    {
        await using var broker = await Processes.StartAsync();
        await broker.AddWorkerAsync("worker", "0.001");
        var job = await broker.Submitter.SubmitAsync(HostileKernels.Endless, "endless", 1, 1, 1024, []);
        await broker.Submitter.WaitAsync(job.Id, view => view.Attempts.Any(attempt => attempt.State == AttemptState.Started));
        Assert.Equal(JobState.Cancelled, (await broker.Submitter.CancelAsync(job.Id, Token)).State);

        var next = await broker.Submitter.SubmitAsync(HostileKernels.Spin, "spin", 1, 32, 1024, [new { u32 = 10 }]);
        Assert.Equal(JobState.Completed, (await broker.Submitter.WaitForEndAsync(next.Id)).State);
        Assert.Equal(JobState.Cancelled, (await broker.Submitter.ReadJobAsync(job.Id, Token)).State);
    }

    [Fact]
    public async Task A_job_that_no_offer_can_hold_says_why_and_expires()
    {
        await using var broker = await Processes.StartAsync();
        await broker.AddWorkerAsync("worker", "0.001");
        var job = await broker.Submitter.SubmitAsync(
            HostileKernels.Spin, "spin", 1, 32, 1024, [new { u32 = 10 }], terms: new { queueTimeout = "3s" }, requires: new { memory = "64GB" });
        var waiting = await broker.Submitter.ReadJobAsync(job.Id, Token);
        Assert.Equal(JobState.Queued, waiting.State);
        Assert.Contains("64GB (largest 256MB)", waiting.Reason, StringComparison.Ordinal);
        var expired = await broker.Submitter.WaitForEndAsync(job.Id);
        Assert.Equal(JobState.Expired, expired.State);
        Assert.Contains("64GB (largest 256MB)", expired.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_worker_that_is_told_to_stop_finishes_what_it_runs_and_withdraws_its_offer()
    {
        await using var broker = await Processes.StartAsync();
        var worker = await broker.AddWorkerAsync("worker", "0.001");
        var job = await broker.Submitter.SubmitAsync(HostileKernels.Spin, "spin", 1, 32, 1024, [new { u32 = 20_000_000 }]);
        await broker.Submitter.WaitAsync(job.Id, view => view.Attempts.Any(attempt => attempt.StartedAt is not null));
        await broker.StopAsync(worker);
        Assert.Equal(JobState.Completed, (await broker.Submitter.WaitForEndAsync(job.Id)).State);
        Assert.Empty((await broker.Submitter.ListOffersAsync(cancellation: Token)).Items);
    }

    [Fact]
    public async Task A_paused_offer_gets_no_job_until_it_is_active_again()
    {
        await using var broker = await Processes.StartAsync();
        var worker = await broker.AddWorkerAsync("worker", "0.001");
        using var provider = broker.Provider();
        await provider.SetOfferStateAsync(worker.Id, OfferState.Paused, Token);
        var job = await broker.Submitter.SubmitAsync(HostileKernels.Spin, "spin", 1, 32, 1024, [new { u32 = 10 }]);
        await Task.Delay(TimeSpan.FromSeconds(3), Token);
        Assert.Contains("paused", (await broker.Submitter.ReadJobAsync(job.Id, Token)).Reason, StringComparison.Ordinal);
        await provider.SetOfferStateAsync(worker.Id, OfferState.Active, Token);
        Assert.Equal(JobState.Completed, (await broker.Submitter.WaitForEndAsync(job.Id)).State);
    }
}
