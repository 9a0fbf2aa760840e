using System.Net;
using System.Text.Json;
using Broker.Core.Api;
using Broker.Core.Documents;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Core.Verification;
using Broker.Tests;

namespace Broker.Functions.Tests;

/// <summary>Does over HTTP what a worker does, for a pool of its own, and computes nothing.</summary>
internal sealed class ApiWorker
{
    private static readonly byte[] Result = new byte[1024];

    private readonly ApiFixture _api;

    private ApiWorker(ApiFixture api, string pool, WorkerRegistered worker) => (_api, Pool, Worker) = (api, pool, worker);

    public string Pool { get; }

    public WorkerRegistered Worker { get; }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<ApiWorker> StartAsync(ApiFixture api, string pool)
    {
        var provider = await api.MakeAccountAsync(Role.Provider);
        var worker = (await api.SendAsync("POST /api/workers", provider, Bodies.Worker("worker of " + pool))).Is(HttpStatusCode.Created).Read<WorkerRegistered>();
        (await api.SendAsync($"POST /api/workers/{worker.Id}/heartbeat", worker.Key, """{ "running": [] }""")).Is(HttpStatusCode.OK);
        var offer = $$"""{ "pool": "{{pool}}", "pricePerSecond": "0.001", "slotMemoryBytes": 1048576 }""";
        (await api.SendAsync($"PUT /api/offers/{worker.Id}", worker.Key, offer)).Is(HttpStatusCode.OK);
        return new ApiWorker(api, pool, worker);
    }

    /// <summary>Begins the first attempt of a job, once it is assigned.</summary>
    public async Task<AttemptOrder> BeginAsync(string submitter, JobId job)
    {
        await _api.WaitForEventAsync(submitter, job, JobEventKind.Assigned);
        return (await _api.SendAsync($"POST /api/attempts/{job}/0/1/start", Worker.Key, """{ "run": "run00001" }""")).Is(HttpStatusCode.OK).Read<AttemptOrder>();
    }

    /// <summary>Stores the result and a log, reports, and waits for the end of the job.</summary>
    /// <param name="submitter">The key of who waits for it.</param>
    /// <param name="order">The order.</param>
    /// <param name="log">A log to store; null where it goes with the report.</param>
    /// <param name="reported">A log that goes with the report.</param>
    public async Task CompleteAsync(string submitter, AttemptOrder order, byte[]? log, string? reported = null)
    {
        await StoreAsync(order);
        if (log is not null) await PutAsync(order.Log, log);
        var report = new AttemptReport(order.Run, RunOutcome.Completed, Make.Commitment(order, Worker.Id), Log: reported);
        (await ReportAsync(order, report)).Is(HttpStatusCode.Accepted);
        await _api.WaitForEventAsync(submitter, order.Job, JobEventKind.Completed);
    }

    /// <summary>Stores the result, and the list of its leaves where it is asked for.</summary>
    public static async Task StoreAsync(AttemptOrder order)
    {
        foreach (var part in order.Outputs.Single().Parts) await PutAsync(part, Result);
        foreach (var part in order.Leaves.SelectMany(leaves => leaves.Parts)) await PutAsync(part, LeafList.Store(MerkleTree.Leaves(Result).AsSpan()));
    }

    public Task<ApiAnswer> ReportAsync(AttemptOrder order, AttemptReport report) =>
        _api.SendAsync($"POST /api/attempts/{order.Job}/{order.Replica}/{order.Attempt}/report", Worker.Key, JsonSerializer.Serialize(report, BrokerJson.Options));

    public static async Task PutAsync(Uri url, byte[] bytes)
    {
        using var http = new HttpClient();
        using var put = new HttpRequestMessage(HttpMethod.Put, url) { Content = new ByteArrayContent(bytes) };
        put.Headers.Add("x-ms-blob-type", "BlockBlob");
        (await http.SendAsync(put, Token)).EnsureSuccessStatusCode();
    }
}
