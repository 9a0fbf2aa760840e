using Broker.Core.Api;
using Broker.Core.Ids;
using Broker.Core.Jobs;

namespace Broker.Cli.Tests.Commands;

public sealed class WatchCommandTests
{
    private static readonly JobId Other = JobId.Parse("0123456789abcdef01234568");

    [Fact]
    public async Task Without_ids_every_open_job_is_followed_once()
    {
        // The job was queued when the queued ones were asked for, and running a moment later.
        await using var broker = Open(
            [Views.Summary(JobState.Queued)], [Views.Summary(JobState.Running), Views.Summary(JobState.Running) with { Id = Other }])
            .Answer($"GET /api/jobs/{Views.Id}", Views.Job(JobState.Completed))
            .Answer($"GET /api/jobs/{Other}", Views.Job(JobState.Failed) with { Id = Other });
        var run = (await CommandRun.RunAsync(broker, "watch")).Ends(ExitCode.Failed);
        Assert.Equal(2, run.Output.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains($"Get the result: broker result {Views.Id}", run.Output, StringComparison.Ordinal);
        Assert.Contains($"The whole story: broker show {Other}", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_no_job_is_open_it_says_so_and_what_to_do()
    {
        await using var broker = Open([], []);
        var run = (await CommandRun.RunAsync(broker, "watch")).Ends(ExitCode.Ok);
        Assert.Equal("", run.Output);
        Assert.Contains("No job is open. `broker submit --help`", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task How_far_a_job_is_is_told_in_blocks_at_each_quarter()
    {
        await using var broker = new FakeBroker();
        foreach (var done in (long[])[0, 100, 2_040, 2_100, 6_120])
        {
            broker.Answer(
                $"GET /api/jobs/{Views.Id}", Views.Job(JobState.Running) with { Progress = new Progress(0, done, 8_160) });
        }

        broker.Answer($"GET /api/jobs/{Views.Id}", Views.Job(JobState.Completed))
            .Answer($"GET /api/jobs/{Views.Id}/events?after=0&wait=2", new Page<JobEvent>([]));
        var run = (await CommandRun.RunAsync(broker, "watch", $"{Views.Id}")).Ends(ExitCode.Ok);
        var blocks = run.Error.Split(Environment.NewLine).Where(line => line.Contains("running", StringComparison.Ordinal)).Select(line => line.Split(", ")[^1]);
        Assert.Equal(["0/8160 blocks", "2040/8160 blocks", "6120/8160 blocks"], blocks);
    }

    private static FakeBroker Open(JobSummary[] queued, JobSummary[] running) => new FakeBroker()
        .Answer("GET /api/jobs?state=queued", new Page<JobSummary>([.. queued]))
        .Answer("GET /api/jobs?state=running", new Page<JobSummary>([.. running]))
        .Answer("GET /api/jobs?state=committed", new Page<JobSummary>([]))
        .Answer("GET /api/jobs?state=verifying", new Page<JobSummary>([]));
}
