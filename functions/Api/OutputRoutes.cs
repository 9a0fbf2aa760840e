using Broker.Core.Api;
using Broker.Core.Ids;
using Broker.Core.Jobs;
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
            ? Answer.Ok(new Page<OutputView>([.. attempt.Outputs.Select(output => View(stored.Job, attempt, output, outputs, clock))]))
            : NoOutputs(stored.Job);
    }

    private static async Task<IResult> ReadAsync(
        HttpContext http, string id, string buffer, JobStore jobs, OutputStore outputs, TimeProvider clock)
    {
        if (await JobRoutes.FindAsync(jobs, http, id) is not { } stored) return Problems.NotFound("job", id);
        if (FindAccepted(stored.Job) is not { } attempt) return NoOutputs(stored.Job);
        var output = attempt.Outputs.FirstOrDefault(output => output.Buffer == buffer);
        return output is null ? Problems.NotFound("output", buffer) : Answer.Ok(View(stored.Job, attempt, output, outputs, clock));
    }

    private static AttemptRecord? FindAccepted(JobRecord job) => job.State == JobState.Completed
        ? job.Attempts.FirstOrDefault(attempt => attempt.State is AttemptState.Accepted or AttemptState.Inconclusive)
        : null;

    private static IResult NoOutputs(JobRecord job) => Problems.Conflict(job.State.IsEnded()
        ? $"the job is {job.State.ToString().ToLowerInvariant()} and has no outputs: {job.Reason}"
        : $"the job is {job.State.ToString().ToLowerInvariant()}: its outputs can be read once it is completed");

    private static OutputView View(JobRecord job, AttemptRecord attempt, OutputRecord output, OutputStore outputs, TimeProvider clock)
    {
        var id = new AttemptId(job.Id, attempt.Replica, attempt.Number);
        var until = clock.GetUtcNow() + UrlLife;
        var parts = Enumerable.Range(0, output.Parts).Select(part => new PartView(
            outputs.ReadUrl(id, attempt.Run!, output.Buffer, part, until), OutputParts.Length(output.Bytes, part), until));
        return new OutputView(output.Buffer, output.Bytes, output.Sha256, [.. parts]);
    }
}
