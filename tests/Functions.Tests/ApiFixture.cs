using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Broker.Cli.Stack;
using Broker.Core.Api;
using Broker.Core.Documents;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Storage;
using Broker.Tests;

namespace Broker.Functions.Tests;

/// <summary>An answer as it came over HTTP.</summary>
internal sealed record ApiAnswer(HttpStatusCode Status, string Text, string? Type, string? Tag)
{
    public JsonElement Json => JsonDocument.Parse(Text).RootElement;

    public T Read<T>() => JsonSerializer.Deserialize<T>(Text, BrokerJson.Options)!;

    /// <summary>Says that it is an error in the API's form, and gives its words.</summary>
    public string IsProblem(HttpStatusCode status)
    {
        Assert.True(Status == status, $"{Status}, not {status}: {Text}");
        Assert.Equal("application/problem+json", Type);
        var problem = Read<Problem>();
        Assert.Equal((int)status, problem.Status);
        Assert.StartsWith("urn:broker:problem:", problem.Type, StringComparison.Ordinal);
        Assert.NotEmpty(problem.Title);
        return problem.Detail!;
    }

    public ApiAnswer Is(HttpStatusCode status)
    {
        Assert.True(Status == status, $"{Status}, not {status}: {Text}");
        return this;
    }
}

/// <summary>A function app of one test class, and requests to it.</summary>
public sealed class ApiFixture(EmulatorFixture emulator) : IAsyncLifetime
{
    public const int WorkersPerAccount = 3;

    public const string Ptx = """
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
    private int _accounts;

    /// <summary>The app's storage, to look behind its doors.</summary>
    internal BrokerStorage Storage { get; private set; } = null!;

    public string OperatorKey => _app!.OperatorKey!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var prefix = EmulatorFixture.NextPrefix();
        Storage = new BrokerStorage(emulator.ConnectionString, prefix);
        _app = await FunctionApp.StartAsync(
            new FunctionAppOptions
            {
                AssemblyPath = Repository.Assembly("functions", "Broker.Functions"),
                ConnectionString = emulator.ConnectionString,
                Settings = new Dictionary<string, string> { ["Broker__Prefix"] = prefix, ["Broker__WorkersPerAccount"] = $"{WorkersPerAccount}" },
            },
            Token);
        _http.BaseAddress = _app.Url;
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (_app is not null) await _app.DisposeAsync();
    }

    /// <summary>A job document that is valid, of one launch that has one result.</summary>
    public static string Document(string pool = "default", string verification = """{ "mode": "none" }""") => $$"""
        {
          "name": "job",
          "pool": "{{pool}}",
          "program": { "ptx": {{JsonSerializer.Serialize(Ptx)}} },
          "buffers": { "out": { "role": "output", "bytes": 1024 } },
          "steps": [ { "kernel": "fill", "grid": [4], "block": [64], "arguments": [ { "buffer": "out" }, { "u32": 16 } ] } ],
          "verification": {{verification}}
        }
        """;

    /// <summary>The key of a new account.</summary>
    public async Task<string> MakeAccountAsync(params IReadOnlyList<Role> roles)
    {
        var names = string.Join(", ", roles.Select(role => $"\"{role.ToString().ToLowerInvariant()}\""));
        var number = Interlocked.Increment(ref _accounts).ToString(CultureInfo.InvariantCulture);
        var answer = await SendAsync("POST /api/accounts", OperatorKey, $$"""{ "name": "test {{number}}", "roles": [{{names}}] }""");
        return answer.Is(HttpStatusCode.Created).Json.GetProperty("key").GetString()!;
    }

    /// <summary>Submits a valid job.</summary>
    internal async Task<JobView> SubmitAsync(string key, string pool = "default", string verification = """{ "mode": "none" }""") =>
        (await SendAsync("POST /api/jobs", key, Document(pool, verification))).Is(HttpStatusCode.Created).Read<JobView>();

    /// <summary>Waits until a job's history tells of something.</summary>
    internal async Task<JobEvent> WaitForEventAsync(string key, JobId job, JobEventKind kind)
    {
        for (var seen = 1; ;)
        {
            var events = (await SendAsync($"GET /api/jobs/{job}/events?after={seen}&wait=20", key)).Is(HttpStatusCode.OK).Read<Page<JobEvent>>().Items;
            Assert.NotEmpty(events);
            if (events.FirstOrDefault(entry => entry.Kind == kind) is { } found) return found;
            seen = events[^1].Number;
        }
    }

    /// <param name="route">Method and path, as in <c>GET /api/jobs?limit=5</c>.</param>
    /// <param name="key">The key; null sends none.</param>
    /// <param name="body">The body; null sends none.</param>
    /// <param name="headers">More headers.</param>
    internal async Task<ApiAnswer> SendAsync(string route, string? key, string? body = null, params IReadOnlyList<(string Name, string Value)> headers)
    {
        var (method, path) = (route.Split(' ')[0], route.Split(' ')[1]);
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (key is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        if (body is not null) request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        using var answer = await _http.SendAsync(request, Token);
        return new ApiAnswer(
            answer.StatusCode, await answer.Content.ReadAsStringAsync(Token), answer.Content.Headers.ContentType?.MediaType, answer.Headers.ETag?.ToString());
    }
}
