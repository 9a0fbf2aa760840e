using System.Text;
using Broker.Core.Api;
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
        var found = await logs.ListAsync(stored.Job.Id, MostRuns, http.RequestAborted);
        var text = new StringBuilder();
        foreach (var attempt in stored.Job.Attempts)
        {
            var runs = found.Where(log => log.Replica == attempt.Replica && log.Attempt == attempt.Number).ToList();
            text.Append($"attempt {attempt.Replica}/{attempt.Number} on {attempt.WorkerName}: {attempt.State.ToString().ToLowerInvariant()}\n");
            if (runs.Count == 0) text.Append(attempt.State.IsEnded() ? "no log of it was stored\n" : "its log comes when its run has ended\n");
            foreach (var run in runs) await AppendAsync(text, stored.Job, run, logs, http.RequestAborted);
        }

        return Answer.TaggedText(http, text.ToString());
    }

    private static async Task AppendAsync(StringBuilder text, JobRecord job, StoredLog run, LogStore logs, CancellationToken cancellation)
    {
        text.Append($"run {run.Run}\n");
        if (text.Length >= MostBytes)
        {
            text.Append($"left out: the log is longer than {MostBytes} bytes\n");
            return;
        }

        // A worker that keeps to the rule cuts its log itself.
        text.Append(Encoding.UTF8.GetString((await logs.ReadAsync(job.Id, run, RunLogs.Bytes, cancellation)).ToMemory().Span));
        if (text[^1] != '\n') text.Append('\n');
        if (run.Bytes > RunLogs.Bytes) text.Append($"cut: the log of this run has {run.Bytes} bytes, more than {RunLogs.Bytes}\n");
    }
}
