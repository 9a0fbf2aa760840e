using System.Net;
using Broker.Core.Api;
using Broker.Core.Jobs;

namespace Broker.Cli.Tests.Commands;

public sealed class LogsCommandTests
{
    private static readonly string Log = $"GET /api/jobs/{Views.Id}/log";

    [Fact]
    public async Task A_log_is_shown_line_by_line()
    {
        await using var broker = new FakeBroker().AnswerText(Log, "attempt 0/1 on amber: accepted\nstep 0: over\n");
        var run = (await CommandRun.RunAsync(broker, "logs", $"{Views.Id}")).Ends(ExitCode.Ok);
        Assert.Equal(["attempt 0/1 on amber: accepted", "step 0: over"], run.Output.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries));

        var json = Assert.Single((await CommandRun.RunAsync(broker, "logs", $"{Views.Id}", "--json")).Ends(ExitCode.Ok).Json);
        Assert.Equal(["attempt 0/1 on amber: accepted", "step 0: over"], json.GetProperty("lines").EnumerateArray().Select(line => line.GetString()));
    }

    [Fact]
    public async Task A_job_is_followed_past_a_crowd_until_its_last_event()
    {
        await using var broker = new FakeBroker();

        // The client itself tries five times.
        for (var i = 0; i < 5; i++) broker.Refuse(Events(0), HttpStatusCode.TooManyRequests, "too-many", "100 requests of this account wait for events");
        broker
            .Answer(Events(0), new Page<JobEvent>([Event(1, JobEventKind.Submitted)]))
            .Answer(Events(1), new Page<JobEvent>([]))
            .Answer(Events(1), new Page<JobEvent>([Event(2, JobEventKind.Assigned), Event(3, JobEventKind.Failed)]))
            .AnswerText(Log, "");
        var run = (await CommandRun.RunAsync(broker, "logs", "--follow", $"{Views.Id}")).Ends(ExitCode.Ok);
        Assert.Equal(["submitted: 1", "assigned: 2", "failed: 3"], run.Error.Split(Environment.NewLine).Take(3).Select(line => line.Split("  ")[1]));
        Assert.Contains("No worker has begun it yet.", run.Error, StringComparison.Ordinal);
    }

    private static string Events(int after) => $"GET /api/jobs/{Views.Id}/events?after={after}&wait=20";

    private static JobEvent Event(int number, JobEventKind kind) => Views.Event($"{number}") with { Number = number, Kind = kind };
}
