using System.Text.RegularExpressions;
using Broker.Cli;
using Broker.Core.Jobs;
using Broker.Core.Verification;

namespace Broker.EndToEnd.Tests;

public sealed partial class ReceiptTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("broker-receipt-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Saved => Path.Combine(_folder, "receipt.json");

    private string Key => Path.Combine(_folder, "broker.key");

    private string Results => Path.Combine(_folder, "results");

    [Fact]
    public async Task A_verified_job_can_be_verified_again_when_its_broker_is_gone()
    {
        await SubmitAndSaveAsync();

        var holds = await VerifyAsync();
        Assert.True(holds.Code == ExitCode.Ok, holds.Said);
        Assert.Contains("The receipt holds.", holds.Said, StringComparison.Ordinal);

        // One digit of what it says.
        var receipt = await File.ReadAllTextAsync(Saved, Token);
        var changed = Steps().Replace(receipt, found => found.Value[..^1] + (found.Value[^1] == '9' ? '8' : '9'), 1);
        Assert.NotEqual(receipt, changed);
        await File.WriteAllTextAsync(Saved, changed, Token);
        var forged = await VerifyAsync();
        Assert.True(forged.Code == ExitCode.Failed, forged.Said);
        Assert.Contains("WRONG", forged.Said, StringComparison.Ordinal);

        // One bit of the result.
        await File.WriteAllTextAsync(Saved, receipt, Token);
        var output = Path.Combine(Results, "out.bin");
        var bytes = await File.ReadAllBytesAsync(output, Token);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(output, bytes, Token);
        var other = await VerifyAsync();
        Assert.True(other.Code == ExitCode.Failed, other.Said);
        Assert.Contains("WRONG    output 'out'", other.Said, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>Has a job run and verified, and saves all that a receipt is verified with. No part of the broker is left after it.</summary>
    private async Task SubmitAndSaveAsync()
    {
        await using var broker = await Processes.StartAsync();
        await broker.AddWorkerAsync("worker", "0.001");
        var job = await broker.SubmitSaxpyAsync();
        var ended = await broker.Submitter.WaitForOneEndAsync(job);
        Assert.Equal((JobState.Completed, VerdictKind.Passed), (ended.State, ended.Verdict?.Kind));
        Assert.Equal(Saxpy.Expected, await broker.Submitter.ReadOutputAsync(job));

        string[] login = ["--url", broker.Functions.Url.AbsoluteUri, "--key", broker.SubmitterKey];
        await SayAsync(["receipt", $"{job}", "--out", Saved, .. login]);
        await SayAsync(["result", $"{job}", "--out", Results + Path.DirectorySeparatorChar, .. login]);
        await File.WriteAllTextAsync(Path.Combine(_folder, "saxpy.ptx"), Submissions.Kernel("saxpy"), Token);
        await File.WriteAllBytesAsync(Path.Combine(_folder, "x.bin"), Saxpy.Input, Token);
        await File.WriteAllTextAsync(Key, (await broker.Submitter.ReadBrokerKeyAsync(Token)).PublicKey, Token);
    }

    private Task<(ExitCode Code, string Said)> VerifyAsync() =>
        RunAsync(["receipt", "verify", Saved, "--outputs", Results, "--broker-key", Key]);

    private static async Task SayAsync(string[] args)
    {
        var (code, said) = await RunAsync(args);
        Assert.True(code == ExitCode.Ok, said);
    }

    private static async Task<(ExitCode Code, string Said)> RunAsync(string[] args)
    {
        using var said = new StringWriter();
        var code = await CommandLine.RunAsync(args, said, said, Token);
        return ((ExitCode)code, said.ToString());
    }

    [GeneratedRegex("""
        "steps"\s*:\s*\d+
        """)]
    private static partial Regex Steps();
}
