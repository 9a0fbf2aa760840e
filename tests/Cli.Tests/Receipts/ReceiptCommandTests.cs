using System.Net;
using System.Text.Json;
using Broker.Cli.Tests.Commands;
using Broker.Core.Api;
using Broker.Core.Documents;
using Broker.Core.Verification;

namespace Broker.Cli.Tests.Receipts;

public sealed class ReceiptCommandTests
{
    private static readonly string Id = Views.Id.ToString();
    private static readonly string Route = $"GET /api/jobs/{Id}/receipt";

    public static TheoryData<string, VerificationMode, Verdict, string> Verdicts => new()
    {
        {
            "nothing unowned", VerificationMode.Sample, Passed(30, unowned: 0, compared: 18),
            "passed: at least 93.7 % of the blocks are right, at 95 % confidence: 30 of 64 re-executed; every byte that no block owns is untouched"
        },
        {
            "some leaves not compared", VerificationMode.Sample, Passed(30, unowned: 2, compared: 9) with { Added = 2 },
            "30 of 64 re-executed, and 2 at corners of grids on top; the 2 leaves of 4 KiB that no block owns a byte of are untouched; of the 16 leaves that blocks own bytes of, 9 were compared: in those every byte that no block owns is untouched"
        },
        {
            "no map of the writes", VerificationMode.Sample, Passed(30, unowned: null, compared: 9),
            "30 of 64 re-executed; which bytes no block owns is not known, and those were not all checked"
        },
        { "all blocks", VerificationMode.Full, Passed(64, unowned: 2, compared: 16), "passed: every block was executed again: the result is right\n" },
        { "all blocks, no map", VerificationMode.Full, Passed(64, unowned: null, compared: 16), "passed: every block was executed again: what the blocks write is right; which bytes no block owns is not known" },
        {
            "wrong blocks", VerificationMode.Sample, Passed(30, 0, 18) with
            {
                Kind = VerdictKind.Failed, MismatchCount = 3,
                Mismatches = [new Mismatch(new BlockIndex(0, 17), "y", 4096, "00000000", "0000803f"), new Mismatch(null, "y", 65_536, "01", "00")],
            },
            "failed: the result is not what the program computes\n  block 17 of launch 0, 'y' at byte 4096: there stood 00000000, and there must stand 0000803f\n  'y' at byte 65536: there stood 01, and there must stand 00\n  and 1 more"
        },
        {
            "withheld", VerificationMode.Sample, Passed(0, null, 0) with { Kind = VerdictKind.Failed, Reason = "leaf 3 of 'y' cannot be had" },
            "failed: the result is not what the program computes: leaf 3 of 'y' cannot be had"
        },
        {
            "a race", VerificationMode.Sample, Passed(0, null, 0) with { Kind = VerdictKind.Inconclusive, Reason = "two threads write one place" },
            "inconclusive: nothing can be said about the result, and the worker is not to blame: two threads write one place"
        },
    };

    [Theory]
    [MemberData(nameof(Verdicts))]
    public async Task Each_verdict_is_told_with_what_it_shows(string what, VerificationMode mode, Verdict verdict, string words)
    {
        using var job = new JudgedJob(BrokerJson.Word(mode));
        await using var broker = Answering(job).Answer(Route, job.Sign(job.State(job.Honest), verdict));
        var run = await CommandRun.RunAsync(broker, "receipt", Id);
        Assert.True((run.Output.ReplaceLineEndings("\n")).Contains(words, StringComparison.Ordinal), $"{what}: {run.Output}{run.Error}");
    }

    [Fact]
    public async Task With_json_it_is_the_receipt_itself_and_a_saved_one_is_the_same()
    {
        using var job = new JudgedJob();
        var receipt = await job.JudgeAsync(job.Honest);
        await using var broker = Answering(job).Answer(Route, receipt);
        var file = Path.Combine(job.Folder, "new", "receipt.json");
        var run = (await CommandRun.RunAsync(broker, "receipt", Id, "--out", file, "--json")).Ends(ExitCode.Ok);
        Assert.Contains("Its signatures hold, and one is the broker's.", run.Error, StringComparison.Ordinal);
        var saved = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
        foreach (var text in (string[])[run.Output, saved])
        {
            var read = JsonSerializer.Deserialize<Receipt>(text, BrokerJson.Options)!;
            Assert.Equal(receipt.Encode(), read.Encode());
            Assert.Equal(receipt.Signature, read.Signature);
        }
    }

    [Fact]
    public async Task All_of_them_are_told_and_saved_by_their_attempts()
    {
        using var job = new JudgedJob();
        var first = job.Sign(job.State(job.Honest), Passed(0, null, 0) with { Kind = VerdictKind.Inconclusive, Reason = "a race" });
        var second = job.Sign(job.State(job.Honest) with { Attempt = 2, SeedCommit = Core.Verification.Seed.Commit(first.Seed, new(Views.Id, 0, 2)) }, Passed(64, 2, 16));
        await using var broker = Answering(job).Answer(Route + "s", new Page<Receipt>([first, second]));
        var run = (await CommandRun.RunAsync(broker, "receipt", Id, "--all", "--json", "--out", Path.Combine(job.Folder, "r.json"))).Ends(ExitCode.Ok);
        Assert.Equal(["inconclusive", "passed"], run.Json.Select(receipt => receipt.GetProperty("verdict").GetProperty("kind").GetString()));
        Assert.All((string[])["r.0-1.json", "r.0-2.json"], name => Assert.True(File.Exists(Path.Combine(job.Folder, name)), name));
    }

    [Fact]
    public async Task One_that_does_not_hold_is_1_and_told()
    {
        using var job = new JudgedJob();
        var receipt = await job.JudgeAsync(job.Honest);
        await using var broker = Answering(job).Answer(Route, receipt with { At = receipt.At.AddDays(1) }).Answer(Route, job.SignAsAnother(receipt));
        Assert.Contains("WRONG broker signature", (await CommandRun.RunAsync(broker, "receipt", Id)).Ends(ExitCode.Failed).Error, StringComparison.Ordinal);
        Assert.Contains("WRONG broker key", (await CommandRun.RunAsync(broker, "receipt", Id)).Ends(ExitCode.Failed).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_job_that_nobody_judged_is_1()
    {
        await using var broker = new FakeBroker().Refuse(Route, HttpStatusCode.Conflict, "not-judged", "nothing was judged");
        Assert.Contains("nothing was judged", (await CommandRun.RunAsync(broker, "receipt", Id)).Ends(ExitCode.Failed).Error, StringComparison.Ordinal);
    }

    private static FakeBroker Answering(JudgedJob job) => new FakeBroker().Answer("GET /api/broker-key", new BrokerKeyView(job.BrokerKey));

    private static Verdict Passed(long sampled, long? unowned, long compared) =>
        new() { Kind = VerdictKind.Passed, Blocks = 64, Sampled = sampled, UnownedLeaves = unowned, ComparedLeaves = compared };
}
