using System.Net;
using Broker.Core.Api;
using Broker.Core.Jobs;
using Broker.Core.Verification;

namespace Broker.Cli.Tests.Commands;

public sealed class ResultCommandTests : IDisposable
{
    private static readonly byte[] Bytes = [1, 2, 3, 4, 5];
    private static readonly string Id = Views.Id.ToString();

    private readonly string _folder = Directory.CreateTempSubdirectory("broker-result-").FullName;

    [Theory]
    [InlineData("results", "results/arg0.bin", true)]
    [InlineData("result.bin", "result.bin", false)]
    public async Task Results_are_saved_in_a_folder_or_a_file(string target, string saved, bool isFolder)
    {
        var place = Path.Combine(_folder, target);
        if (isFolder) Directory.CreateDirectory(place);
        await using var broker = Storing();
        var run = (await CommandRun.RunAsync(broker, "result", Id, "--out", place, "--json")).Ends(ExitCode.Ok);
        Assert.Contains($"Job {Id}: verified: at least 99.0 % of the blocks are right, at 95 % confidence (299 of 64,800 executed again).", run.Error, StringComparison.Ordinal);
        var result = Assert.Single(run.Json).GetProperty("results")[0];
        Assert.Equal(Path.Combine(_folder, saved), result.GetProperty("file").GetString());
        Assert.Equal(Bytes, await File.ReadAllBytesAsync(result.GetProperty("file").GetString()!, TestContext.Current.CancellationToken));

        // A storage URL carries its own permission: the key is not the storage's business.
        Assert.All(broker.Received, request => Assert.Equal(request.Route.StartsWith("GET /api/", StringComparison.Ordinal), request.Authorization is not null));
    }

    [Fact]
    public async Task One_buffer_is_asked_for_by_its_name()
    {
        await using var broker = Storing();
        broker.Answer($"GET /api/jobs/{Id}/outputs/arg0", Views.Output(broker, Bytes));
        (await CommandRun.RunAsync(broker, "result", Id, "--buffer", "arg0", "--out", Path.Combine(_folder, "only"))).Ends(ExitCode.Ok);
        Assert.Equal(Bytes, await File.ReadAllBytesAsync(Path.Combine(_folder, "only"), TestContext.Current.CancellationToken));
        Assert.DoesNotContain(broker.Received, request => request.Route.EndsWith("/outputs", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Bytes_that_were_not_committed_to_are_1_a_dispute_and_no_result()
    {
        await using var broker = Storing(Digest.Of([9]));
        var run = (await CommandRun.RunAsync(broker, "result", Id, "--out", Path.Combine(_folder, "result.bin"))).Ends(ExitCode.Failed);
        Assert.Contains("Output 'arg0' is not what the worker committed to", run.Error, StringComparison.Ordinal);
        Assert.Contains("this is a dispute", run.Error, StringComparison.Ordinal);
        Assert.Equal([Path.Combine(_folder, "result.bin.disputed")], Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public async Task A_job_that_is_not_completed_is_1()
    {
        await using var broker = new FakeBroker().Refuse($"GET /api/jobs/{Id}/outputs", HttpStatusCode.Conflict, "not-completed", "the job is running");
        var run = (await CommandRun.RunAsync(broker, "result", Id)).Ends(ExitCode.Failed);
        Assert.Contains("the job is running", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_job_without_results_is_1()
    {
        await using var broker = new FakeBroker().Answer($"GET /api/jobs/{Id}/outputs", new Page<OutputView>([]));
        var run = (await CommandRun.RunAsync(broker, "result", Id)).Ends(ExitCode.Failed);
        Assert.Contains("has no results", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stdout_is_not_for_the_bytes_and_for_JSON_at_once()
    {
        await using var broker = Storing();
        var run = (await CommandRun.RunAsync(broker, "result", Id, "--out", "-", "--json")).Ends(ExitCode.BadInput);
        Assert.Equal("", run.Output);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static FakeBroker Storing(Digest? root = null)
    {
        var broker = new FakeBroker();
        return broker
            .Answer($"GET /api/jobs/{Id}", Views.Job(JobState.Completed) with { Verdict = Views.Passed, Document = Views.Document("sample") })
            .Answer($"GET /api/jobs/{Id}/outputs", new Page<OutputView>([Views.Output(broker, Bytes, root)]))
            .AnswerBytes("GET /blob/0", Bytes[..2])
            .AnswerBytes("GET /blob/1", Bytes[2..]);
    }
}
