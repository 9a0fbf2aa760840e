using Broker.Core.Api;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Core.Market;
using Broker.Functions.Jobs;
using Broker.Storage;

namespace Broker.Functions.Api;

/// <summary>Jobs: listed, read, cancelled.</summary>
internal static class JobRoutes
{
    private const int MostEvents = 1000;

    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/jobs", ListAsync).Require(Role.Submitter);
        api.MapGet("/jobs/{id}", ReadAsync).Require(Role.Submitter, Role.Operator);
        api.MapPost("/jobs/{id}/cancel", CancelAsync).Require(Role.Submitter, Role.Operator);
        api.MapGet("/jobs/{id}/events", ReadEventsAsync).Require(Role.Submitter, Role.Operator);
    }

    /// <summary>The job, where this key may see it.</summary>
    public static async Task<StoredJob?> FindAsync(JobStore jobs, HttpContext http, string id)
    {
        var principal = http.Principal();
        if (!JobId.TryParse(id, out var job) || await jobs.FindAsync(job, http.RequestAborted) is not { } stored) return null;
        return stored.Job.Account == principal.Account || principal.Is(Role.Operator) ? stored : null;
    }

    private static async Task<IResult> ListAsync(
        HttpContext http, JobIndexStore index, JobStore jobs, string? state, string? token, int? top, CancellationToken cancellation)
    {
        JobState? wanted = null;
        if (state is not null)
        {
            if (!Enum.TryParse<JobState>(state, ignoreCase: true, out var parsed) || !Enum.IsDefined(parsed) || char.IsAsciiDigit(state[0]))
                return Problems.InvalidParameter("state", $"must be one of {string.Join(", ", Enum.GetNames<JobState>()).ToLowerInvariant()}");
            wanted = parsed;
        }

        if (!Paging.TryRead(token, top, out var after, out var most, out var refusal)) return refusal!;
        var page = await index.ReadAsync(http.Principal().Account, wanted, after, most, cancellation);
        var items = new List<JobSummary>();
        foreach (var summary in page.Items)
        {
            // The line of a job that has not ended says no more than that: its own row says the rest.
            var current = summary.State.IsEnded() || await jobs.FindAsync(summary.Id, cancellation) is not { } stored
                ? summary
                : JobViews.Summarise(stored.Job);
            if (wanted is null || current.State == wanted) items.Add(current);
        }

        return Answer.Ok(new Page<JobSummary>([.. items], Paging.Write(page.Next)));
    }

    private static async Task<IResult> ReadAsync(HttpContext http, string id, JobStore jobs, PoolStore pools, TimeProvider clock)
    {
        if (await FindAsync(jobs, http, id) is not { } stored) return Problems.NotFound("job", id);
        var waiting = PoolIndex.Of(stored.Job).Waiting;
        if (waiting.IsEmpty) return Answer.Ok(JobViews.Make(stored));
        var snapshot = await pools.ReadAsync(stored.Job.Document.Pool, clock.GetUtcNow(), http.RequestAborted);
        return Answer.Ok(JobViews.Make(stored, Matcher.Explain(snapshot.Market, waiting[0]).Describe(waiting[0])));
    }

    private static async Task<IResult> CancelAsync(HttpContext http, string id, JobStore jobs, JobChanges changes, TimeProvider clock)
    {
        if (await FindAsync(jobs, http, id) is not { } stored) return Problems.NotFound("job", id);
        var result = await changes.ApplyAsync(
            stored.Job.Id, job => Lifecycle.Cancel(job, "cancelled by its account", clock.GetUtcNow()), http.RequestAborted);
        if (result.Refusal != LifecycleRefusal.None) return Problems.Refused(result.Refusal, result.Job!.State);
        return await FindAsync(jobs, http, id) is { } cancelled ? Answer.Ok(JobViews.Make(cancelled)) : Problems.NotFound("job", id);
    }

    private static async Task<IResult> ReadEventsAsync(HttpContext http, string id, JobStore jobs)
    {
        if (await FindAsync(jobs, http, id) is not { } stored) return Problems.NotFound("job", id);
        var events = await jobs.ReadEventsAsync(stored.Job.Id, 0, MostEvents, http.RequestAborted);
        return Answer.Ok(new Page<JobEvent>(events));
    }
}
