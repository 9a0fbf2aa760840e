using System.Net;
using Broker.Core.Api;
using Broker.Core.Ids;

namespace Broker.Functions.Tests;

public sealed class ConditionalReadTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    [Fact]
    public async Task What_the_client_knows_is_not_sent_again_until_it_changes()
    {
        var key = await api.MakeAccountAsync(Role.Submitter);
        var job = await api.SubmitAsync(key);
        var route = $"GET /api/jobs/{job.Id}";
        var first = (await api.SendAsync(route, key)).Is(HttpStatusCode.OK);
        Assert.Matches("^\"[A-Za-z0-9_-]+\"$", first.Tag);
        foreach (var known in (string[])[first.Tag!, $"W/{first.Tag}", $"\"other\", {first.Tag}", "*"])
        {
            var again = (await api.SendAsync(route, key, null, ("If-None-Match", known))).Is(HttpStatusCode.NotModified);
            Assert.Equal((first.Tag, ""), (again.Tag, again.Text));
        }

        (await api.SendAsync($"POST /api/jobs/{job.Id}/cancel", key, "")).Is(HttpStatusCode.OK);
        var changed = (await api.SendAsync(route, key, null, ("If-None-Match", first.Tag!))).Is(HttpStatusCode.OK);
        Assert.NotEqual(first.Tag, changed.Tag);
    }

    [Fact]
    public async Task Every_single_thing_without_links_has_a_version()
    {
        var key = await api.MakeAccountAsync(Role.Submitter);
        var job = await api.SubmitAsync(key);
        var hash = ContentHash.Of("bytes"u8).Hex;
        (await api.SendAsync($"PUT /api/content/{hash}", key, "bytes")).Is(HttpStatusCode.Created);
        foreach (var route in (string[])["GET /api/accounts/me", $"GET /api/content/{hash}", $"GET /api/jobs/{job.Id}/log"])
        {
            var answer = (await api.SendAsync(route, key)).Is(HttpStatusCode.OK);
            (await api.SendAsync(route, key, null, ("If-None-Match", answer.Tag!))).Is(HttpStatusCode.NotModified);
        }
    }

    [Fact]
    public async Task A_version_that_a_stranger_names_tells_nothing()
    {
        var key = await api.MakeAccountAsync(Role.Submitter);
        var job = await api.SubmitAsync(key);
        var answer = await api.SendAsync($"GET /api/jobs/{job.Id}", await api.MakeAccountAsync(Role.Submitter), null, ("If-None-Match", "*"));
        answer.IsProblem(HttpStatusCode.NotFound);
    }
}
