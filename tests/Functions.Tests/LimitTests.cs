using System.Net;
using Broker.Core.Api;

namespace Broker.Functions.Tests;

public sealed class LimitTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    [Fact]
    public async Task A_null_in_an_array_is_told_where_it_is()
    {
        var worker = (await ApiWorker.StartAsync(api, "nulls")).Worker;
        var heartbeat = await api.SendAsync($"POST /api/workers/{worker.Id}/heartbeat", worker.Key, """{ "running": [null] }""");
        Assert.Equal("$.running[0] is null: leave it out of its array", heartbeat.IsProblem(HttpStatusCode.BadRequest));
        var account = await api.SendAsync("POST /api/accounts", api.OperatorKey, """{ "name": "a", "roles": ["submitter", null] }""");
        Assert.Contains("roles", account.IsProblem(HttpStatusCode.UnprocessableEntity), StringComparison.Ordinal);
        var report = $$"""{ "run": "run00001", "outcome": "completed", "commitment": { "signature": "", "statement": { "job": "000000000000000000000000", "jobHash": "{{new string('0', 64)}}", "replica": 0, "attempt": 1, "run": "run00001", "worker": "0000000000000000", "seedCommit": "{{new string('0', 64)}}", "usage": { "seconds": 0, "steps": 0, "executor": "", "storageOperations": 0 }, "buffers": [null] } } }""";
        var reported = await api.SendAsync($"POST /api/attempts/{new string('0', 24)}/0/1/report", worker.Key, report);
        Assert.Equal("$.commitment.statement.buffers[0] is null: leave it out of its array", reported.IsProblem(HttpStatusCode.BadRequest));
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_told_the_limit()
    {
        var key = await api.MakeAccountAsync(Role.Submitter, Role.Provider);
        var worker = await api.SendAsync("POST /api/workers", key, new string(' ', ApiLimits.DocumentBytes + 1));
        Assert.Equal($"the body may have at most {ApiLimits.DocumentBytes} bytes", worker.IsProblem(HttpStatusCode.RequestEntityTooLarge));
        var job = await api.SendAsync("POST /api/jobs", key, new string(' ', (128 * 1024) + 1));
        Assert.Equal("the body may have at most 131072 bytes", job.IsProblem(HttpStatusCode.RequestEntityTooLarge));
    }

    [Fact]
    public async Task An_account_has_so_many_workers_and_a_known_one_still_comes_back()
    {
        var provider = await api.MakeAccountAsync(Role.Provider);
        for (var i = 0; i < ApiFixture.WorkersPerAccount; i++)
            (await api.SendAsync("POST /api/workers", provider, Bodies.Worker($"w{i}"))).Is(HttpStatusCode.Created);
        var refused = await api.SendAsync("POST /api/workers", provider, Bodies.Worker("more"));
        Assert.Contains($"has {ApiFixture.WorkersPerAccount} workers, which is the most", refused.IsProblem(HttpStatusCode.Conflict), StringComparison.Ordinal);
        (await api.SendAsync("POST /api/workers", provider, Bodies.Worker("w0"))).Is(HttpStatusCode.Created);
        (await api.SendAsync("POST /api/workers", await api.MakeAccountAsync(Role.Provider), Bodies.Worker("more"))).Is(HttpStatusCode.Created);
    }
}
