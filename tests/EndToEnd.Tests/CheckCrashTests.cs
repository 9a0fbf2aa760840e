using Broker.Cli.Stack;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Core.Verification;

namespace Broker.EndToEnd.Tests;

/// <summary>Something dies while a result is checked: there is one verdict all the same.</summary>
public sealed class CheckCrashTests
{
    /// <summary>What a check has to count for it to take some seconds.</summary>
    private const int Long = 300_000_000;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_check_whose_verifier_is_killed_goes_to_another_one()
    {
        await using var broker = await Processes.StartAsync(verifiers: 2);
        var (job, verifier) = await SubmitUntilCheckedAsync(broker);
        await verifier.KillAsync();
        await AssertJudgedOnceAsync(broker, job, "the verifier fell silent", broker.Verifiers.Single(other => other != verifier).Id);
    }

    [Fact]
    public async Task A_check_whose_verifier_is_killed_is_made_by_the_same_one_when_it_is_back()
    {
        await using var broker = await Processes.StartAsync();
        var (job, verifier) = await SubmitUntilCheckedAsync(broker);
        await verifier.KillAsync();
        Assert.Equal(verifier.Id, (await broker.AddVerifierAsync(verifier.Name)).Id);
        await AssertJudgedOnceAsync(broker, job, null, verifier.Id);
    }

    [Fact]
    public async Task A_function_app_killed_between_commitment_and_verdict_takes_in_the_one_verdict()
    {
        await using var broker = await Processes.StartAsync();
        var (job, verifier) = await SubmitUntilCheckedAsync(broker);
        await broker.Functions.KillAsync();
        await broker.StartFunctionsAsync();
        await AssertJudgedOnceAsync(broker, job, null, verifier.Id);
    }

    /// <summary>Submits a job whose check takes some seconds, and waits until a verifier makes it.</summary>
    private static async Task<(JobId Job, WorkerProcess Verifier)> SubmitUntilCheckedAsync(Processes broker)
    {
        await broker.AddWorkerAsync("worker", "0.001");
        var job = await broker.Submitter.SubmitAsync(HostileKernels.Spin, "spin", 1, 1, 1024, [new { u32 = Long }], verification: new { mode = "full" });
        WorkerProcess? verifier = null;
        await broker.Submitter.WaitAsync(job.Id, _ => (verifier = broker.Verifiers.FirstOrDefault(verifier => verifier.LastLines.Contains($"check 1 of {job.Id}", StringComparison.Ordinal))) is not null);
        Assert.Equal(JobState.Verifying, (await broker.Submitter.ReadJobAsync(job.Id, Token)).State);
        return (job.Id, verifier!);
    }

    /// <param name="broker">The broker.</param>
    /// <param name="job">The job.</param>
    /// <param name="again">Why the check was given to somebody a second time; null where it was not.</param>
    /// <param name="verifier">Who has judged.</param>
    private static async Task AssertJudgedOnceAsync(Processes broker, JobId job, string? again, WorkerId verifier)
    {
        var ended = await broker.Submitter.WaitForOneEndAsync(job);
        Assert.Equal((JobState.Completed, VerdictKind.Passed), (ended.State, ended.Verdict?.Kind));
        Assert.Equal(AttemptState.Accepted, Assert.Single(ended.Attempts).State);
        var events = (await broker.Submitter.ReadEventsAsync(job, cancellation: Token)).Items;
        Assert.Single(events, entry => entry.Kind == JobEventKind.Accepted);
        Assert.Equal(again is null ? [null] : [null, again], events.Where(entry => entry.Kind == JobEventKind.Challenged).Select(entry => entry.Text));
        Assert.Equal(verifier, Assert.Single((await broker.Submitter.ListReceiptsAsync(job, Token)).Items).Verifier);
        Assert.Equal(1, BitConverter.ToInt32(await broker.Submitter.ReadOutputAsync(job)));
    }
}
