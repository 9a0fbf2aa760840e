using System.Text.Json.Nodes;
using Broker.Cli.Tests.Commands;
using Broker.Core.Verification;

namespace Broker.Cli.Tests.Receipts;

/// <summary><c>broker receipt verify</c>, offline, with receipts that were made as the broker makes them.</summary>
public sealed class VerifyReceiptCommandTests
{
    /// <summary>A byte that block 17 writes.</summary>
    private const int InBlock17 = (17 * JudgedJob.BlockBytes) + 40;

    [Theory]
    [InlineData("sample", 1, "at least 90.6 % of the blocks are right, at 95 % confidence: 22 of 64 re-executed, and 1 at corners of grids on top; the 2 leaves of 4 KiB that no block owns a byte of are untouched; of the 16 leaves that blocks own bytes of, 13 were compared: in those every byte that no block owns is untouched")]
    [InlineData("full", 1, "every block was executed again: the result is right")]
    [InlineData("full", 3, "every block was executed again: the result is right")]
    public async Task An_honest_receipt_holds(string mode, int repeat, string words)
    {
        using var job = await HonestAsync(mode, repeat);
        var run = (await VerifyAsync(job)).Ends(ExitCode.Ok);
        Assert.All((string[])["broker signature", "output 'y'", "program", "input 'x'", "execution"], name => Assert.Contains($"ok       {name}: ", run.Output, StringComparison.Ordinal));
        Assert.Contains("The receipt holds.", run.Output, StringComparison.Ordinal);
        Assert.True(run.Output.Contains($"passed: {words}", StringComparison.Ordinal), run.Output);
        Assert.Contains("Executing again, on this machine", run.Error, StringComparison.Ordinal);
    }

    /// <summary>As of a worker that is new to the broker.</summary>
    [Fact]
    public async Task A_receipt_of_a_larger_sample_than_was_asked_for_holds()
    {
        using var job = new JudgedJob();
        job.SaveResult(job.Honest);
        await job.SaveAsync(await job.JudgeAsync(job.Honest, sample: 50));
        Assert.Contains("50 of 64 re-executed", (await VerifyAsync(job)).Ends(ExitCode.Ok).Output, StringComparison.Ordinal);
    }

    public static TheoryData<string, string, Action<JsonNode>> Edits => new()
    {
        { "the name of the job", "broker signature", receipt => receipt["document"]!["name"] = "another" },
        { "an argument", "job", receipt => receipt["document"]!["steps"]![0]!["arguments"]![3]!["f32"] = 3 },
        { "what was asked of the sample", "job", receipt => receipt["document"]!["verification"]!["fraction"] = 0.5 },
        { "the number of blocks", "sample", receipt => receipt["verdict"]!["sampled"] = 64 + 1 },
        { "a smaller sample", "sample", receipt => receipt["verdict"]!["sampled"] = 3 },
        { "the kind of the verdict", "broker signature", receipt => receipt["verdict"]!["kind"] = "inconclusive" },
        { "the seed", "seed", receipt => receipt["seed"] = new string('0', 64) },
        { "the usage", "worker signature", receipt => receipt["commitment"]!["statement"]!["usage"]!["seconds"] = 0.5 },
        { "a root", "worker signature", receipt => receipt["commitment"]!["statement"]!["buffers"]![0]!["root"] = new string('0', 64) },
        { "no results", "results", receipt => receipt["commitment"]!["statement"]!["buffers"] = new JsonArray() },
        { "the time", "broker signature", receipt => receipt["at"] = "2027-01-01T00:00:00Z" },
        { "the class", "class", receipt => receipt["class"] = "tolerant" },
        { "the version", "version", receipt => receipt["version"] = 2 },
    };

    [Theory]
    [MemberData(nameof(Edits))]
    public async Task A_changed_receipt_does_not_hold(string what, string name, Action<JsonNode> edit)
    {
        using var job = await HonestAsync();
        await job.EditAsync(edit);
        var run = (await VerifyAsync(job)).Ends(ExitCode.Failed);
        Assert.True(run.Output.Contains($"WRONG    {name}: ", StringComparison.Ordinal), $"{what}: {run.Output}");
        Assert.Contains("The receipt does not hold", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_changed_layout_is_no_change()
    {
        using var job = await HonestAsync();
        await job.EditAsync(_ => { });
        (await VerifyAsync(job)).Ends(ExitCode.Ok);
    }

    [Fact]
    public async Task A_receipt_that_another_signed_does_not_hold()
    {
        using var job = new JudgedJob();
        await job.SaveAsync(job.SignAsAnother(await job.JudgeAsync(job.Honest)));
        var run = (await VerifyAsync(job)).Ends(ExitCode.Failed);
        Assert.Contains("WRONG    broker key: another's key than the broker's", run.Output, StringComparison.Ordinal);
        Assert.Contains("ok       broker signature", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_the_brokers_key_the_signer_is_not_known_and_that_is_said()
    {
        using var job = await HonestAsync();
        var run = (await CommandRun.RunAsync("receipt", "verify", job.ReceiptPath, "--outputs", job.ResultFolder)).Ends(ExitCode.Failed);
        Assert.Contains("NOT DONE broker key: the signer is not known", run.Output, StringComparison.Ordinal);
        Assert.Contains("neither confirmed nor refuted: 1 of", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_may_lie_in_a_file_and_must_be_one()
    {
        using var job = await HonestAsync();
        var file = Path.Combine(job.Folder, "broker.key");
        await File.WriteAllTextAsync(file, job.BrokerKey + "\n", TestContext.Current.CancellationToken);
        (await CommandRun.RunAsync("receipt", "verify", job.ReceiptPath, "--outputs", job.ResultFolder, "--broker-key", file)).Ends(ExitCode.Ok);
        (await CommandRun.RunAsync("receipt", "verify", job.ReceiptPath, "--outputs", job.ResultFolder, "--broker-key", job.ReceiptPath)).Ends(ExitCode.BadInput);
    }

    [Fact]
    public async Task A_flipped_bit_of_a_result_is_found()
    {
        using var job = await HonestAsync();
        job.SaveResult(job.Flip(InBlock17));
        var run = (await VerifyAsync(job)).Ends(ExitCode.Failed);
        Assert.Contains($"WRONG    output 'y': {job.ResultPath} has root ", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, "block 17 of launch 0, 'y' at byte 17448")]
    [InlineData(2, "'y' at byte 17448")]
    public async Task A_verdict_that_calls_a_cheat_right_is_found_by_executing_again(int repeat, string place)
    {
        using var job = new JudgedJob("full", repeat);
        var honest = await job.JudgeAsync(job.Honest);
        var cheated = job.Flip(InBlock17);
        job.SaveResult(cheated);
        await job.SaveAsync(job.Sign(job.State(cheated), honest.Verdict));
        var run = (await VerifyAsync(job)).Ends(ExitCode.Failed);
        Assert.Contains("ok       output 'y'", run.Output, StringComparison.Ordinal);
        Assert.Contains("WRONG    execution: this machine comes to another verdict: failed", run.Output, StringComparison.Ordinal);
        Assert.Contains(place, run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(InBlock17, 1, "block 17 of launch 0: executed again")]
    [InlineData(InBlock17, 2, "'y' at 17448: executed again")]
    [InlineData((64 * JudgedJob.BlockBytes) + 5_000, 1, "'y' at 70536: executed again")]
    public async Task A_cheat_is_shown_by_the_receipt_alone(int offset, int repeat, string shown)
    {
        using var job = new JudgedJob("full", repeat);
        await job.SaveAsync(await job.JudgeAsync(job.Flip(offset)));
        var run = (await VerifyAsync(job)).Ends(ExitCode.Ok);
        Assert.Contains("skipped  output 'y'", run.Output, StringComparison.Ordinal);
        Assert.Contains($"ok       {shown}", run.Output, StringComparison.Ordinal);
        Assert.Contains("failed: the result is not what the program computes", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_must_stand_there_is_not_believed()
    {
        using var job = new JudgedJob("full");
        var judged = await job.JudgeAsync(job.Flip(InBlock17));
        var mismatch = judged.Verdict.Mismatches[0];
        await job.SaveAsync(job.Sign(judged.Commitment.Statement, judged.Verdict with { Mismatches = [mismatch with { Expected = "00000000" }] }));
        var run = (await VerifyAsync(job)).Ends(ExitCode.Failed);
        Assert.Contains($"WRONG    block 17 of launch 0: there must stand {mismatch.Expected[..8]}; the receipt says: ", run.Output, StringComparison.Ordinal);
    }

    public static TheoryData<string, Func<Mismatch, Mismatch>> Absurdities => new()
    {
        { "a block past the grid", mismatch => mismatch with { Block = new BlockIndex(0, 64) } },
        { "a block before it", mismatch => mismatch with { Block = new BlockIndex(0, -1) } },
        { "a launch past the last", mismatch => mismatch with { Block = new BlockIndex(int.MaxValue, 0) } },
        { "a place past the result", mismatch => mismatch with { Offset = long.MaxValue } },
        { "a place before it", mismatch => mismatch with { Offset = -1 } },
        { "a buffer that is no result", mismatch => mismatch with { Buffer = "x" } },
        { "no such buffer", mismatch => mismatch with { Buffer = "z" } },
        { "half a byte", mismatch => mismatch with { Expected = "0" } },
        { "no hex", mismatch => mismatch with { Expected = "\u001b[2J", Committed = "" } },
        { "an empty leaf", mismatch => mismatch with { Opened = new OpenedLeaf(Array.Empty<byte>(), []) } },
        { "a block that writes elsewhere", mismatch => mismatch with { Block = new BlockIndex(0, 18) } },
        { "nobody's place", mismatch => mismatch with { Block = null, Expected = new string('0', 100_000) } },
    };

    [Theory]
    [MemberData(nameof(Absurdities))]
    public async Task What_makes_no_sense_does_not_hold(string what, Func<Mismatch, Mismatch> change)
    {
        using var job = new JudgedJob("full");
        var judged = await job.JudgeAsync(job.Flip(InBlock17));
        await job.SaveAsync(job.Sign(judged.Commitment.Statement, judged.Verdict with { Mismatches = [change(judged.Verdict.Mismatches[0])] }));
        var run = (await VerifyAsync(job)).Ends(ExitCode.Failed);
        Assert.True(run.Output.Contains("The receipt does not hold", StringComparison.Ordinal) && !run.Output.Contains('\u001b', StringComparison.Ordinal), $"{what}: {run.Output}");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_honest_worker_cannot_be_accused(bool isOfBlock)
    {
        using var job = new JudgedJob("full");
        var accused = await job.JudgeAsync(job.Flip(InBlock17));
        var leaves = MerkleTree.Leaves(job.Honest);
        const int Leaf = InBlock17 / MerkleTree.LeafBytes;
        const int Start = Leaf * MerkleTree.LeafBytes;
        var mismatch = accused.Verdict.Mismatches[0] with
        {
            Block = isOfBlock ? accused.Verdict.Mismatches[0].Block : null,
            Committed = Convert.ToHexStringLower(job.Honest.AsSpan(InBlock17, 16)),
            Opened = new OpenedLeaf(job.Honest.AsMemory(Start, MerkleTree.LeafBytes), MerkleTree.Path(leaves.AsSpan(), Leaf)),
        };
        await job.SaveAsync(job.Sign(job.State(job.Honest), accused.Verdict with { Mismatches = [mismatch] }));
        File.Delete(job.ResultPath);
        var run = (await VerifyAsync(job)).Ends(ExitCode.Failed);
        Assert.Contains(isOfBlock ? "what the worker committed to is right" : "block (17, 0, 0) may write there", run.Output, StringComparison.Ordinal);

        mismatch = mismatch with { Expected = "00000000" };
        await job.SaveAsync(job.Sign(job.State(job.Honest), accused.Verdict with { Mismatches = [mismatch] }));
        (await VerifyAsync(job)).Ends(ExitCode.Failed);
    }

    [Theory]
    [InlineData("some x.dat", "input 'x': no file of 65536 bytes has sha256:")]
    [InlineData("saxpy.ptx", "program: no file has sha256:")]
    public async Task What_is_missing_is_named_with_its_hash(string file, string told)
    {
        using var job = await HonestAsync();
        File.Move(Path.Combine(job.Folder, file), Path.Combine(job.ResultFolder, "elsewhere" + Path.GetExtension(file)));
        var run = (await VerifyAsync(job)).Ends(ExitCode.Failed);
        Assert.Contains($"NOT DONE {told}", run.Output, StringComparison.Ordinal);
        Assert.Contains("NOT DONE execution", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("WRONG", run.Output, StringComparison.Ordinal);

        (await VerifyAsync(job, "--no-execution")).Ends(ExitCode.Ok);
        (await VerifyAsync(job, "--inputs", job.ResultFolder)).Ends(ExitCode.Ok);
    }

    [Fact]
    public async Task Missing_results_are_named()
    {
        using var job = await HonestAsync();
        File.Delete(job.ResultPath);
        var run = (await VerifyAsync(job)).Ends(ExitCode.Failed);
        Assert.Contains($"NOT DONE output 'y': there is no {job.ResultPath}: `broker result {Views.Id} --out DIR/` saves it", run.Output, StringComparison.Ordinal);
        var told = (await VerifyAsync(job, "--no-execution")).Ends(ExitCode.Ok);
        Assert.Contains("The receipt holds, but nothing was executed again.", told.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_json_the_findings_are_answered()
    {
        using var job = await HonestAsync();
        var answer = Assert.Single((await VerifyAsync(job, "--json")).Ends(ExitCode.Ok).Json);
        Assert.True(answer.GetProperty("holds").GetBoolean());
        Assert.Equal("passed", answer.GetProperty("verdict").GetProperty("kind").GetString());
        Assert.All(answer.GetProperty("findings").EnumerateArray(), finding => Assert.Equal("holds", finding.GetProperty("outcome").GetString()));

        File.Delete(job.InputPath);
        answer = Assert.Single((await VerifyAsync(job, "--json")).Ends(ExitCode.Failed).Json);
        Assert.Contains(answer.GetProperty("findings").EnumerateArray(), finding => finding.GetProperty("outcome").GetString() == "notDone");
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("no JSON")]
    public async Task What_is_no_receipt_is_2(string text)
    {
        using var job = new JudgedJob();
        await File.WriteAllTextAsync(job.ReceiptPath, text, TestContext.Current.CancellationToken);
        var run = (await VerifyAsync(job)).Ends(ExitCode.BadInput);
        Assert.Contains("is not a receipt", run.Error, StringComparison.Ordinal);
    }

    private static async Task<JudgedJob> HonestAsync(string mode = "sample", int repeat = 1)
    {
        var job = new JudgedJob(mode, repeat);
        await job.SaveAsync(await job.JudgeAsync(job.Honest));
        return job;
    }

    private static Task<CommandRun> VerifyAsync(JudgedJob job, params IEnumerable<string> options) =>
        CommandRun.RunAsync(["receipt", "verify", job.ReceiptPath, "--outputs", job.ResultFolder, "--broker-key", job.BrokerKey, .. options]);
}
