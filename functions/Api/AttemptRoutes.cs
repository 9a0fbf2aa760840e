using System.Text.Json;
using Broker.Core.Api;
using Broker.Core.Documents;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Core.Verification;
using Broker.Functions.Jobs;
using Broker.Storage;

namespace Broker.Functions.Api;

/// <summary>Attempts: begun and reported by the worker that they were assigned to, and by no other.</summary>
internal static class AttemptRoutes
{
    /// <summary>What the URLs of an order last beyond the run's timeout.</summary>
    private static readonly TimeSpan UrlGrace = TimeSpan.FromMinutes(30);

    public static void Map(RouteGroupBuilder api)
    {
        api.MapPost("/attempts/{job}/{replica:int}/{attempt:int}/start", StartAsync).Require(Role.Worker)
            .Does("Begin a run of an attempt, or renew its links.", route => route.TakesDocument<StartRun>().Answers<AttemptOrder>().Refuses(409));
        api.MapPost("/attempts/{job}/{replica:int}/{attempt:int}/report", ReportAsync).Require(Role.Worker)
            .Does("Report how a run ended.", route => (route with { Status = 202, GivesType = RouteDescriptions.Json }).TakesDocument<AttemptReport>().Refuses(409));
    }

    private static async Task<IResult> StartAsync(
        HttpContext http, string job, int replica, int attempt, AttemptIntake intake, BrokerStorage storage, TimeProvider clock)
    {
        var (body, refusal) = await RequestBody.ReadAsync<StartRun>(http.Request, http.RequestAborted);
        if (body is null) return refusal!;
        if (RequestCheck.Check(body) is { IsEmpty: false } errors) return Problems.Invalid(errors);
        if (!JobId.TryParse(job, out var id)) return Problems.NotFound("job", job);
        using var scope = storage.Meter.For(id);
        var key = new AttemptId(id, replica, attempt);
        var (principal, worker) = (http.Principal(), http.Principal().Worker!.Value);
        var now = clock.GetUtcNow();
        var result = await intake.StartAsync(key, principal, body.Run, now, http.RequestAborted);
        if (result.Job is null || (result.Refusal != LifecycleRefusal.None && IsStranger(result.Job, key, worker))) return Problems.NotFound("attempt", key.ToString());
        return result.Refusal == LifecycleRefusal.None
            ? Answer.Ok(MakeOrder(result.Job, key, body.Run, storage, now))
            : Problems.Refused(result.Refusal, result.Job.State);
    }

    /// <summary>Whether the job is none of this worker's business: not even that it exists. An attempt that it had is stale, and it is told so.</summary>
    private static bool IsStranger(JobRecord job, AttemptId attempt, WorkerId worker) =>
        job.Attempts.All(had => had.Worker != worker) || job.FindAttempt(attempt.Replica, attempt.Number) is { } other && other.Worker != worker;

    private static AttemptOrder MakeOrder(JobRecord job, AttemptId attempt, string run, BrokerStorage storage, DateTimeOffset now)
    {
        var document = job.Document;
        var until = now + document.Terms.Timeout + UrlGrace;
        var content = new ContentStore(storage);
        var outputs = new OutputStore(storage);
        var (its, results) = (new RunId(attempt, run), document.Buffers.Where(buffer => buffer.IsResult).ToList());
        return new AttemptOrder(
            job.Id, attempt.Replica, attempt.Number, run,
            JsonSerializer.Deserialize<JsonElement>(JobDocumentWriter.Write(document)),
            [.. document.Contents.Select(hash => new ContentUrl(hash, content.ReadUrl(hash, until)))],
            [.. results.Select(buffer => outputs.CreateUrls(its, buffer.Name, buffer.Bytes, until))],
            job.IsVerified ? [.. results.Select(buffer => outputs.CreateLeafUrls(its, buffer.Name, buffer.Bytes, until))] : [],
            JobHash.Of(document), Seed.Commit(job.FindAttempt(attempt.Replica, attempt.Number)!.Seed, attempt),
            new LogStore(storage).CreateUrl(attempt, run, until), document.Terms.Timeout.TotalSeconds, until);
    }

    private static async Task<IResult> ReportAsync(
        HttpContext http, string job, int replica, int attempt, AttemptIntake intake, OperationMeter meter)
    {
        var (report, refusal) = await RequestBody.ReadAsync<AttemptReport>(http.Request, http.RequestAborted);
        if (report is null) return refusal!;
        if (!JobId.TryParse(job, out var id)) return Problems.NotFound("job", job);
        using var scope = meter.For(id);
        var key = new AttemptId(id, replica, attempt);
        var worker = http.Principal().Worker!.Value;
        var result = await intake.ReportAsync(key, worker, report, http.RequestAborted);
        if (result.Job is null || (result.Refusal != LifecycleRefusal.None && IsStranger(result.Job, key, worker))) return Problems.NotFound("attempt", key.ToString());
        if (result.Refusal != LifecycleRefusal.None) return Problems.Refused(result.Refusal, result.Job.State);
        return result.Errors.IsEmpty ? Answer.Accepted() : Problems.Invalid(result.Errors);
    }
}
