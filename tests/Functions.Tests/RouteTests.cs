using System.Net;
using System.Text.Json;
using Broker.Core.Api;
using Broker.Core.Ids;
using Broker.Functions.Api;
using Broker.Storage;
using Broker.Tests;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Broker.Functions.Tests;

/// <summary>Walks every route that the app has: who may call it, how it refuses, and what the API's description says of it.</summary>
public sealed class RouteTests(ApiFixture api, EmulatorFixture emulator) : IClassFixture<ApiFixture>
{
    private const string Job = "0123456789abcdef01234567";
    private const string Worker = "0123456789abcdef";
    private const Role Open = (Role)(-1);

    private static readonly string Hash = new('a', 64);
    private static readonly Role[] Anyone = [Role.Submitter, Role.Provider, Role.Operator, Role.Worker, Role.Verifier];
    private static readonly Role[] Owner = [Role.Submitter, Role.Operator];
    private static readonly Role[] Offerer = [Role.Worker, Role.Provider];

    /// <summary>Each route, who may call it, and a request to it that is an error for all of them.</summary>
    private static readonly RouteRow[] Rows =
    [
        new("GET /api/health", [Open], "POST /api/health", 405),
        new("GET /api/openapi.json", [Open], "PUT /api/openapi.json", 405),
        new("GET /api/storage-operations", [Role.Operator], "GET /api/storage-operations?limit=1", 400),
        new("POST /api/accounts", [Role.Operator], "POST /api/accounts", 422, "{}"),
        new("GET /api/accounts/me", Anyone, "GET /api/accounts/me?limit=1", 400),
        new("POST /api/jobs", [Role.Submitter], "POST /api/jobs", 422, "{}"),
        new("GET /api/jobs", [Role.Submitter], "GET /api/jobs?limit=0", 400),
        new("GET /api/jobs/{id}", Owner, $"GET /api/jobs/{Job}", 404),
        new("DELETE /api/jobs/{id}", Owner, $"DELETE /api/jobs/{Job}", 404),
        new("POST /api/jobs/{id}/cancel", Owner, $"POST /api/jobs/{Job}/cancel", 404),
        new("GET /api/jobs/{id}/events", Owner, $"GET /api/jobs/{Job}/events", 404),
        new("GET /api/jobs/{id}/log", Owner, $"GET /api/jobs/{Job}/log", 404),
        new("GET /api/jobs/{id}/outputs", Owner, $"GET /api/jobs/{Job}/outputs", 404),
        new("GET /api/jobs/{id}/outputs/{buffer}", Owner, $"GET /api/jobs/{Job}/outputs/out", 404),
        new("GET /api/jobs/{id}/receipt", Owner, $"GET /api/jobs/{Job}/receipt", 404),
        new("GET /api/jobs/{id}/receipts", Owner, $"GET /api/jobs/{Job}/receipts", 404),
        new("GET /api/audit/jobs", [Role.Operator], "GET /api/audit/jobs?pool=No", 400),
        new("GET /api/audit/roots", [Role.Operator], "GET /api/audit/roots?limit=0", 400),
        new("GET /api/audit/roots/{day}", [Role.Operator], "GET /api/audit/roots/2026-01-31?limit=1", 400),
        new("GET /api/broker-key", [Open], "POST /api/broker-key", 405),
        new("PUT /api/content/{hash}", [Role.Submitter], $"PUT /api/content/{Hash}", 422, "bytes"),
        new("GET /api/content/{hash}", [Role.Submitter], $"GET /api/content/{Hash}", 404),
        new("DELETE /api/content/{hash}", [Role.Submitter], $"DELETE /api/content/{Hash}", 404),
        new("POST /api/content/staging", [Role.Submitter], "POST /api/content/staging?limit=1", 400),
        new("PUT /api/content/{hash}/from-staging/{ticket}", [Role.Submitter], $"PUT /api/content/{Hash}/from-staging/other-1", 404),
        new("POST /api/workers", [Role.Provider], "POST /api/workers", 422, "{}"),
        new("GET /api/workers", Anyone, "GET /api/workers?limit=0", 400),
        new("POST /api/workers/{provider}/{id}/reinstate", [Role.Operator], $"POST /api/workers/provider/{Worker}/reinstate", 404),
        new("POST /api/workers/{id}/heartbeat", [Role.Worker], $"POST /api/workers/{Worker}/heartbeat", 404, """{ "running": [] }"""),
        new("GET /api/offers", Anyone, "GET /api/offers?limit=0", 400),
        new("PUT /api/offers/{worker}", Offerer, $"PUT /api/offers/{Worker}", 404, Bodies.Offer),
        new("POST /api/offers/{worker}/active", Offerer, $"POST /api/offers/{Worker}/active", 404),
        new("POST /api/offers/{worker}/paused", Offerer, $"POST /api/offers/{Worker}/paused", 404),
        new("POST /api/offers/{worker}/draining", Offerer, $"POST /api/offers/{Worker}/draining", 404),
        new("DELETE /api/offers/{worker}", Offerer, $"DELETE /api/offers/{Worker}", 404),
        new("POST /api/attempts/{job}/{replica}/{attempt}/start", [Role.Worker], $"POST /api/attempts/{Job}/0/1/start", 404, """{ "run": "run00001" }"""),
        new("POST /api/attempts/{job}/{replica}/{attempt}/report", [Role.Worker], $"POST /api/attempts/{Job}/0/1/report", 404, """{ "run": "run00001", "outcome": "released" }"""),
        new("POST /api/verifiers", [Role.Verifier], "POST /api/verifiers", 422, "{}"),
        new("POST /api/verifiers/{id}/heartbeat", [Role.Verifier], $"POST /api/verifiers/{Worker}/heartbeat", 404),
        new("POST /api/checks/{job}/{replica}/{attempt}/{check}/start", [Role.Verifier], $"POST /api/checks/{Job}/0/1/1/start", 404),
        new("POST /api/checks/{job}/{replica}/{attempt}/{check}/verdict", [Role.Verifier], $"POST /api/checks/{Job}/0/1/1/verdict", 404, """{ "kind": "passed", "blocks": 1, "sampled": 1 }"""),
    ];

    private sealed record RouteRow(string Route, Role[] Roles, string Error, int Status, string? Body = null);

    [Fact]
    public async Task Every_route_has_a_row_here_and_an_entry_in_the_description()
    {
        var routes = FindRoutes();
        Assert.Equal(Rows.Select(row => row.Route).Order(StringComparer.Ordinal), routes.Order(StringComparer.Ordinal));
        var document = (await api.SendAsync("GET /api/openapi.json", null)).Is(HttpStatusCode.OK).Json;
        var described = document.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Select(operation => (Route: $"{operation.Name.ToUpperInvariant()} {path.Name}", operation.Value)))
            .ToDictionary(entry => entry.Route, entry => entry.Value);
        Assert.Equal(routes.Order(StringComparer.Ordinal), described.Keys.Order(StringComparer.Ordinal));
        foreach (var row in Rows)
        {
            var operation = described[row.Route];
            Assert.NotEmpty(operation.GetProperty("summary").GetString()!);
            var roles = operation.TryGetProperty("x-roles", out var named) ? named.EnumerateArray().Select(role => Enum.Parse<Role>(role.GetString()!, ignoreCase: true)).ToArray() : [Open];
            Assert.Equal(row.Roles == Anyone ? [] : row.Roles.Order(), roles.Order());
            Assert.True(row.Status == 405 || operation.GetProperty("responses").TryGetProperty($"{row.Status}", out _), $"{row.Route} does not tell of {row.Status}");
        }
    }

    [Fact]
    public async Task A_route_is_open_to_its_roles_and_to_no_other()
    {
        var keys = await MakeKeysAsync();
        foreach (var row in Rows)
        {
            var isOpen = row.Roles.Contains(Open);
            var without = await api.SendAsync(row.Error, null, row.Body);
            without.IsProblem(isOpen ? (HttpStatusCode)row.Status : HttpStatusCode.Unauthorized);
            foreach (var (role, key) in keys)
            {
                var answer = await api.SendAsync(row.Error, key, row.Body);
                var expected = isOpen || row.Roles.Contains(role) ? (HttpStatusCode)row.Status : HttpStatusCode.Forbidden;
                Assert.True(answer.Status == expected, $"{row.Error} as {role}: {answer.Status}, not {expected}: {answer.Text}");
                answer.IsProblem(expected);
            }
        }
    }

    [Fact]
    public async Task What_is_anothers_does_not_exist()
    {
        var (owner, stranger) = (await api.MakeAccountAsync(Role.Submitter, Role.Provider), await api.MakeAccountAsync(Role.Submitter, Role.Provider));

        // Where nobody offers: no attempt of it could tell a stranger from its worker.
        var job = await api.SubmitAsync(owner, "alone");
        var mine = (await api.SendAsync("POST /api/workers", owner, Bodies.Worker("mine"))).Is(HttpStatusCode.Created).Read<WorkerRegistered>();
        var theirs = (await api.SendAsync("POST /api/workers", stranger, Bodies.Worker("theirs"))).Is(HttpStatusCode.Created).Read<WorkerRegistered>();
        (await api.SendAsync($"PUT /api/offers/{mine.Id}", mine.Key, Bodies.Offer)).Is(HttpStatusCode.OK);
        var verifier = (await ApiVerifier.StartAsync(api)).Verifier.Key;
        var hash = ContentHash.Of("bytes"u8).Hex;
        (await api.SendAsync($"PUT /api/content/{hash}", owner, "bytes")).Is(HttpStatusCode.Created);
        foreach (var row in Rows.Where(row => row.Status == 404))
        {
            var request = row.Error.Replace(Job, $"{job.Id}", StringComparison.Ordinal).Replace(Worker, $"{mine.Id}", StringComparison.Ordinal).Replace(Hash, hash, StringComparison.Ordinal);
            // Nothing is hidden from the operator.
            if (row.Roles is [Role.Operator]) continue;
            var key = row.Roles.Contains(Role.Worker) ? theirs.Key : row.Roles.Contains(Role.Verifier) ? verifier : stranger;
            (await api.SendAsync(request, key, row.Body)).IsProblem(HttpStatusCode.NotFound);
        }
    }

    [Theory]
    [InlineData("GET /api/nowhere", 404)]
    [InlineData("GET /api/nowhere.json", 404)]
    [InlineData("GET /nowhere.json", 404)]
    [InlineData("POST /api/attempts/0123456789abcdef01234567/x/1/start", 404)]
    [InlineData("PATCH /api/jobs", 405)]
    public async Task What_is_no_route_is_a_problem_too(string request, int status)
    {
        Assert.NotEmpty((await api.SendAsync(request, null, "{}")).IsProblem((HttpStatusCode)status));
    }

    [Fact]
    public async Task The_schemas_are_those_of_what_is_read_and_written()
    {
        var document = (await api.SendAsync("GET /api/openapi.json", null)).Json;
        var schemas = document.GetProperty("components").GetProperty("schemas");
        Assert.All(References(document), name => Assert.True(schemas.TryGetProperty(name, out _), name));
        var offer = schemas.GetProperty("NewOffer");
        Assert.Equal(["pricePerSecond", "slotMemoryBytes"], offer.GetProperty("required").EnumerateArray().Select(name => name.GetString()));
        Assert.False(offer.GetProperty("additionalProperties").GetBoolean());
        Assert.Equal("string", offer.GetProperty("properties").GetProperty("pricePerSecond").GetProperty("type").GetString());
        var job = schemas.GetProperty("JobView");
        Assert.False(job.TryGetProperty("additionalProperties", out _));
        Assert.Equal(JobId.Rule, job.GetProperty("properties").GetProperty("id").GetProperty("description").GetString());
        Assert.Contains("completed", job.GetProperty("properties").GetProperty("state").GetProperty("enum").EnumerateArray().Select(state => state.GetString()));
    }

    private static IEnumerable<string> References(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(member =>
            member.Name == "$ref" ? [member.Value.GetString()!.Split('/')[3]] : References(member.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(References),
        _ => [],
    };

    private async Task<Dictionary<Role, string>> MakeKeysAsync()
    {
        var provider = await api.MakeAccountAsync(Role.Provider);
        var worker = (await api.SendAsync("POST /api/workers", provider, Bodies.Worker("roles"))).Is(HttpStatusCode.Created).Read<WorkerRegistered>();
        return new Dictionary<Role, string>
        {
            [Role.Submitter] = await api.MakeAccountAsync(Role.Submitter),
            [Role.Provider] = provider,
            [Role.Operator] = await api.MakeAccountAsync(Role.Operator),
            [Role.Worker] = worker.Key,
            [Role.Verifier] = (await ApiVerifier.StartAsync(api)).Verifier.Key,
        };
    }

    /// <summary>The routes that the program itself maps, as method and path.</summary>
    private List<string> FindRoutes()
    {
        var builder = WebApplication.CreateSlimBuilder();
        var storage = new BrokerStorage(emulator.ConnectionString, EmulatorFixture.NextPrefix());
        builder.Services.AddSingleton(TimeProvider.System).AddSingleton(storage).AddSingleton(storage.Meter).AddStores().AddDecisions().AddRoutes();
        var app = builder.Build();
        Routes.Map(app);
        return [.. ((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<HttpMethodMetadata>() is not null)
            .SelectMany(endpoint => endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods
                .Select(method => $"{method} {endpoint.RoutePattern.RawText!.Replace(":int", "", StringComparison.Ordinal)}"))];
    }
}
