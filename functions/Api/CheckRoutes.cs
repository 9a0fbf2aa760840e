using System.Text.Json;
using Broker.Core.Api;
using Broker.Core.Documents;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Core.Verification;
using Broker.Storage;

namespace Broker.Functions.Api;

/// <summary>Checks of results: begun and judged by the verifier that they were assigned to, and by no other.</summary>
internal static class CheckRoutes
{
    /// <summary>What the URLs of an order last beyond the check's budget.</summary>
    private static readonly TimeSpan UrlGrace = TimeSpan.FromMinutes(30);

    public static void Map(RouteGroupBuilder api)
    {
        api.MapPost("/checks/{job}/{replica:int}/{attempt:int}/{check:int}/start", StartAsync).Require(Role.Verifier)
            .Does("Begin a check, or renew its links.", route => route.Answers<CheckOrder>().Refuses(409));
        api.MapPost("/checks/{job}/{replica:int}/{attempt:int}/{check:int}/verdict", JudgeAsync).Require(Role.Verifier)
            .Does("Report what a check found.", route => (route with { Status = 202, GivesType = RouteDescriptions.Json }).TakesDocument<Verdict>().Refuses(409));
    }

    private static async Task<IResult> StartAsync(
        HttpContext http, string job, int replica, int attempt, int check, JobStore jobs, BrokerStorage storage, TimeProvider clock)
    {
        var (stored, id, refusal) = await FindAsync(http, job, (replica, attempt, check), jobs, storage.Meter);
        return refusal ?? Answer.Ok(MakeOrder(stored!, stored!.FindAttempt(id.Replica, id.Number)!, storage, clock.GetUtcNow()));
    }

    private static async Task<IResult> JudgeAsync(
        HttpContext http, string job, int replica, int attempt, int check, JobStore jobs, MessageQueues queues, OperationMeter meter)
    {
        var (verdict, unread) = await RequestBody.ReadAsync<Verdict>(http.Request, http.RequestAborted);
        if (verdict is null) return unread!;
        if (VerdictCheck.Check(verdict) is { IsEmpty: false } errors) return Problems.Invalid(errors);
        var (_, id, refusal) = await FindAsync(http, job, (replica, attempt, check), jobs, meter);
        if (refusal is not null) return refusal;
        var message = new ReportMessage(id.Job, id.Replica, id.Number, http.Principal().Worker!.Value) { Check = new CheckReport(check, verdict) };
        await queues.SendAsync(QueueNames.Reports, message, null, http.RequestAborted);
        return Answer.Accepted();
    }

    private static async Task<(JobRecord? Job, AttemptId Id, IResult? Refusal)> FindAsync(
        HttpContext http, string job, (int Replica, int Attempt, int Check) which, JobStore jobs, OperationMeter meter)
    {
        var named = $"{job}/{which.Replica}/{which.Attempt}/{which.Check}";
        if (!JobId.TryParse(job, out var jobId) || http.Principal().Worker is not { } verifier) return (null, default, Problems.NotFound("check", named));
        using var scope = meter.For(jobId);
        var id = new AttemptId(jobId, which.Replica, which.Attempt);
        var stored = await jobs.FindAsync(jobId, http.RequestAborted);
        if (stored is null) return (null, id, Problems.NotFound("check", named));
        var refusal = Lifecycle.CheckVerdict(stored.Job, id, which.Check, verifier);

        // What was never this verifier's does not exist for it.
        if (refusal == LifecycleRefusal.OtherWorker || (refusal == LifecycleRefusal.StaleAttempt)) return (null, id, Problems.NotFound("check", named));
        return (stored.Job, id, refusal == LifecycleRefusal.None ? null : Problems.Refused(refusal, stored.Job.State));
    }

    private static CheckOrder MakeOrder(JobRecord job, AttemptRecord attempt, BrokerStorage storage, DateTimeOffset now)
    {
        var (document, content, outputs) = (job.Document, new ContentStore(storage), new OutputStore(storage));
        var until = now + document.Verification!.Budget + document.Verification.Budget + UrlGrace;
        var run = new RunId(new AttemptId(job.Id, attempt.Replica, attempt.Number), attempt.Run!);
        var buffers = attempt.Commitment?.Statement.Buffers ?? [];
        return new CheckOrder(
            JsonSerializer.Deserialize<JsonElement>(JobDocumentWriter.Write(document)),
            [.. document.Contents.Select(hash => new ContentUrl(hash, content.ReadUrl(hash, until)))],
            [.. buffers.Select(buffer => outputs.ReadUrls(run, buffer.Buffer, buffer.Bytes, until))],
            [.. buffers.Select(buffer => outputs.ReadLeafUrls(run, buffer.Buffer, buffer.Bytes, until))],
            attempt.Commitment, attempt.Commitment is null ? attempt.Fault : null, attempt.Seed, until);
    }
}
