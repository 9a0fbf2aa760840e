using System.Buffers.Text;
using System.Net;
using System.Text;
using Broker.Core.Api;
using Broker.Core.Market;

namespace Broker.Functions.Tests;

public sealed class ListRouteTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    [Theory]
    [InlineData("jobs?limit=0", "limit must be a whole number from 1 to 200")]
    [InlineData("jobs?limit=201", "limit must be a whole number from 1 to 200")]
    [InlineData("jobs?limit=many", "limit must be a whole number from 1 to 200")]
    [InlineData("jobs?state=tired", "state must be one of queued, running, ")]
    [InlineData("jobs?state=1", "state must be one of queued, running, ")]
    [InlineData("jobs?since=teatime", "since must be a time such as 2026-01-31T12:00:00Z")]
    [InlineData("jobs?until=12:00", "until must be a time such as 2026-01-31T12:00:00Z")]
    [InlineData("jobs?sate=queued", "sate is not known; known here are limit, continue, state, since, until")]
    [InlineData("jobs?limit=1&limit=2", "limit stands twice")]
    [InlineData("workers?limit=201", "limit must be a whole number from 1 to 200")]
    [InlineData("offers?limit=-1", "limit must be a whole number from 1 to 200")]
    [InlineData("offers?state=closed", "state must be one of active, paused, draining, suspended")]
    [InlineData("offers?pool=No", "pool is not valid: a pool name is")]
    [InlineData("jobs/0123456789abcdef01234567/events?after=x", "after must be a whole number from 0 to ")]
    [InlineData("jobs/0123456789abcdef01234567/events?wait=-1", "wait must be a whole number from 0 to ")]
    [InlineData("jobs/0123456789abcdef01234567/events?after=1&continue=MQ", "send one of them")]
    [InlineData("accounts/me?limit=1", "this route takes no parameters")]
    public async Task A_query_that_is_not_valid_is_told_what_is(string path, string says)
    {
        var key = await api.MakeAccountAsync(Role.Submitter);
        Assert.Contains(says, (await api.SendAsync($"GET /api/{path}", key)).IsProblem(HttpStatusCode.BadRequest), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("jobs")]
    [InlineData("workers")]
    [InlineData("offers")]
    [InlineData("jobs/0123456789abcdef01234567/events")]
    public async Task A_token_that_no_page_gave_is_refused(string list)
    {
        var key = await api.MakeAccountAsync(Role.Submitter);
        foreach (var token in (string[])["!", "", "YQ", Token("' or PartitionKey gt '"), Token("operator/0000000000000000' or RowKey gt '"), Token("-1:x:y")])
        {
            var says = (await api.SendAsync($"GET /api/{list}?continue={token}", key)).IsProblem(HttpStatusCode.BadRequest);
            Assert.Equal("continue must be the token that the page before this one gave as 'next'", says);
        }

        static string Token(string position) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(position));
    }

    [Fact]
    public async Task Jobs_are_listed_by_state_and_time_page_by_page()
    {
        var key = await api.MakeAccountAsync(Role.Submitter);
        var first = await api.SubmitAsync(key);
        var second = await api.SubmitAsync(key);
        var third = await api.SubmitAsync(key);
        (await api.SendAsync($"POST /api/jobs/{second.Id}/cancel", key, "")).Is(HttpStatusCode.OK);

        Assert.Equal([third.Id, second.Id, first.Id], (await ReadAsync<JobSummary>("jobs?limit=2", key)).Select(job => job.Id));
        Assert.Equal([second.Id], (await ReadAsync<JobSummary>("jobs?state=cancelled", key)).Select(job => job.Id));
        Assert.Equal([third.Id, first.Id], (await ReadAsync<JobSummary>("jobs?state=queued&limit=1", key)).Select(job => job.Id));
        Assert.Equal([second.Id], (await ReadAsync<JobSummary>($"jobs?since={second.SubmittedAt.UtcDateTime:O}&until={third.SubmittedAt.UtcDateTime:O}", key)).Select(job => job.Id));
        Assert.Empty(await ReadAsync<JobSummary>("jobs", await api.MakeAccountAsync(Role.Submitter)));
    }

    [Fact]
    public async Task Workers_and_offers_are_listed_page_by_page()
    {
        var (one, other) = (await api.MakeAccountAsync(Role.Provider), await api.MakeAccountAsync(Role.Provider));
        foreach (var (name, key, price) in ((string, string, string)[])[("a", one, "0.3"), ("b", one, "0.1"), ("c", other, "0.2"), ("d", other, "0.1")])
            await OfferAsync(name, key, price);

        var workers = await ReadAsync<WorkerView>("workers?limit=1", one);
        Assert.Equal(["a", "b", "c", "d"], workers.Select(worker => worker.Name).Order());
        Assert.All(workers, worker => Assert.Equal(worker.Name != "a", worker.HeartbeatAt is null));
        Assert.Equal(["b", "d", "c", "a"], (await ReadAsync<OfferView>("offers?pool=list&limit=1", one)).Select(offer => offer.Name));
        Assert.Equal(["a"], (await ReadAsync<OfferView>("offers?pool=list&state=paused", one)).Select(offer => offer.Name));
    }

    private async Task OfferAsync(string name, string provider, string price)
    {
        var worker = (await api.SendAsync("POST /api/workers", provider, Bodies.Worker(name))).Is(HttpStatusCode.Created).Read<WorkerRegistered>();
        var offer = $$"""{ "pool": "list", "pricePerSecond": "{{price}}", "slotMemoryBytes": 1 }""";
        (await api.SendAsync($"PUT /api/offers/{worker.Id}", worker.Key, offer)).Is(HttpStatusCode.OK);
        if (name != "a") return;
        (await api.SendAsync($"POST /api/workers/{worker.Id}/heartbeat", worker.Key, """{ "running": [] }""")).Is(HttpStatusCode.OK);
        (await api.SendAsync($"POST /api/offers/{worker.Id}/{OfferState.Paused.ToString().ToLowerInvariant()}", worker.Key, "")).Is(HttpStatusCode.OK);
    }

    private async Task<List<T>> ReadAsync<T>(string list, string key)
    {
        var items = new List<T>();
        string? next = null;
        do
        {
            var page = (await api.SendAsync($"GET /api/{list}{(next is null ? "" : $"&continue={next}")}", key)).Is(HttpStatusCode.OK).Read<Page<T>>();
            items.AddRange(page.Items);
            next = page.Next;
        }
        while (next is not null);
        return items;
    }
}
