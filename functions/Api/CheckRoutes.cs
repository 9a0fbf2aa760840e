using System.Text.Json;
using Broker.Core.Api;
using Broker.Core.Documents;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Core.Verification;
using Broker.Functions.Checks;
using Broker.Functions.Jobs;
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

    private static async Task<IResult> StartAsync(HttpContext http, string job, int replica, int attempt, int check, CheckIntake intake, BrokerStorage storage, TimeProvider clock)
    {
        if (!TryFind(http, job, replica, attempt, out var id, out var verifier)) return NoCheck(job, replica, attempt, check);
        using var scope = storage.Meter.For(id.Job);
        var found = await intake.FindAsync(id, check, verifier, http.RequestAborted);
        return Refuse(found, id, check) ?? Answer.Ok(MakeOrder(found.Job!, found.Job!.FindAttempt(replica, attempt)!, storage, clock.GetUtcNow()));
    }

    private static async Task<IResult> JudgeAsync(HttpContext http, string job, int replica, int attempt, int check, CheckIntake intake, OperationMeter meter)
    {
        var (verdict, unread) = await RequestBody.ReadAsync<Verdict>(http.Request, http.RequestAborted);
        if (verdict is null) return unread!;
        if (VerdictCheck.Check(verdict) is { IsEmpty: false } errors) return Problems.Invalid(errors);
        if (!TryFind(http, job, replica, attempt, out var id, out var verifier)) return NoCheck(job, replica, attempt, check);
        using var scope = meter.For(id.Job);
        return Refuse(await intake.JudgeAsync(id, check, verifier, verdict, http.RequestAborted), id, check) ?? Answer.Accepted();
    }

    private static bool TryFind(HttpContext http, string job, int replica, int attempt, out AttemptId id, out WorkerId verifier)
    {
        (id, verifier) = (default, http.Principal().Worker ?? default);
        if (!JobId.TryParse(job, out var jobId) || http.Principal().Worker is null) return false;
        id = new AttemptId(jobId, replica, attempt);
        return true;
    }

    /// <summary>What was never this verifier's does not exist for it.</summary>
    private static IResult? Refuse(ChangeResult found, AttemptId id, int check)
    {
        if (found.Job is null || found.Refusal is LifecycleRefusal.OtherWorker or LifecycleRefusal.StaleAttempt) return NoCheck(id.Job.ToString(), id.Replica, id.Number, check);
        return found.Refusal == LifecycleRefusal.None ? null : Problems.Refused(found.Refusal, found.Job.State);
    }

    private static IResult NoCheck(string job, int replica, int attempt, int check) => Problems.NotFound("check", $"{job}/{replica}/{attempt}/{check}");

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
            attempt.Commitment, attempt.Commitment is null ? attempt.Fault : null, attempt.Seed,
            SampleSize.Of(document.Verification, new LaunchList(document).Blocks, attempt.SampleFactor), until);
    }
}
