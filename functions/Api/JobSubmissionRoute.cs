using Broker.Core.Api;
using Broker.Core.Documents;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Functions.Jobs;
using Broker.Storage;

namespace Broker.Functions.Api;

/// <summary>Takes in a job.</summary>
internal sealed class JobSubmissionRoute(DocumentResolution resolution, Submission submission, PoolDirectory pools, TimeProvider clock)
{
    private const string KeyHeader = "Idempotency-Key";

    public static void Map(RouteGroupBuilder api) => api
        .MapPost("/jobs", (HttpContext http, JobSubmissionRoute route, OperationMeter meter, CancellationToken cancellation) =>
            route.SubmitAsync(http, meter, cancellation))
        .Require(Role.Submitter)
        .Does(
            "Submit a job. The same Idempotency-Key and document again give the same job, with 200.",
            route => route.TakesDocument<JobDocument>().Answers<JobView>(201).Refuses(409));

    private async Task<IResult> SubmitAsync(HttpContext http, OperationMeter meter, CancellationToken cancellation)
    {
        var account = http.Principal().Account;
        var key = http.Request.Headers[KeyHeader].ToString();
        if (key.Length == 0) key = Guid.NewGuid().ToString("N");
        if (key.Length > 200 || key.Any(c => c is < ' ' or > '~'))
            return Problems.InvalidParameter(KeyHeader, "must have at most 200 printable ASCII characters");
        var (bytes, refusal) = await RequestBody.ReadBytesAsync(http.Request, JobLimits.RequestBytes, cancellation);
        if (refusal is not null) return refusal;

        var id = JobId.Derive(account, key);
        using var scope = meter.For();
        var read = JobDocumentReader.Read(bytes);
        if (read.Value is null) return Problems.Invalid(read.Errors);
        var resolved = await resolution.ResolveAsync(account, read.Value, cancellation);
        if (resolved.Document is null) return Problems.Invalid(resolved.Errors);

        scope.Share(id);
        await pools.AddAsync(resolved.Document.Pool, cancellation);
        var submitted = Lifecycle.Submit(id, account, resolved.Document, ContentHash.Of(bytes.Span), clock.GetUtcNow(), resolved.Class);
        var (job, isNew) = await submission.WriteAsync(submitted, cancellation);
        if (job is null) return Problems.Conflict($"the {KeyHeader} '{key}' was used for another document: take a new one");
        var view = JobViews.Make(new StoredJob(job, default, null));
        return isNew ? Answer.Created(view) : Answer.Ok(view);
    }
}
