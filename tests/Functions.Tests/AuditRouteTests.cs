using System.Net;
using Broker.Core.Api;
using Broker.Core.Jobs;
using Broker.Core.Verification;
using Broker.Storage;

namespace Broker.Functions.Tests;

public sealed class AuditRouteTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Jobs_of_all_accounts_that_have_ended_are_listed_page_by_page_and_by_pool()
    {
        var jobs = new List<JobView>();
        foreach (var pool in (string[])["audit-a", "audit-b", "audit-a", "audit-a"])
        {
            var key = await api.MakeAccountAsync(Role.Submitter);
            var job = await api.SubmitAsync(key, pool);
            if (jobs.Count < 3) (await api.SendAsync($"POST /api/jobs/{job.Id}/cancel", key, "")).Is(HttpStatusCode.OK);
            jobs.Add(job);
        }

        Assert.Equal(jobs[..3].Select(job => job.Id.ToString()).Order(StringComparer.Ordinal), (await ListAsync("?limit=1")).Select(job => job.Id.ToString()));
        var inPool = await ListAsync("?pool=audit-a&limit=1");
        Assert.Equal(new[] { jobs[0].Id.ToString(), jobs[2].Id.ToString() }.Order(StringComparer.Ordinal), inPool.Select(job => job.Id.ToString()));
        Assert.All(inPool, job => Assert.Equal((JobState.Cancelled, 2), (job.State, job.Events)));
        foreach (var job in inPool)
        {
            var events = (await api.SendAsync($"GET /api/jobs/{job.Id}/events", api.OperatorKey)).Read<Page<JobEvent>>().Items;
            Assert.Null(JobAudit.FindChainBreak(job, events));
            Assert.Equal(events[^1].At, job.EndedAt);
        }
    }

    [Fact]
    public async Task Roots_are_listed_and_read_by_their_days()
    {
        var day = new DateOnly(2026, 2, 27);
        var roots = new DayRootStore(api.Storage);
        for (var i = 0; i < 3; i++) await roots.TryCreateAsync(DayRoot.Of(day.AddDays(i), [new ChainEnd(Broker.Tests.Make.JobId(), i, default)], "key"), Token);
        var first = (await api.SendAsync("GET /api/audit/roots?limit=2", api.OperatorKey)).Is(HttpStatusCode.OK).Read<Page<DateOnly>>();
        Assert.Equal([day, day.AddDays(1)], first.Items);
        var second = (await api.SendAsync($"GET /api/audit/roots?limit=2&continue={first.Next}", api.OperatorKey)).Is(HttpStatusCode.OK).Read<Page<DateOnly>>();
        Assert.Equal(new DateOnly(2026, 3, 1), Assert.Single(second.Items));
        Assert.Null(second.Next);
        var root = (await api.SendAsync("GET /api/audit/roots/2026-03-01", api.OperatorKey)).Is(HttpStatusCode.OK).Read<DayRoot>();
        Assert.Equal((new DateOnly(2026, 3, 1), 2), (root.Day, Assert.Single(root.Jobs).Events));
        Assert.Equal(DayRoot.RootOf(root.Jobs), root.Root);
    }

    [Theory]
    [InlineData("roots/2026-01-30", HttpStatusCode.NotFound)]
    [InlineData("roots/yesterday", HttpStatusCode.NotFound)]
    [InlineData("roots?continue=YQ", HttpStatusCode.BadRequest)]
    [InlineData("jobs?continue=YQ", HttpStatusCode.BadRequest)]
    [InlineData("jobs?limit=201", HttpStatusCode.BadRequest)]
    public async Task What_is_not_there_or_not_valid_is_told(string path, HttpStatusCode status) =>
        (await api.SendAsync($"GET /api/audit/{path}", api.OperatorKey)).IsProblem(status);

    private async Task<List<AuditJob>> ListAsync(string query)
    {
        var items = new List<AuditJob>();
        string? next = null;
        do
        {
            var page = (await api.SendAsync($"GET /api/audit/jobs{query}{(next is null ? "" : $"&continue={next}")}", api.OperatorKey)).Is(HttpStatusCode.OK).Read<Page<AuditJob>>();
            items.AddRange(page.Items);
            next = page.Next;
        }
        while (next is not null);
        return items;
    }
}
