using System.Net;
using System.Text.Json;
using Broker.Core.Api;
using Broker.Core.Ids;
using Broker.Core.Jobs;

namespace Broker.Cli.Tests.Commands;

public sealed class JsonTests
{
    private static readonly string Id = Views.Id.ToString();

    [Fact]
    public async Task Jobs_answers_the_page_and_its_token()
    {
        await using var broker = new FakeBroker().Answer(
            "GET /api/jobs?state=queued&since=2026-01-31T12%3A00%3A00.0000000Z&limit=5&continue=a%2Fb", new Page<JobSummary>([Views.Summary(JobState.Queued)], "next"));
        var page = await OneAsync(broker, "jobs", "--state", "queued", "--since", "2026-01-31T12:00Z", "--limit", "5", "--continue", "a/b");
        Assert.Equal(Id, page.GetProperty("items")[0].GetProperty("id").GetString());
        Assert.Equal("next", page.GetProperty("next").GetString());
    }

    [Fact]
    public async Task Show_answers_the_job_and_the_events_of_all_pages()
    {
        await using var broker = new FakeBroker()
            .Answer($"GET /api/jobs/{Id}", Views.Job(JobState.Failed, "the kernel read outside of its buffers"))
            .Answer($"GET /api/jobs/{Id}/events", new Page<JobEvent>([Views.Event("first")], "more"))
            .Answer($"GET /api/jobs/{Id}/events?continue=more", new Page<JobEvent>([Views.Event("second")]));
        var shown = await OneAsync(broker, "show", Id);
        Assert.Equal("failed", shown.GetProperty("job").GetProperty("state").GetString());
        Assert.Equal(["first", "second"], shown.GetProperty("events").EnumerateArray().Select(entry => entry.GetProperty("text").GetString()));
    }

    [Fact]
    public async Task Offers_answers_a_page()
    {
        await using var broker = new FakeBroker().Answer("GET /api/offers?pool=main", new Page<OfferView>([Views.Offer]));
        var page = await OneAsync(broker, "offers", "--pool", "main");
        Assert.Equal("amber", page.GetProperty("items")[0].GetProperty("name").GetString());
    }

    [Fact]
    public async Task Workers_answers_a_page_even_when_there_are_none()
    {
        await using var broker = new FakeBroker().Answer("GET /api/workers", new Page<WorkerView>([]));
        Assert.Equal(0, (await OneAsync(broker, "workers")).GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task Cancel_answers_the_job()
    {
        await using var broker = new FakeBroker().Answer($"POST /api/jobs/{Id}/cancel", Views.Job(JobState.Cancelled));
        Assert.Equal("cancelled", (await OneAsync(broker, "cancel", Id)).GetProperty("state").GetString());
    }

    [Fact]
    public async Task Watch_answers_a_line_for_each_change_and_waits_for_the_event_after_the_last_that_it_saw()
    {
        await using var broker = new FakeBroker()
            .Answer($"GET /api/jobs/{Id}", Views.Job(JobState.Queued))
            .Answer($"GET /api/jobs/{Id}", Views.Job(JobState.Queued))
            .Answer($"GET /api/jobs/{Id}", Views.Job(JobState.Completed))
            .Answer($"GET /api/jobs/{Id}/events?after=0&wait=2", new Page<JobEvent>([Views.Event("first")]))
            .Answer($"GET /api/jobs/{Id}/events?after=1&wait=2", new Page<JobEvent>([]));
        var run = (await CommandRun.RunAsync(broker, "watch", Id, "--json")).Ends(ExitCode.Ok);
        Assert.Equal(["queued", "completed"], run.Json.Select(job => job.GetProperty("state").GetString()));
        Assert.Equal(5, broker.Received.Count);
    }

    [Fact]
    public async Task Watch_goes_on_where_too_many_wait()
    {
        await using var broker = new FakeBroker()
            .Answer($"GET /api/jobs/{Id}", Views.Job(JobState.Running))
            .Answer($"GET /api/jobs/{Id}", Views.Job(JobState.Completed))
            .Refuse($"GET /api/jobs/{Id}/events?after=0&wait=2", HttpStatusCode.TooManyRequests, "too-many", "others wait");
        (await CommandRun.RunAsync(broker, "watch", Id)).Ends(ExitCode.Ok);
    }

    [Fact]
    public async Task Delete_answers_a_line_for_each_job()
    {
        const string Other = "0123456789abcdef01234568";
        await using var broker = new FakeBroker().AnswerBytes($"DELETE /api/jobs/{Id}", [], HttpStatusCode.NoContent);
        var run = (await CommandRun.RunAsync(broker, "delete", Id, Other, "--json")).Ends(ExitCode.Ok);
        Assert.Equal([(Id, true), (Other, false)], run.Json.Select(line => (line.GetProperty("job").GetString(), line.GetProperty("deleted").GetBoolean())));

        broker.Refuse($"DELETE /api/jobs/{Other}", HttpStatusCode.Conflict, "conflict", "the job is running: cancel it first");
        var refused = (await CommandRun.RunAsync(broker, "delete", Other)).Ends(ExitCode.Failed);
        Assert.Contains("cancel it first", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Logs_answers_its_lines_and_follows_the_events_until_the_end()
    {
        await using var broker = new FakeBroker()
            .AnswerText($"GET /api/jobs/{Id}/log", "attempt 0/1 on amber: accepted\none \u001b[2J line\n")
            .Answer($"GET /api/jobs/{Id}/events?after=0&wait=20", new Page<JobEvent>([Views.Event("first")]))
            .Answer($"GET /api/jobs/{Id}/events?after=1&wait=20", new Page<JobEvent>([]))
            .Answer($"GET /api/jobs/{Id}/events?after=1&wait=20", new Page<JobEvent>([Views.Event("second") with { Number = 2, Kind = JobEventKind.Failed }]));
        var log = await OneAsync(broker, "logs", Id);
        Assert.Equal(["attempt 0/1 on amber: accepted", "one \u001b[2J line"], log.GetProperty("lines").EnumerateArray().Select(line => line.GetString()));

        var followed = (await CommandRun.RunAsync(broker, "logs", Id, "-f")).Ends(ExitCode.Ok);
        Assert.Equal(["attempt 0/1 on amber: accepted", "one ?[2J line"], followed.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Matches("submitted: first\n.*failed: second\n", followed.Error);
    }

    [Fact]
    public async Task Analyze_answers_the_kernels_without_a_broker()
    {
        var run = (await CommandRun.RunAsync("kernels", "analyze", SubmitCommandTests.Program, "--json")).Ends(ExitCode.Ok);
        var kernel = Assert.Single(run.Json).GetProperty("kernels")[0];
        Assert.Equal("saxpy", kernel.GetProperty("name").GetString());
        Assert.Equal(4, kernel.GetProperty("parameters").GetArrayLength());
    }

    [Theory]
    [InlineData("out:4MB", "exact", "sample", "exact: a few random blocks can be checked bit for bit")]
    [InlineData("out:1MB", "exact-scattered", "full", "is not proven to stay within buffer 'arg0' of ")]
    public async Task Analyze_answers_the_class_of_a_launch(string output, string word, string mode, string told)
    {
        string[] arguments = ["kernels", "analyze", SubmitCommandTests.Program, "--grid", "4096", "--block", "256", "--arg", output, "--arg", "out:4MB", "--arg", "u32:1000000", "--arg", "f32:2"];
        var run = (await CommandRun.RunAsync([.. arguments, "--json"])).Ends(ExitCode.Ok);
        var launch = Assert.Single(run.Json).GetProperty("launch");
        Assert.Equal(word, launch.GetProperty("class").GetString());
        Assert.Equal(12.0 * 4096 * 256, launch.GetProperty("estimate").GetProperty("globalBytes").GetDouble());
        Assert.Equal(mode, launch.GetProperty("verification").GetProperty("mode").GetString());
        Assert.Contains(told, (await CommandRun.RunAsync(arguments)).Ends(ExitCode.Ok).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--grid is missing, as in --grid 4096", "--block", "256")]
    [InlineData("takes 4: .u64 saxpy_param_0", "--grid", "1", "--block", "256", "--arg", "u32:1")]
    [InlineData("block: has 2048 threads", "--grid", "1", "--block", "512,4", "--arg", "out:4MB", "--arg", "out:4MB", "--arg", "u32:1", "--arg", "f32:2")]
    public async Task Analyze_says_what_a_launch_lacks(string message, params string[] options) =>
        Assert.Contains(message, (await CommandRun.RunAsync(["kernels", "analyze", SubmitCommandTests.Program, .. options])).Ends(ExitCode.BadInput).Error, StringComparison.Ordinal);

    [Fact]
    public async Task Without_it_the_same_is_told_in_words()
    {
        await using var broker = new FakeBroker()
            .Answer("GET /api/jobs?limit=20", new Page<JobSummary>([Views.Summary(JobState.Queued)], "next"))
            .Answer("GET /api/offers", new Page<OfferView>([Views.Offer]))
            .Answer($"GET /api/jobs/{Id}", Views.Job(JobState.Running) with { Progress = new Progress(1, 3_672, 8_160) })
            .Answer($"GET /api/jobs/{Id}/events", new Page<JobEvent>([]));
        var shown = (await CommandRun.RunAsync(broker, "show", Id)).Ends(ExitCode.Ok);
        Assert.Matches("(?m)^blocks +3672/8160 done, in step 1", shown.Output);
        var jobs = (await CommandRun.RunAsync(broker, "jobs")).Ends(ExitCode.Ok);
        Assert.Matches($@"{Id} +saxpy +{PoolName.Default} +queued +2026-01-01 12:00:00Z", jobs.Output);
        Assert.Contains("the same with --continue next", jobs.Error, StringComparison.Ordinal);

        var offers = (await CommandRun.RunAsync(broker, "offers")).Ends(ExitCode.Ok);
        Assert.Matches(@"amber +bob .* 7\.0 +1 of 2 +256 MB +0\.001", offers.Output);
    }

    private static async Task<JsonElement> OneAsync(FakeBroker broker, params IReadOnlyList<string> args) =>
        Assert.Single((await CommandRun.RunAsync(broker, [.. args, "--json"])).Ends(ExitCode.Ok).Json);
}
