using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Broker.Core.Api;
using Broker.Core.Documents;
using Broker.Core.Ids;
using Broker.Core.Verification;

namespace Broker.Functions.Tests;

/// <summary>Does over HTTP what a verifier does, and executes nothing.</summary>
internal sealed class ApiVerifier
{
    private static readonly ConcurrentDictionary<WorkerId, ApiVerifier> Started = new();
    private static int _count;
    private readonly ApiFixture _api;

    private ApiVerifier(ApiFixture api, WorkerRegistered verifier) => (_api, Verifier) = (api, verifier);

    public WorkerRegistered Verifier { get; }

    public static async Task<ApiVerifier> StartAsync(ApiFixture api)
    {
        var account = await api.MakeAccountAsync(Role.Verifier);
        var name = Interlocked.Increment(ref _count).ToString(CultureInfo.InvariantCulture);
        var verifier = (await api.SendAsync("POST /api/verifiers", account, $$"""{ "name": "{{name}}" }""")).Is(HttpStatusCode.Created).Read<WorkerRegistered>();
        var its = new ApiVerifier(api, verifier);
        Started[verifier.Id] = its;
        await its.BeatAsync();
        return its;
    }

    public static ApiVerifier Find(WorkerId id) => Started[id];

    public async Task BeatAsync() => (await _api.SendAsync($"POST /api/verifiers/{Verifier.Id}/heartbeat", Verifier.Key)).Is(HttpStatusCode.OK);

    public Task<ApiAnswer> BeginAsync(JobId job, int attempt = 1, int check = 1) =>
        _api.SendAsync($"POST /api/checks/{job}/0/{attempt}/{check}/start", Verifier.Key);

    public Task<ApiAnswer> JudgeAsync(JobId job, Verdict verdict, int attempt = 1, int check = 1) =>
        _api.SendAsync($"POST /api/checks/{job}/0/{attempt}/{check}/verdict", Verifier.Key, JsonSerializer.Serialize(verdict, BrokerJson.Options));
}
