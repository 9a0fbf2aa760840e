using System.Diagnostics;
using Broker.Client;
using Broker.Core.Api;
using Broker.Core.Jobs;
using Broker.Core.Verification;

namespace Broker.EndToEnd.Tests;

public sealed class StorageRestartTests : IDisposable
{
    private const int JobCount = 60;
    private readonly string _folder = Directory.CreateTempSubdirectory("broker-storage-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The storage goes away in mid load, and comes back on the same ports with all that it held.</summary>
    /// <remarks>
    /// It is stopped cleanly. The emulator answers from its memory and writes to its disk every five seconds and at a clean stop: a kill would
    /// take back what it has acknowledged, which a storage account never does.
    /// </remarks>
    [Fact]
    public async Task Every_job_ends_once_when_storage_goes_away_and_comes_back_in_mid_load()
    {
        await using var broker = await Processes.StartAsync(_folder);
        await broker.AddWorkerAsync("one", "0.001", slots: 2);
        await broker.AddWorkerAsync("two", "0.001", slots: 2);
        var jobs = new JobView[JobCount];
        var submitting = Parallel.ForAsync(0, JobCount, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = Token }, async (i, _) =>
            jobs[i] = await broker.Submitter.SubmitAsync(
                HostileKernels.Spin, "spin", 1, 32, 1024, [new { u32 = 300_000 }], verification: IsVerified(i) ? null : new { mode = "none" }));
        await UntilAsync(async () => (await broker.Submitter.ListJobsAsync(new JobQuery { State = JobState.Completed, Limit = 10 }, Token)).Items.Length == 10);

        await broker.StopStorageAsync();
        var stopped = DateTimeOffset.UtcNow;
        await Task.Delay(TimeSpan.FromSeconds(2), Token);
        await broker.StartStorageAsync();

        await submitting;
        var ends = new List<JobView>();
        foreach (var job in jobs) ends.Add(await broker.Submitter.WaitForOneEndAsync(job.Id));
        Assert.All(ends, job => Assert.Equal(JobState.Completed, job.State));
        Assert.All(ends.Index(), job => Assert.Equal(IsVerified(job.Index) ? VerdictKind.Passed : null, job.Item.Verdict?.Kind));
        Assert.Equal(JobCount, ends.DistinctBy(job => job.Id).Count());
        Assert.Equal(1, BitConverter.ToInt32(await broker.Submitter.ReadOutputAsync(jobs[0].Id)));
        Assert.Contains(ends, job => job.EndedAt < stopped);
        Assert.True(ends.Count(job => job.EndedAt > stopped) >= 10, "the storage was not stopped in mid load");

        // Nobody starts these again: that they are there says that they never ended.
        foreach (var process in broker.Workers.Select(worker => worker.ProcessId).Append(broker.Functions.ProcessId))
            Assert.False(Process.GetProcessById(process).HasExited);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>A check takes a process of its own, and would make the load that of the checks.</summary>
    private static bool IsVerified(int job) => job % 6 == 5;

    private static async Task UntilAsync(Func<Task<bool>> done)
    {
        for (var clock = Stopwatch.StartNew(); !await done(); await Task.Delay(50, Token))
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(60), "it has not come so far in a minute");
    }
}
