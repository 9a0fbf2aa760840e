using System.Net;
using Broker.Client;
using Broker.Core.Api;
using Broker.Core.Ids;
using Broker.Core.Verification;

namespace Broker.Cli.Auditing;

/// <summary>Checks the roots of days, and holds the jobs that have been read against them.</summary>
/// <param name="client">The broker.</param>
/// <param name="brokerKey">The key that the broker is known by.</param>
/// <param name="jobs">The jobs that have ended: all of them, or all of one pool.</param>
/// <param name="isWhole">Whether they are all.</param>
/// <param name="count">Counts.</param>
internal sealed class RootsAudit(BrokerClient client, string brokerKey, IReadOnlyDictionary<JobId, AuditJob> jobs, bool isWhole, AuditCount count)
{
    private readonly ILookup<DateOnly, AuditJob> _byDay = jobs.Values.ToLookup(job => DateOnly.FromDateTime(job.EndedAt.UtcDateTime));

    /// <param name="days">The days that have a root, the oldest first.</param>
    /// <param name="cancellation">Ends the work.</param>
    public async Task RunAsync(IReadOnlyList<DateOnly> days, CancellationToken cancellation)
    {
        for (var i = 0; i < days.Count; i++)
        {
            // A root is made for every day, where nothing ended too.
            if (i > 0 && days[i - 1].AddDays(1) is var next && next != days[i]) count.Break($"the root of {next:O} is missing: those of {days[i - 1]:O} and {days[i]:O} are there");
            await RunAsync(days[i], cancellation);
        }
    }

    private async Task RunAsync(DateOnly day, CancellationToken cancellation)
    {
        var root = await client.ReadDayRootAsync(day, cancellation);
        count.Roots++;
        if (root.FindBreak(day, brokerKey) is { } broken)
        {
            count.Break($"the root of {day:O}: {broken}");
            return;
        }

        foreach (var end in root.Jobs)
        {
            if (jobs.TryGetValue(end.Job, out var job)) Compare(day, end, job);
            else if (isWhole) await FindMissingAsync(day, end.Job, cancellation);
        }

        var named = root.Jobs.Select(end => end.Job).ToHashSet();
        foreach (var job in _byDay[day].Where(job => !named.Contains(job.Id)))
            count.Break($"the root of {day:O} does not name job {job.Id}, which says that it ended on that day");
    }

    private void Compare(DateOnly day, ChainEnd end, AuditJob job)
    {
        if (job.Events != end.Events || job.LastEventHash != end.LastHash.ToString())
            count.Break($"the root of {day:O} names another end of the history of job {job.Id} than its row: {end.Events} events and {end.LastHash}, not {job.Events} and {job.LastEventHash}");
    }

    private async Task FindMissingAsync(DateOnly day, JobId id, CancellationToken cancellation)
    {
        try
        {
            var job = await client.ReadJobAsync(id, cancellation);
            count.Break($"the root of {day:O} names job {id}, which says now that it is {job.State.ToString().ToLowerInvariant()} and is not among the jobs that have ended");
        }
        catch (BrokerException e) when (e.Status == HttpStatusCode.NotFound)
        {
            count.Deleted++;
        }
    }
}
