using Broker.Core.Api;
using Broker.Core.Jobs;

namespace Broker.EndToEnd.Tests;

public sealed class CrashTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_worker_killed_in_mid_job_loses_the_attempt_and_another_finishes_it()
    {
        await using var broker = await Processes.StartAsync();
        var first = await broker.AddWorkerAsync("first", "0.001");
        var job = await broker.Submitter.SubmitAsync(HostileKernels.Spin, "spin", 1, 64, 1024, [new { u32 = 30_000_000 }]);
        await broker.Submitter.WaitAsync(job.Id, view => view.Attempts.Any(attempt => attempt.State == AttemptState.Started));
        await first.KillAsync();
        await broker.AddWorkerAsync("second", "0.001");

        var ended = await broker.Submitter.WaitForEndAsync(job.Id);
        Assert.Equal(JobState.Completed, ended.State);
        Assert.Equal([("first", AttemptState.Lost), ("second", AttemptState.Accepted)], ended.Attempts.Select(a => (a.WorkerName, a.State)));
        Assert.Equal(1, BitConverter.ToInt32(await broker.Submitter.ReadOutputAsync(job.Id)));
    }

    [Fact]
    public async Task A_function_app_killed_in_mid_flow_loses_no_job_and_ends_none_twice()
    {
        await using var broker = await Processes.StartAsync();
        await broker.AddWorkerAsync("one", "0.001", slots: 2);
        await broker.AddWorkerAsync("two", "0.001", slots: 2);
        var jobs = new List<JobView>();
        for (var i = 0; i < 12; i++)
            jobs.Add(await broker.Submitter.SubmitAsync(HostileKernels.Spin, "spin", 1, 32, 1024, [new { u32 = 1_000_000 }]));
        await broker.Submitter.WaitAsync(jobs[0].Id, view => view.Attempts.Length > 0);

        await broker.Functions.KillAsync();
        await broker.StartFunctionsAsync();

        foreach (var job in jobs)
        {
            var ended = await broker.Submitter.WaitForEndAsync(job.Id);
            Assert.Equal(JobState.Completed, ended.State);
            var events = (await broker.Submitter.ReadEventsAsync(job.Id, cancellation: Token)).Items;
            Assert.Single(events, entry => entry.Kind == JobEventKind.Completed);
        }
    }
}
