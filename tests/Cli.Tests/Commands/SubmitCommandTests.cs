using System.Net;
using System.Text;
using Broker.Core.Api;
using Broker.Core.Documents;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Core.Verification;
using Broker.Tests;

namespace Broker.Cli.Tests.Commands;

public sealed class SubmitCommandTests : IDisposable
{
    private static readonly string Job = $"GET /api/jobs/{Views.Id}";

    private readonly string _folder = Directory.CreateTempSubdirectory("broker-submit-").FullName;

    public static string Program { get; } = Path.Combine(Repository.Root, "kernels", "saxpy.ptx");

    private static ContentHash ProgramHash => ContentHash.Of(File.ReadAllBytes(Program));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_dry_run_prints_the_document_and_sends_nothing(bool json)
    {
        await using var broker = new FakeBroker();
        string[] extra =
        [
            "--dry-run", "--repeat", "3", "--shared", "64", "--name", "my job", "--pool", "blue", "--max-price", "0.25", "--timeout", "90s",
            "--estimate", "2s", "--memory", "1GB", "--verify", "sample", "--confidence", "0.99", "--fraction", "0.05", .. json ? ["--json"] : Array.Empty<string>(),
        ];
        var run = (await CommandRun.RunAsync(broker, [.. Launch(), .. extra])).Ends(ExitCode.Ok);
        Assert.Empty(broker.Received);

        var read = JobDocumentReader.Read(Encoding.UTF8.GetBytes(run.Output));
        Assert.Empty(read.Errors);
        var document = read.Value!;
        Assert.Equal(("my job", PoolName.Parse("blue")), (document.Name, document.Pool));
        Assert.Equal(ProgramHash, document.Program.Content);
        Assert.Equal(["arg0", "arg1"], document.Buffers.Select(buffer => buffer.Name));
        var step = Assert.Single(document.Steps);
        Assert.Equal(("saxpy", new Dimensions(4, 1, 1), new Dimensions(64, 1, 1)), (step.Kernel, step.Grid, step.Block));
        Assert.Equal((64, 3), (step.SharedBytes, step.Repeat));
        Assert.Equal([ArgumentKind.Buffer, ArgumentKind.Buffer, ArgumentKind.U32, ArgumentKind.F32], step.Arguments.Select(argument => argument.Kind));
        Assert.Equal(1L << 30, document.Requires.MemoryBytes);
        Assert.Equal(new VerificationSpec { Mode = VerificationMode.Sample, ConfidenceMillionths = 990_000, FractionMillionths = 50_000 }, document.Verification);
        Assert.Equal((Core.Money.Parse("0.25"), TimeSpan.FromSeconds(90)), (document.Terms.MaxPrice, document.Terms.Timeout));
    }

    [Fact]
    public async Task A_document_that_is_wrong_is_refused_with_everything_that_is_wrong_with_it()
    {
        var file = Path.Combine(_folder, "job.json");
        await File.WriteAllTextAsync(file, """{ "program": { "ptx": "x" }, "steps": [], "bufers": {}, "gang": 2 }""", TestContext.Current.CancellationToken);
        await using var broker = new FakeBroker();
        var run = (await CommandRun.RunAsync(broker, "submit", file)).Ends(ExitCode.BadInput);
        Assert.Empty(broker.Received);
        Assert.All((string[])["$.bufers", "$.steps", "$.gang"], path => Assert.Contains(path, run.Error, StringComparison.Ordinal));
    }

    [Fact]
    public async Task It_uploads_what_is_new_sends_the_document_and_saves_the_results()
    {
        byte[] result = [1, 2, 3, 4];
        await using var broker = new FakeBroker();
        broker
            .Answer($"GET /api/content/{ProgramHash.Hex}", new ContentView(ProgramHash, 1))
            .Answer($"PUT /api/content/{InputHash.Hex}", new ContentView(InputHash, Input.Length), HttpStatusCode.Created)
            .Answer("POST /api/jobs", Views.Job(JobState.Queued), HttpStatusCode.Created)
            .Answer(Job, Views.Job(JobState.Queued))
            .Answer(Job, Views.Job(JobState.Completed))
            .Answer($"{Job}/events?after=0&wait=2", new Page<JobEvent>([Views.Event("first")]))
            .Answer($"{Job}/outputs", new Page<OutputView>([Views.Output(broker, result)]))
            .AnswerBytes("GET /blob/0", result[..2])
            .AnswerBytes("GET /blob/1", result[2..]);

        var folder = Path.Combine(_folder, "results");
        var run = (await CommandRun.RunAsync(broker, [.. Launch(), "--output-dir", folder])).Ends(ExitCode.Ok);
        Assert.StartsWith($"Job {Views.Id} (saxpy) is completed for 0.012 credits. ", run.Output, StringComparison.Ordinal);
        Assert.Contains("Already there: saxpy.ptx", run.Error, StringComparison.Ordinal);
        Assert.Equal(result, await File.ReadAllBytesAsync(Path.Combine(folder, "arg0.bin"), TestContext.Current.CancellationToken));

        // Once, though two arguments have it.
        Assert.Equal(Input, Assert.Single(broker.Received, request => request.Route.StartsWith("PUT ", StringComparison.Ordinal)).Body);
        var sent = Assert.Single(broker.Received, request => request.Route == "POST /api/jobs");
        Assert.Empty(JobDocumentReader.Read(sent.Body).Errors);
    }

    [Fact]
    public async Task No_watch_returns_when_the_job_is_accepted()
    {
        await using var broker = Accepting();
        var run = (await CommandRun.RunAsync(broker, [.. Launch(), "--no-watch", "--json"])).Ends(ExitCode.Ok);
        Assert.Equal("queued", Assert.Single(run.Json).GetProperty("state").GetString());
        Assert.DoesNotContain(broker.Received, request => request.Route == Job);
    }

    [Theory]
    [InlineData(JobState.Completed, ExitCode.Ok)]
    [InlineData(JobState.Failed, ExitCode.Failed)]
    [InlineData(JobState.Cancelled, ExitCode.Failed)]
    [InlineData(JobState.Expired, ExitCode.Failed)]
    public async Task The_end_of_the_job_is_the_end_of_the_command(JobState state, ExitCode code)
    {
        await using var broker = Accepting().Answer(Job, Views.Job(state, "for a reason"));
        var submit = (await CommandRun.RunAsync(broker, [.. Launch(), "--json"])).Ends(code);
        Assert.Equal(Views.Id.ToString(), Assert.Single(submit.Json).GetProperty("id").GetString());
        var watch = (await CommandRun.RunAsync(broker, "watch", $"{Views.Id}")).Ends(code);
        Assert.Contains($"is {state.ToString().ToLowerInvariant()}", watch.Output, StringComparison.Ordinal);
        Assert.Contains(": for a reason.", watch.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_broker_finds_wrong_is_2_and_listed()
    {
        await using var broker = Accepting(job: false).Refuse(
            "POST /api/jobs", HttpStatusCode.BadRequest, "invalid-document", "look at the errors", new DocumentError("$.steps[0].grid", "is too large"));
        var run = (await CommandRun.RunAsync(broker, Launch())).Ends(ExitCode.BadInput);
        Assert.Contains("  $.steps[0].grid: is too large", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--grid is missing, as in --grid 4096.", "--block", "64")]
    [InlineData("--block is missing, as in --block 256.", "--grid", "4")]
    [InlineData("takes 4: .u64 saxpy_param_0", "--grid", "4", "--block", "64", "--arg", "out:1KB")]
    [InlineData("the program has no kernel 'daxpy'; it has saxpy", "--grid", "4", "--block", "64", "--kernel", "daxpy")]
    [InlineData("--grid '4x4' is not a size", "--grid", "4x4", "--block", "64")]
    [InlineData("--arg 'u33:1' is none of out:SIZE", "--grid", "4", "--block", "64", "--arg", "u33:1")]
    [InlineData("--confidence 'high' is not a number", "--grid", "4", "--block", "64", "--verify", "sample", "--confidence", "high")]
    [InlineData("$.verification.fraction: must be a number from 0.00001 to 0.5", "--grid", "4", "--block", "64", "--verify", "sample", "--fraction", "0.9")]
    [InlineData("goes with a mode", "--grid", "4", "--block", "64", "--confidence", "0.9")]
    [InlineData("$.terms.maxPrice", "--grid", "4", "--block", "64", "--max-price", "cheap")]
    [InlineData("$.steps[0].arguments[0]: u32 has 4 bytes, not 8", "--grid", "4", "--block", "64", "--arg", "u32:1", "--arg", "out:4", "--arg", "u32:1", "--arg", "f32:1")]
    [InlineData("$.steps[0].arguments[3]: u32 is of another type", "--grid", "4", "--block", "64", "--arg", "out:4", "--arg", "out:4", "--arg", "u32:1", "--arg", "u32:1")]
    public async Task What_is_wrong_with_a_launch_is_told_before_anything_is_sent(string message, params string[] options)
    {
        await using var broker = new FakeBroker();
        var run = (await CommandRun.RunAsync(broker, ["submit", Program, .. options])).Ends(ExitCode.BadInput);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
        Assert.Empty(broker.Received);
    }

    [Fact]
    public async Task A_program_with_several_kernels_wants_one_named()
    {
        var run = (await CommandRun.RunAsync("submit", Path.Combine(Repository.Root, "kernels", "reduce.ptx"), "--grid", "4", "--block", "256")).Ends(ExitCode.BadInput);
        Assert.Contains("--kernel: reduce_float, reduce_uint.", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_document_names_files_beside_it()
    {
        File.Copy(Program, Path.Combine(_folder, "saxpy.ptx"));
        var file = Document("""{ "ptx": "@saxpy.ptx" }""");
        var run = (await CommandRun.RunAsync("submit", file, "--dry-run", "--name", "other")).Ends(ExitCode.Ok);
        var document = JobDocumentReader.Read(Encoding.UTF8.GetBytes(run.Output)).Value!;
        Assert.Equal(("other", ProgramHash), (document.Name, document.Program.Content));
        Assert.Equal(InputHash, document.Buffers[1].Content);
    }

    [Theory]
    [InlineData("""{ "content": "@missing.ptx" }""", "There is no file")]
    [InlineData("""{ "content": "@input.bin" }""", "is not PTX")]
    [InlineData("""{ "content": "@saxpy.ptx" }, "colour": "red" """, "colour")]
    public async Task What_is_wrong_with_a_document_is_told_before_anything_is_sent(string program, string message)
    {
        File.Copy(Program, Path.Combine(_folder, "saxpy.ptx"));
        await using var broker = new FakeBroker();
        var run = (await CommandRun.RunAsync(broker, "submit", Document(program))).Ends(ExitCode.BadInput);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
        Assert.Empty(broker.Received);
    }

    [Theory]
    [InlineData("--grid", "4")]
    [InlineData("--arg", "u32:1")]
    [InlineData("--kernel", "saxpy")]
    public async Task The_options_of_a_launch_do_not_go_with_a_document(string option, string value)
    {
        var run = (await CommandRun.RunAsync("submit", Document("""{ "content": "@saxpy.ptx" }"""), option, value)).Ends(ExitCode.BadInput);
        Assert.StartsWith($"error: {option} belongs to a .cu or .ptx file", run.Error, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static byte[] Input { get; } = new byte[1024];

    private static ContentHash InputHash => ContentHash.Of(Input);

    private string[] Launch() =>
        ["submit", Program, "--grid", "4", "--block", "64", "--arg", $"inout:@{InputFile()}", "--arg", $"in:@{InputFile()}", "--arg", "u32:256", "--arg", "f32:2"];

    private string InputFile()
    {
        var path = Path.Combine(_folder, "input.bin");
        File.WriteAllBytes(path, Input);
        return path;
    }

    private string Document(string program)
    {
        InputFile();
        var path = Path.Combine(_folder, "job.json");
        File.WriteAllText(path, $$"""
            {
              // As people write it.
              "program": {{program}},
              "buffers": { "y": { "role": "output", "bytes": "1KB" }, "x": { "role": "input", "content": "@input.bin" } },
              "steps": [
                { "kernel": "saxpy", "grid": [4], "block": [64], "arguments": [ { "buffer": "y" }, { "buffer": "x" }, { "u32": 256 }, { "f32": 2 } ] },
              ],
            }
            """);
        return path;
    }

    private static FakeBroker Accepting(bool job = true)
    {
        var broker = new FakeBroker()
            .Answer($"GET /api/content/{ProgramHash.Hex}", new ContentView(ProgramHash, 1))
            .Answer($"GET /api/content/{InputHash.Hex}", new ContentView(InputHash, 1));
        return job ? broker.Answer("POST /api/jobs", Views.Job(JobState.Queued), HttpStatusCode.Created) : broker;
    }
}
