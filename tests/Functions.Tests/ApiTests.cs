using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Broker.Cli.Stack;
using Broker.Core.Api;
using Broker.Core.Documents;
using Broker.Tests;

namespace Broker.Functions.Tests;

/// <summary>The API over HTTP, on a function app of its own.</summary>
public sealed class ApiTests(EmulatorFixture emulator) : IAsyncLifetime
{
    private const string Ptx = """
        .version 7.0
        .target sm_70
        .address_size 64
        .visible .entry fill(.param .u64 out, .param .u32 n)
        {
            ret;
        }
        """;

    private readonly HttpClient _http = new();
    private FunctionApp? _app;
    private string _submitter = "";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _app = await FunctionApp.StartAsync(
            new FunctionAppOptions
            {
                AssemblyPath = Repository.Assembly("functions", "Broker.Functions"),
                ConnectionString = emulator.ConnectionString,
                Settings = new Dictionary<string, string> { ["Broker__Prefix"] = EmulatorFixture.NextPrefix() },
            },
            Token);
        _http.BaseAddress = _app.Url;
        _submitter = await MakeAccountAsync(Role.Submitter);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (_app is not null) await _app.DisposeAsync();
    }

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
            ("\"name\": \"job\"", "\"verification\": { \"mode\": \"sample\" }", "not supported yet"),
        ];
        foreach (var (change, with, says) in cases)
        {
            var document = Document();
            Assert.Contains(change, document, StringComparison.Ordinal);
            var (status, text) = await SendAsync(HttpMethod.Post, "api/jobs", _submitter, document.Replace(change, with, StringComparison.Ordinal));
            Assert.True(status == HttpStatusCode.UnprocessableEntity, $"{with}: {status} {text}");
            Assert.True(text.Contains(says, StringComparison.Ordinal), $"{with}: {text}");
        }

        var (_, list) = await SendAsync(HttpMethod.Get, "api/jobs", _submitter);
        Assert.Empty(JsonDocument.Parse(list).RootElement.GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task A_key_opens_what_its_account_may_and_nothing_else()
    {
        var (created, text) = await SendAsync(HttpMethod.Post, "api/jobs", _submitter, Document());
        Assert.Equal(HttpStatusCode.Created, created);
        var job = JsonSerializer.Deserialize<JobView>(text, BrokerJson.Options)!;
        var stranger = await MakeAccountAsync(Role.Submitter);
        var provider = await MakeAccountAsync(Role.Provider);

        Assert.Equal(HttpStatusCode.OK, (await SendAsync(HttpMethod.Get, $"api/jobs/{job.Id}", _submitter)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(HttpMethod.Get, $"api/jobs/{job.Id}", stranger)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(HttpMethod.Post, $"api/jobs/{job.Id}/cancel", stranger, "")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(HttpMethod.Get, $"api/jobs/{job.Id}", provider)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(HttpMethod.Get, $"api/jobs/{job.Id}", _submitter[..^1])).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(HttpMethod.Get, $"api/jobs/{job.Id}", null)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(HttpMethod.Get, $"api/jobs/{new string('0', 24)}", _submitter)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(HttpMethod.Get, "api/jobs/nonsense", _submitter)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(HttpMethod.Post, "api/accounts", _submitter, """{ "name": "x", "roles": ["operator"] }""")).Status);
    }

    [Fact]
    public async Task The_same_request_again_finds_its_job_and_another_one_with_its_key_is_refused()
    {
        var first = await SendAsync(HttpMethod.Post, "api/jobs", _submitter, Document(), idempotencyKey: "a");
        var again = await SendAsync(HttpMethod.Post, "api/jobs", _submitter, Document(), idempotencyKey: "a");
        var other = await SendAsync(HttpMethod.Post, "api/jobs", _submitter, Document().Replace("[4]", "[5]", StringComparison.Ordinal), idempotencyKey: "a");
        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.OK, HttpStatusCode.Conflict), (first.Status, again.Status, other.Status));
        Assert.Equal(Id(first.Text), Id(again.Text));

        static string? Id(string text) => JsonDocument.Parse(text).RootElement.GetProperty("id").GetString();
    }

    [Fact]
    public async Task Content_with_another_hash_is_not_stored()
    {
        var hash = new string('1', 64);
        var (status, text) = await SendAsync(HttpMethod.Put, $"api/content/{hash}", _submitter, "bytes");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.Contains("nothing was stored", text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(HttpMethod.Get, $"api/content/{hash}", _submitter)).Status);
    }

    private static string Document() => $$"""
        {
          "name": "job",
          "program": { "ptx": {{JsonSerializer.Serialize(Ptx)}} },
          "buffers": { "out": { "role": "output", "bytes": 1024 } },
          "steps": [ { "kernel": "fill", "grid": [4], "block": [64], "arguments": [ { "buffer": "out" }, { "u32": 16 } ] } ]
        }
        """;

    private async Task<string> MakeAccountAsync(Role role)
    {
        var body = $$"""{ "name": "test", "roles": ["{{role.ToString().ToLowerInvariant()}}"] }""";
        var (_, text) = await SendAsync(HttpMethod.Post, "api/accounts", _app!.OperatorKey, body);
        return JsonDocument.Parse(text).RootElement.GetProperty("key").GetString()!;
    }

    private async Task<(HttpStatusCode Status, string Text)> SendAsync(
        HttpMethod method, string path, string? key, string? body = null, string? idempotencyKey = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (key is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        if (idempotencyKey is not null) request.Headers.Add("Idempotency-Key", idempotencyKey);
        if (body is not null) request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        using var answer = await _http.SendAsync(request, Token);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Token));
    }
}
