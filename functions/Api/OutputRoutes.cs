using System.Collections.Immutable;
using Broker.Core.Api;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Core.Verification;
using Broker.Storage;

namespace Broker.Functions.Api;

/// <summary>Outputs: read straight from storage, by URLs that end soon.</summary>
internal static class OutputRoutes
{
    private static readonly TimeSpan UrlLife = TimeSpan.FromHours(1);

    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/jobs/{id}/outputs", ListAsync).Require(Role.Submitter, Role.Operator)
            .Does("The results of a completed job, and where to read them.", route => route.Answers<Page<OutputView>>().Refuses(409));
        api.MapGet("/jobs/{id}/outputs/{buffer}", ReadAsync).Require(Role.Submitter, Role.Operator)
            .Does("One result of a completed job, and where to read it.", route => route.Answers<OutputView>().Refuses(409));
    }

    private static async Task<IResult> ListAsync(HttpContext http, string id, JobStore jobs, OutputStore outputs, TimeProvider clock)
    {
        if (await JobRoutes.FindAsync(jobs, http, id) is not { } stored) return Problems.NotFound("job", id);
        return FindAccepted(stored.Job) is { } attempt
            ? Answer.Ok(new Page<OutputView>([.. Results(attempt).Select(output => View(stored.Job, attempt, output, outputs, clock))]))
            : NoOutputs(stored.Job);
    }

    private static async Task<IResult> ReadAsync(
        HttpContext http, string id, string buffer, JobStore jobs, OutputStore outputs, TimeProvider clock)
    {
        if (await JobRoutes.FindAsync(jobs, http, id) is not { } stored) return Problems.NotFound("job", id);
        if (FindAccepted(stored.Job) is not { } attempt) return NoOutputs(stored.Job);
        var output = Results(attempt).FirstOrDefault(output => output.Buffer == buffer);
        return output is null ? Problems.NotFound("output", buffer) : Answer.Ok(View(stored.Job, attempt, output, outputs, clock));
    }

    private static AttemptRecord? FindAccepted(JobRecord job) => job.State == JobState.Completed
        ? job.Attempts.FirstOrDefault(attempt => attempt.State is AttemptState.Accepted or AttemptState.Inconclusive)
        : null;

    private static ImmutableArray<BufferRoot> Results(AttemptRecord attempt) => attempt.Commitment?.Statement.Buffers ?? [];

    private static IResult NoOutputs(JobRecord job) => Problems.Conflict(job.State.IsEnded()
        ? $"the job is {job.State.ToString().ToLowerInvariant()} and has no outputs: {job.Reason}"
        : $"the job is {job.State.ToString().ToLowerInvariant()}: its outputs can be read once it is completed");

    private static OutputView View(JobRecord job, AttemptRecord attempt, BufferRoot output, OutputStore outputs, TimeProvider clock)
    {
        var id = new AttemptId(job.Id, attempt.Replica, attempt.Number);
        var until = clock.GetUtcNow() + UrlLife;
        var urls = outputs.ReadUrls(new RunId(id, attempt.Run!), output.Buffer, output.Bytes, until).Parts;
        return new OutputView(output.Buffer, output.Bytes, output.Root, [.. urls.Select((url, part) => new PartView(url, OutputParts.Length(output.Bytes, part), until))]);
    }
}
