using System.Globalization;
using Broker.Core.Api;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Core.Market;
using Broker.Functions.Jobs;
using Broker.Storage;

namespace Broker.Functions.Api;

/// <summary>Jobs: listed, read, cancelled, deleted.</summary>
internal static class JobRoutes
{
    /// <summary>An event's number has six digits.</summary>
    private const int MostEvents = 999_999;

    /// <summary>How long a request may wait for events: proxies on the way give up on silence after a minute.</summary>
    private const int LongestWaitSeconds = 30;

    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/jobs", ListAsync).Require(Role.Submitter).Pages()
            .Query("state", "Only jobs in this state.")
            .Query("since", "Only jobs that were submitted at this time or later.")
            .Query("until", "Only jobs that were submitted before this time.")
            .Does("The account's jobs, the newest first.", route => route.Answers<Page<JobSummary>>());
        api.MapGet("/jobs/{id}", ReadAsync).Require(Role.Submitter, Role.Operator)
            .Does("A job.", route => route.AnswersTagged<JobView>());
        api.MapDelete("/jobs/{id}", DeleteAsync).Require(Role.Submitter, Role.Operator)
            .Does("Delete a job that has ended, with its results and its log.", route => route.Refuses(409));
        api.MapPost("/jobs/{id}/cancel", CancelAsync).Require(Role.Submitter, Role.Operator)
            .Does("Stop a job that waits or runs.", route => route.Answers<JobView>().Refuses(409));
        api.MapGet("/jobs/{id}/events", ReadEventsAsync).Require(Role.Submitter, Role.Operator).Pages()
            .Query("after", "Only events with a greater number: 0 where it is left out.", "integer")
            .Query("wait", $"Where there are none yet: for how many seconds to wait for one, at the most {LongestWaitSeconds}. A job that has ended answers at once.", "integer")
            .Does("A job's history, the oldest event first.", route => route.Answers<Page<JobEvent>>().Refuses(429));
    }

    /// <summary>The job, where this key may see it.</summary>
    public static async Task<StoredJob?> FindAsync(JobStore jobs, HttpContext http, string id)
    {
        var principal = http.Principal();
        if (!JobId.TryParse(id, out var job) || await jobs.FindAsync(job, http.RequestAborted) is not { } stored) return null;
        return stored.Job.Account == principal.Account || principal.Is(Role.Operator) ? stored : null;
    }

    private static async Task<IResult> ListAsync(HttpContext http, JobIndexStore index, JobStore jobs, CancellationToken cancellation)
    {
        var query = new QueryReader(http.Request);
        var wanted = query.Name("state", Enum.GetValues<JobState>());
        var (since, until) = (query.Time("since"), query.Time("until"));
        var (most, after) = (query.Size(), query.Position(JobIndexStore.IsPosition));
        if (query.Refusal is { } refusal) return refusal;
        var page = await index.ReadAsync(http.Principal().Account, new JobFilter(wanted, since, until), after, most, cancellation);
        var items = new List<JobSummary>();
        foreach (var summary in page.Items)
        {
            // The line of a job that has not ended says no more than that: its own row says the rest.
            var current = summary.State.IsEnded() || await jobs.FindAsync(summary.Id, cancellation) is not { } stored
                ? summary
                : JobViews.Summarise(stored.Job);
            if (wanted is null || current.State == wanted) items.Add(current);
        }

        return Answer.Ok(new Page<JobSummary>([.. items], QueryReader.Write(page.Next)));
    }

    private static async Task<IResult> ReadAsync(HttpContext http, string id, JobStore jobs, PoolStore pools, TimeProvider clock)
    {
        if (await FindAsync(jobs, http, id) is not { } stored) return Problems.NotFound("job", id);
        var waiting = PoolIndex.Of(stored.Job).Waiting;
        if (waiting.IsEmpty) return Answer.Tagged(http, JobViews.Make(stored));
        var snapshot = await pools.ReadAsync(stored.Job.Document.Pool, clock.GetUtcNow(), http.RequestAborted);
        return Answer.Tagged(http, JobViews.Make(stored, Matcher.Explain(snapshot.Market, waiting[0]).Describe(waiting[0])));
    }

    private static async Task<IResult> DeleteAsync(HttpContext http, string id, JobStore jobs, JobRemoval removal)
    {
        if (await FindAsync(jobs, http, id) is not { } stored) return Problems.NotFound("job", id);
        var job = stored.Job;
        if (!job.State.IsEnded())
            return Problems.Conflict($"the job is {job.State.ToString().ToLowerInvariant()}: cancel it first with POST /api/jobs/{job.Id}/cancel, or wait for its end");
        await removal.RunAsync(job, http.RequestAborted);
        return Results.NoContent();
    }

    private static async Task<IResult> CancelAsync(HttpContext http, string id, JobStore jobs, JobChanges changes, TimeProvider clock)
    {
        if (await FindAsync(jobs, http, id) is not { } stored) return Problems.NotFound("job", id);
        var result = await changes.ApplyAsync(
            stored.Job.Id, job => Lifecycle.Cancel(job, "cancelled by its account", clock.GetUtcNow()), http.RequestAborted);
        if (result.Refusal != LifecycleRefusal.None) return Problems.Refused(result.Refusal, result.Job!.State);
        return await FindAsync(jobs, http, id) is { } cancelled ? Answer.Ok(JobViews.Make(cancelled)) : Problems.NotFound("job", id);
    }

    private static async Task<IResult> ReadEventsAsync(HttpContext http, string id, JobStore jobs, JobBells bells, EventFeed feed)
    {
        var query = new QueryReader(http.Request);
        var after = query.Integer("after", 0, 0, MostEvents);
        var wait = TimeSpan.FromSeconds(Math.Min(query.Integer("wait", 0, 0, int.MaxValue), LongestWaitSeconds));
        var most = query.Size();
        if (query.Position(IsEventNumber) is { } position)
        {
            if (query.Text("after") is not null) query.Refuse("after", $"and {Paging.Continue} both say where to begin: send one of them");
            after = int.Parse(position, CultureInfo.InvariantCulture);
        }

        if (query.Refusal is { } refusal) return refusal;
        if (await FindAsync(jobs, http, id) is not { } stored) return Problems.NotFound("job", id);
        var mayWait = wait > TimeSpan.Zero && !stored.Job.State.IsEnded();
        using var seat = mayWait ? bells.TrySit(http.Principal().Account, stored.Job.Id) : null;
        if (mayWait && seat is null) return Problems.TooMany($"{JobBells.SeatsPerAccount} requests of this account wait for events");

        // One more than is asked for tells whether there is a page after this one.
        var events = seat is null
            ? await jobs.ReadEventsAsync(stored.Job.Id, after, most + 1, http.RequestAborted)
            : await feed.WaitAsync(stored.Job.Id, seat, (after, most + 1), wait, http.RequestAborted);
        return events.Length <= most
            ? Answer.Ok(new Page<JobEvent>(events))
            : Answer.Ok(new Page<JobEvent>(events[..most], QueryReader.Write(events[most - 1].Number.ToString(CultureInfo.InvariantCulture))));
    }

    private static bool IsEventNumber(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= MostEvents;
}
