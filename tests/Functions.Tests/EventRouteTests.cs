using System.Diagnostics;
using System.Net;
using Broker.Core.Api;
using Broker.Core.Jobs;
using Broker.Functions.Jobs;

namespace Broker.Functions.Tests;

public sealed class EventRouteTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    [Fact]
    public async Task Who_waits_hears_of_an_event_when_it_happens()
    {
        var key = await api.MakeAccountAsync(Role.Submitter);
        var job = await api.SubmitAsync(key);
        var clock = Stopwatch.StartNew();
        var waiting = api.SendAsync($"GET /api/jobs/{job.Id}/events?after=1&wait=25", key);
        await Task.Delay(1500, TestContext.Current.CancellationToken);
        Assert.False(waiting.IsCompleted);
        var cancelled = clock.Elapsed;
        (await api.SendAsync($"POST /api/jobs/{job.Id}/cancel", key, "")).Is(HttpStatusCode.OK);
        var page = (await waiting).Is(HttpStatusCode.OK).Read<Page<JobEvent>>();
        Assert.Equal(JobEventKind.Cancelled, Assert.Single(page.Items).Kind);
        Assert.True(clock.Elapsed - cancelled < TimeSpan.FromSeconds(10), $"after {clock.Elapsed - cancelled}");
    }

    [Fact]
    public async Task What_is_there_is_answered_at_once_and_so_is_a_job_that_has_ended()
    {
        var key = await api.MakeAccountAsync(Role.Submitter);
        var job = await api.SubmitAsync(key);
        var clock = Stopwatch.StartNew();
        Assert.Single((await api.SendAsync($"GET /api/jobs/{job.Id}/events?wait=30", key)).Read<Page<JobEvent>>().Items);
        (await api.SendAsync($"POST /api/jobs/{job.Id}/cancel", key, "")).Is(HttpStatusCode.OK);
        Assert.Empty((await api.SendAsync($"GET /api/jobs/{job.Id}/events?after=2&wait=30", key)).Read<Page<JobEvent>>().Items);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(15), $"took {clock.Elapsed}");
    }

    [Fact]
    public async Task A_wait_ends_without_an_event_when_its_time_is_over()
    {
        var key = await api.MakeAccountAsync(Role.Submitter);
        var job = await api.SubmitAsync(key);
        var clock = Stopwatch.StartNew();
        Assert.Empty((await api.SendAsync($"GET /api/jobs/{job.Id}/events?after=1&wait=2", key)).Is(HttpStatusCode.OK).Read<Page<JobEvent>>().Items);
        Assert.InRange(clock.Elapsed, TimeSpan.FromSeconds(1.9), TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task An_account_waits_in_so_many_requests_and_in_no_more()
    {
        var key = await api.MakeAccountAsync(Role.Submitter);
        var job = await api.SubmitAsync(key);
        var route = $"GET /api/jobs/{job.Id}/events?after=1&wait=20";
        var waiting = Enumerable.Range(0, JobBells.SeatsPerAccount + 1).Select(_ => api.SendAsync(route, key)).ToList();
        var refused = await await Task.WhenAny(waiting);
        Assert.Contains($"{JobBells.SeatsPerAccount}", refused.IsProblem(HttpStatusCode.TooManyRequests), StringComparison.Ordinal);
        (await api.SendAsync($"POST /api/jobs/{job.Id}/cancel", key, "")).Is(HttpStatusCode.OK);
        Assert.Single(await Task.WhenAll(waiting), answer => answer.Status != HttpStatusCode.OK);
        Assert.Empty((await api.SendAsync(route, key)).Is(HttpStatusCode.OK).Json.GetProperty("items").EnumerateArray().Skip(1));
    }

    [Fact]
    public async Task Pages_of_events_follow_each_other()
    {
        var key = await api.MakeAccountAsync(Role.Submitter);
        var job = await api.SubmitAsync(key);
        (await api.SendAsync($"POST /api/jobs/{job.Id}/cancel", key, "")).Is(HttpStatusCode.OK);
        var first = (await api.SendAsync($"GET /api/jobs/{job.Id}/events?limit=1", key)).Read<Page<JobEvent>>();
        var second = (await api.SendAsync($"GET /api/jobs/{job.Id}/events?limit=1&continue={first.Next}", key)).Read<Page<JobEvent>>();
        Assert.Equal([JobEventKind.Submitted, JobEventKind.Cancelled], first.Items.Concat(second.Items).Select(entry => entry.Kind));
        Assert.Null(second.Next);
    }
}
