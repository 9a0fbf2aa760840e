using Broker.Core.Api;
using Broker.Core.Jobs;
using Broker.Core.Verification;

namespace Broker.EndToEnd.Tests;

/// <summary>Checks that end neither with a result that is accepted nor with one that is wrong.</summary>
public sealed class UnusualCheckTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_fault_that_a_worker_claims_is_reproduced_and_the_job_fails_with_its_line()
    {
        await using var broker = await Processes.StartAsync();
        await broker.AddWorkerAsync("worker", "0.001");
        var job = await broker.Submitter.SubmitAsync(HostileKernels.OutOfBounds, "beyond", 1, 1, 1024, []);

        var ended = await broker.Submitter.WaitForOneEndAsync(job.Id);
        Assert.Equal(JobState.Failed, ended.State);
        Assert.Matches("PTX line [0-9]+", ended.Reason);
        var attempt = Assert.Single(ended.Attempts);
        Assert.Equal((AttemptState.Accepted, "the fault was reproduced"), (attempt.State, attempt.Reason));
        await AssertBlamelessAsync(broker);
    }

    [Fact]
    public async Task A_check_that_takes_more_than_its_budget_says_nothing_against_the_worker_and_the_next_one_is_made()
    {
        await using var broker = await Processes.StartAsync();
        await broker.AddWorkerAsync("worker", "0.001");
        var job = await broker.Submitter.SubmitAsync(
            HostileKernels.Spin, "spin", 1, 1, 1024, [new { u32 = 500_000_000 }], verification: new { mode = "full", budget = "1 cpu-seconds" });
        var next = await broker.SubmitSaxpyAsync();

        await AssertInconclusiveAsync(broker, await broker.Submitter.WaitForEndAsync(job.Id), "the check took more than the 1 cpu-seconds of verification.budget");
        Assert.Equal(1, BitConverter.ToInt32(await broker.Submitter.ReadOutputAsync(job.Id)));
        var ended = await broker.Submitter.WaitForOneEndAsync(next);
        Assert.Equal((JobState.Completed, VerdictKind.Passed), (ended.State, ended.Verdict?.Kind));
    }

    /// <summary>Zeros for a result that depends on which thread is faster: the kernel is to blame, whoever ran it.</summary>
    [Fact]
    public async Task A_block_that_races_is_never_held_against_a_worker()
    {
        await using var broker = await Processes.StartAsync();
        await broker.AddWorkerAsync("worker", "0.001", cheat: "zeros:1");
        var job = await broker.Submitter.SubmitAsync(HostileKernels.Racy, "racy", 1, 32, 128, []);
        await AssertInconclusiveAsync(broker, await broker.Submitter.WaitForEndAsync(job.Id), "PTX line ");
    }

    private static async Task AssertInconclusiveAsync(Processes broker, JobView ended, string reason)
    {
        Assert.Equal((JobState.Completed, VerdictKind.Inconclusive), (ended.State, ended.Verdict?.Kind));
        var attempt = Assert.Single(ended.Attempts);
        Assert.Equal(AttemptState.Inconclusive, attempt.State);
        Assert.Contains(reason, attempt.Reason, StringComparison.Ordinal);
        Assert.Contains(reason, ended.Reason, StringComparison.Ordinal);
        Assert.NotNull(ended.Price);
        Assert.Equal(VerdictKind.Inconclusive, Assert.Single((await broker.Submitter.ListReceiptsAsync(ended.Id, Token)).Items).Verdict.Kind);
        await AssertBlamelessAsync(broker);
    }

    private static async Task AssertBlamelessAsync(Processes broker)
    {
        var worker = Assert.Single((await broker.Submitter.ListWorkersAsync(cancellation: Token)).Items);
        Assert.Equal((0, null), (worker.Reputation.Wrong, worker.Reputation.Suspended));
    }
}
