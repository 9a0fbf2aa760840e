using System.CommandLine;
using Broker.Cli.Connection;
using Broker.Cli.Kernels;
using Broker.Cli.Tests.Receipts;
using Broker.Core.Api;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Tests;

namespace Broker.Cli.Tests.Commands;

[Collection(nameof(AloneWithTheLogin))]
public sealed class EveryCommandTests : IDisposable
{
    private static readonly string Id = Views.Id.ToString();

    private readonly string _folder = Directory.CreateTempSubdirectory("broker-every-").FullName;

    private readonly JudgedJob _judged = new();

    /// <summary>What needs a stack is held against the same rule where the stack is.</summary>
    private static readonly string[] OfAStack = ["up", "demo"];

    public static TheoryData<string> Names => [.. Leaves(CommandLine.Create(TextWriter.Null, TextWriter.Null), "").Select(leaf => leaf.Name)];

    public static TheoryData<string> NamesWithoutAStack => [.. Names.Select(row => row.Data).Except(OfAStack)];

    [Theory]
    [MemberData(nameof(NamesWithoutAStack))]
    public async Task With_json_stdout_has_JSON_alone(string name)
    {
        Assert.SkipWhen(name == "kernels build" && await Clang.FindAsync(TestContext.Current.CancellationToken) is null, "there is no clang");
        await using var broker = Answering(_judged);
        var receipt = await _judged.JudgeAsync(_judged.Honest);
        await _judged.SaveAsync(receipt);
        broker.Answer($"GET /api/jobs/{Id}/receipt", receipt);
        var run = (await CommandRun.RunAsync(broker, [.. name.Split(' '), .. Arguments(name), "--json"])).Ends(ExitCode.Ok);
        Assert.NotEmpty(run.Json);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task The_help_begins_with_a_line_that_says_what_it_does(string name)
    {
        var run = (await CommandRun.RunAsync([.. name.Split(' '), "--help"])).Ends(ExitCode.Ok);
        var lines = run.Output.Split(Environment.NewLine);
        Assert.Matches("^  [A-Z].{15,160}$", lines[1]);
        Assert.Equal("", lines[2]);
        if (lines.Contains("Examples:")) Assert.Contains(lines, line => line.Contains($"broker {name} ", StringComparison.Ordinal) && line.StartsWith("  ", StringComparison.Ordinal));
    }

    public void Dispose()
    {
        File.Delete(StoredLogin.FilePath);
        _judged.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>What does something by itself; what only holds others takes no arguments.</summary>
    private static IEnumerable<(string Name, Command Command)> Leaves(Command command, string path)
    {
        if (command.Subcommands.Count == 0 || command.Arguments.Count > 0) yield return (path, command);
        foreach (var leaf in command.Subcommands.SelectMany(child => Leaves(child, $"{path} {child.Name}".Trim()))) yield return leaf;
    }

    private string[] Arguments(string name) => name switch
    {
        "submit" => [SubmitCommandTests.Program, "--grid", "4", "--block", "64", "--arg", "out:1KB", "--arg", "scratch:1KB", "--arg", "u32:256", "--arg", "f32:2"],
        "watch" or "show" or "logs" or "receipt" or "cancel" or "delete" => [Id],
        "receipt verify" => [_judged.ReceiptPath, "--outputs", _judged.ResultFolder],
        "result" => [Id, "--out", Path.Combine(_folder, "results")],
        "kernels build" => [Copy("saxpy.cu")],
        "kernels analyze" => [SubmitCommandTests.Program],
        "completion" => ["bash"],
        _ => [],
    };

    private string Copy(string kernel)
    {
        var copy = Path.Combine(_folder, kernel);
        File.Copy(Path.Combine(Repository.Root, "kernels", kernel), copy);
        return copy;
    }

    private static FakeBroker Answering(JudgedJob judged)
    {
        var program = ContentHash.Of(File.ReadAllBytes(SubmitCommandTests.Program));
        var broker = new FakeBroker();
        return broker
            .Answer("GET /api/health", new Health("ok", "1", "self", "ok"))
            .Answer("GET /api/broker-key", new BrokerKeyView(judged.BrokerKey))
            .Answer("GET /api/accounts/me", new AccountView(AccountId.Parse("alice"), "alice", [Role.Submitter]))
            .Answer("GET /api/jobs?limit=20", new Page<JobSummary>([Views.Summary(JobState.Queued)]))
            .Answer("GET /api/audit/jobs?limit=200", new Page<AuditJob>([]))
            .Answer("GET /api/audit/roots?limit=200", new Page<DateOnly>([]))
            .Answer("GET /api/offers", new Page<OfferView>([Views.Offer]))
            .Answer("GET /api/workers", new Page<WorkerView>([]))
            .Answer($"GET /api/content/{program.Hex}", new ContentView(program, 1))
            .Answer("POST /api/jobs", Views.Job(JobState.Queued))
            .Answer($"GET /api/jobs/{Id}", Views.Job(JobState.Completed))
            .Answer($"GET /api/jobs/{Id}/events", new Page<JobEvent>([Views.Event("submitted")]))
            .AnswerText($"GET /api/jobs/{Id}/log", "step 0: over\n")
            .Answer($"GET /api/jobs/{Id}/outputs", new Page<OutputView>([Views.Output(broker, [1, 2, 3])]))
            .AnswerBytes("GET /blob/0", [1, 2])
            .AnswerBytes("GET /blob/1", [3])
            .Answer($"POST /api/jobs/{Id}/cancel", Views.Job(JobState.Cancelled))
            .AnswerBytes($"DELETE /api/jobs/{Id}", [], System.Net.HttpStatusCode.NoContent);
    }
}
