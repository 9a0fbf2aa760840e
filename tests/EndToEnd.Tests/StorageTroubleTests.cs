using Broker.Client;
using Broker.Core.Api;
using Broker.Core.Jobs;
using Broker.Core.Verification;

namespace Broker.EndToEnd.Tests;

public sealed class StorageTroubleTests
{
    private const int JobCount = 100;
    private const int Seed = 20261;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string, int[], double> Kinds => new()
    {
        { "busy for two seconds, and later failing for two", [503, 500], 0 },
        { "every tenth write is done and its answer lost", [], 0.1 },
    };

    /// <summary>All that the function app and the workers have to do with the storage goes by a way on which things go wrong.</summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_hundred_jobs_end_once_each_as_they_should_whatever_the_storage_answers(string kind, int[] outages, double lostAnswers)
    {
        var trouble = new Trouble(Seed, outages, lostAnswers);
        await using var detour = new StorageDetour(trouble);
        await using var broker = await Processes.StartAsync(detour: detour.OpenAsync);
        await broker.AddWorkerAsync("one", "0.001", slots: 2);
        await broker.AddWorkerAsync("two", "0.001", slots: 2);

        trouble.Begin();
        var jobs = new JobView[JobCount];
        await Parallel.ForAsync(0, JobCount, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = Token }, async (i, _) =>
            jobs[i] = IsFaulty(i)
                ? await broker.Submitter.SubmitAsync(HostileKernels.OutOfBounds, "beyond", 1, 1, 1024, [], verification: Verification(i))
                : await broker.Submitter.SubmitAsync(HostileKernels.Spin, "spin", 1, 32, 1024, [new { u32 = 1000 }], verification: Verification(i)));

        for (var i = 0; i < JobCount; i++)
        {
            var ended = await broker.Submitter.WaitForOneEndAsync(jobs[i].Id);
            Assert.Equal(IsFaulty(i) ? JobState.Failed : JobState.Completed, ended.State);
            // A fault that is reproduced has passed its check too.
            Assert.Equal(IsVerified(i) ? VerdictKind.Passed : null, ended.Verdict?.Kind);
            if (!IsFaulty(i)) Assert.Equal(1, BitConverter.ToInt32(await broker.Submitter.ReadOutputAsync(ended.Id)));
        }

        // No request that was repeated has become a second job.
        var listed = await broker.Submitter.ListJobsAsync(new JobQuery { Limit = JobCount }, Token);
        Assert.Equal(jobs.Select(job => job.Id).ToHashSet(), listed.Items.Select(job => job.Id).ToHashSet());
        Assert.Null(listed.Next);
        Assert.Equal(0, trouble.OutagesLeft);
        Assert.True(outages.Length == 0 || trouble.Refused > 20, $"{kind}: {trouble.Refused} requests were refused");
        Assert.True(lostAnswers == 0 || trouble.Lost > 20, $"{kind}: {trouble.Lost} answers were lost");
    }

    private static bool IsFaulty(int job) => job % 10 == 7;

    /// <summary>A check takes a process of its own: some of the jobs say what there is to say about checks.</summary>
    private static bool IsVerified(int job) => job % 10 == 3 || job % 50 == 7;

    private static object? Verification(int job) => IsVerified(job) ? null : new { mode = "none" };
}
