using System.Net;
using System.Text.Json;
using Broker.Core.Api;
using Broker.Core.Documents;

namespace Broker.Functions.Tests;

/// <summary>The API over HTTP, on a function app of its own.</summary>
public sealed class ApiTests(ApiFixture api) : IClassFixture<ApiFixture>, IAsyncLifetime
{
    private string _submitter = "";

    public async ValueTask InitializeAsync() => _submitter = await api.MakeAccountAsync(Role.Submitter);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task A_job_that_cannot_run_gets_a_clear_error_and_changes_nothing()
    {
        (string Change, string With, string Says)[] cases =
        [
            ("\"grid\": [4]", "\"grid\": [4, 65536]", "$.steps[0].grid[1]"),
            ("\"block\": [64]", "\"block\": [64, 64]", "1024 a block"),
            ("{ \"u32\": 16 }", "{ \"f32\": 1 }", "of another type"),
            (", { \"u32\": 16 }", "", "takes 2"),
            ("\"buffer\": \"out\"", "\"buffer\": \"in\"", "unknown buffer 'in'"),
            ("\"kernel\": \"fill\"", "\"kernel\": \"full\"", "it has fill"),
            ("\"bytes\": 1024", "\"bytes\": 17179869185", "at most 17179869184"),
            ("ret;", "ret", "line 7"),
            ("ret;", "griddepcontrol.wait;", "not supported yet"),
            ("\"name\": \"job\"", "\"nmae\": \"job\"", "$.nmae"),
            ("\"name\": \"job\"", "\"name\": \"job", "line"),
            ("\"mode\": \"none\"", "\"mode\": \"replicate\"", "not supported yet"),
        ];
        foreach (var (change, with, says) in cases)
        {
            var document = ApiFixture.Document();
            Assert.Contains(change, document, StringComparison.Ordinal);
            var (status, text, _, _) = await api.SendAsync("POST /api/jobs", _submitter, document.Replace(change, with, StringComparison.Ordinal));
            Assert.True(status == HttpStatusCode.UnprocessableEntity, $"{with}: {status} {text}");
            Assert.True(text.Contains(says, StringComparison.Ordinal), $"{with}: {text}");
        }

        var (_, list, _, _) = await api.SendAsync("GET /api/jobs", _submitter);
        Assert.Empty(JsonDocument.Parse(list).RootElement.GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task A_key_opens_what_its_account_may_and_nothing_else()
    {
        var (created, text, _, _) = await api.SendAsync("POST /api/jobs", _submitter, ApiFixture.Document());
        Assert.Equal(HttpStatusCode.Created, created);
        var job = JsonSerializer.Deserialize<JobView>(text, BrokerJson.Options)!;
        var stranger = await api.MakeAccountAsync(Role.Submitter);
        var provider = await api.MakeAccountAsync(Role.Provider);

        Assert.Equal(HttpStatusCode.OK, (await api.SendAsync($"GET /api/jobs/{job.Id}", _submitter)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await api.SendAsync($"GET /api/jobs/{job.Id}", stranger)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await api.SendAsync($"POST /api/jobs/{job.Id}/cancel", stranger, "")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await api.SendAsync($"GET /api/jobs/{job.Id}", provider)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await api.SendAsync($"GET /api/jobs/{job.Id}", _submitter[..^1])).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await api.SendAsync($"GET /api/jobs/{job.Id}", null)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await api.SendAsync($"GET /api/jobs/{new string('0', 24)}", _submitter)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await api.SendAsync("GET /api/jobs/nonsense", _submitter)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await api.SendAsync("POST /api/accounts", _submitter, """{ "name": "x", "roles": ["operator"] }""")).Status);
    }

    [Fact]
    public async Task The_same_request_again_finds_its_job_and_another_one_with_its_key_is_refused()
    {
        var first = await api.SendAsync("POST /api/jobs", _submitter, ApiFixture.Document(), ("Idempotency-Key", "a"));
        var again = await api.SendAsync("POST /api/jobs", _submitter, ApiFixture.Document(), ("Idempotency-Key", "a"));
        var other = await api.SendAsync("POST /api/jobs", _submitter, ApiFixture.Document().Replace("[4]", "[5]", StringComparison.Ordinal), ("Idempotency-Key", "a"));
        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.OK, HttpStatusCode.Conflict), (first.Status, again.Status, other.Status));
        Assert.Equal(Id(first.Text), Id(again.Text));

        static string? Id(string text) => JsonDocument.Parse(text).RootElement.GetProperty("id").GetString();
    }

    [Fact]
    public async Task Content_with_another_hash_is_not_stored()
    {
        var hash = new string('1', 64);
        var (status, text, _, _) = await api.SendAsync($"PUT /api/content/{hash}", _submitter, "bytes");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.Contains("nothing was stored", text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await api.SendAsync($"GET /api/content/{hash}", _submitter)).Status);
    }
}
