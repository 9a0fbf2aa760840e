using System.Text;
using Broker.Core.Api;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Storage;

namespace Broker.Functions.Api;

/// <summary>A job's log: what its workers wrote about their runs, attempt by attempt.</summary>
internal static class LogRoute
{
    /// <summary>Of all runs together.</summary>
    private const int MostBytes = 8 * RunLogs.Bytes;

    private const int MostRuns = 100;

    public static void Map(RouteGroupBuilder api) =>
        api.MapGet("/jobs/{id}/log", ReadAsync).Require(Role.Submitter, Role.Operator)
            .Does("What a job's workers wrote about their runs, attempt by attempt.", route => route with { GivesType = "text/plain", Status = 200, IsTagged = true });

    private static async Task<IResult> ReadAsync(HttpContext http, string id, JobStore jobs, LogStore logs)
    {
        if (await JobRoutes.FindAsync(jobs, http, id) is not { } stored) return Problems.NotFound("job", id);
        var job = stored.Job.Id;
        var runs = (await jobs.ReadLogsAsync(job, http.RequestAborted)).Select(Make)
            .Concat((await logs.ListAsync(job, MostRuns, http.RequestAborted)).Select(log => Make(job, log, logs)))
            .OrderBy(run => run.At).ToLookup(run => (run.Replica, run.Attempt));
        var text = new StringBuilder();
        foreach (var attempt in stored.Job.Attempts)
        {
            var its = runs[(attempt.Replica, attempt.Number)];
            text.Append($"attempt {attempt.Replica}/{attempt.Number} on {attempt.WorkerName}: {attempt.State.ToString().ToLowerInvariant()}\n");
            if (!its.Any()) text.Append(attempt.State.IsEnded() ? "no log of it was stored\n" : "its log comes when its run has ended\n");
            foreach (var run in its) await AppendAsync(text, run, http.RequestAborted);
        }

        return Answer.TaggedText(http, text.ToString());
    }

    private static RunText Make(RunLogRecord log) => new(log.Replica, log.Attempt, log.Run, log.At, log.Text.Length, _ => Task.FromResult(log.Text));

    private static RunText Make(JobId job, StoredLog log, LogStore logs) => new(
        log.Replica, log.Attempt, log.Run, log.StoredAt, log.Bytes,
        async cancellation => Encoding.UTF8.GetString((await logs.ReadAsync(job, log, RunLogs.Bytes, cancellation)).ToMemory().Span));

    private static async Task AppendAsync(StringBuilder text, RunText run, CancellationToken cancellation)
    {
        text.Append($"run {run.Run}\n");
        if (text.Length >= MostBytes)
        {
            text.Append($"left out: the log is longer than {MostBytes} bytes\n");
            return;
        }

        // A worker that keeps to the rule cuts its log itself.
        text.Append(await run.ReadAsync(cancellation));
        if (text[^1] != '\n') text.Append('\n');
        if (run.Bytes > RunLogs.Bytes) text.Append($"cut: the log of this run has {run.Bytes} bytes, more than {RunLogs.Bytes}\n");
    }

    /// <summary>The log of one run, wherever it stands.</summary>
    private sealed record RunText(int Replica, int Attempt, string Run, DateTimeOffset At, long Bytes, Func<CancellationToken, Task<string>> ReadAsync);
}
