using Broker.Core.Api;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Core.Verification;

namespace Broker.EndToEnd.Tests;

/// <summary>A worker that asks least, and leaves out a twentieth of the blocks.</summary>
public sealed class CheatTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_cheat_is_caught_and_the_job_runs_again_elsewhere()
    {
        await using var broker = await Processes.StartAsync();
        var cheat = await CatchAsync(broker);

        // One verifier alone may be wrong itself.
        Assert.Equal((1, null), (cheat.Wrong, cheat.Suspended));
    }

    [Fact]
    public async Task A_cheat_that_two_verifiers_see_gets_no_job_any_more()
    {
        await using var broker = await Processes.StartAsync(verifiers: 2);
        var cheat = await CatchAsync(broker);
        Assert.Equal(1, cheat.Wrong);
        Assert.StartsWith("two verifiers found the result of ", cheat.Suspended, StringComparison.Ordinal);

        var next = await broker.Submitter.WaitForOneEndAsync(await broker.SubmitSaxpyAsync());
        Assert.Equal(("honest", AttemptState.Accepted), Assert.Single(next.Attempts.Select(attempt => (attempt.WorkerName, attempt.State))));
    }

    /// <returns>What is known of the cheat afterwards.</returns>
    private static async Task<ReputationView> CatchAsync(Processes broker)
    {
        await broker.AddWorkerAsync("honest", "0.002");
        var cheat = await broker.AddWorkerAsync("cheat", "0.001", cheat: "zeros:0.05");
        var job = await broker.SubmitSaxpyAsync();

        var ended = await broker.Submitter.WaitForOneEndAsync(job);
        Assert.Equal((JobState.Completed, VerdictKind.Passed), (ended.State, ended.Verdict?.Kind));
        Assert.Equal([("cheat", AttemptState.Rejected), ("honest", AttemptState.Accepted)], ended.Attempts.Select(attempt => (attempt.WorkerName, attempt.State)));
        Assert.Matches("block [0-9]+ of launch 0 in 'out' at byte [0-9]+ is 0+, and must be ", ended.Attempts[0].Reason);
        Assert.Equal(Saxpy.Expected, await broker.Submitter.ReadOutputAsync(job));
        await AssertReceiptsAsync(broker, job, cheat.Id);

        var known = (await broker.Submitter.ListWorkersAsync(cancellation: Token)).Items.ToDictionary(worker => worker.Name, worker => worker.Reputation);
        Assert.Equal((1, 0), (known["honest"].Checked, known["honest"].Wrong));
        return known["cheat"];
    }

    /// <summary>Both attempts were judged, and anybody can see how; the one that failed is proven by opened leaves.</summary>
    private static async Task AssertReceiptsAsync(Processes broker, JobId job, WorkerId cheat)
    {
        var key = (await broker.Submitter.ReadBrokerKeyAsync(Token)).PublicKey;
        var receipts = (await broker.Submitter.ListReceiptsAsync(job, Token)).Items;
        Assert.Equal([VerdictKind.Failed, VerdictKind.Passed], receipts.Select(receipt => receipt.Verdict.Kind));
        Assert.All(receipts.SelectMany(receipt => ReceiptCheck.Check(receipt, key)), finding => Assert.True(finding.Holds, $"{finding.Name}: {finding.Says}"));
        Assert.Equal(cheat, receipts[0].Commitment.Statement.Worker);
        Assert.NotNull(receipts[0].Verdict.Mismatches[0].Opened);
    }
}
