using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using System.Text;
using System.Text.Json;
using Broker.Client;
using Broker.Core.Api;
using Broker.Core.Documents;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Core.Market;
using Broker.Core.Verification;

namespace Broker.Worker.Tests;

/// <summary>Answers as a broker does, for one worker or verifier, and the attempts or checks that a test gives it.</summary>
internal sealed class FakeBroker : HttpMessageHandler
{
    private readonly ConcurrentDictionary<string, JobDocument> _orders = new();

    public static WorkerId Worker { get; } = WorkerId.Parse("00000000000000aa");

    /// <summary>The requests in their order, without the heartbeats: "POST /api/workers".</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    public ConcurrentQueue<AttemptReport> Reports { get; } = new();

    /// <summary>The keys that were registered for statements, in their order.</summary>
    public ConcurrentQueue<string> PublicKeys { get; } = new();

    /// <summary>Decides what is checked.</summary>
    public static Digest SecretSeed { get; } = Digest.Of("secret"u8);

    /// <summary>Told in place of the job's hash, where it is set.</summary>
    public Digest? OtherHash { get; set; }

    public ConcurrentQueue<StartRun> Starts { get; } = new();

    public ConcurrentQueue<Heartbeat> Heartbeats { get; } = new();

    /// <summary>Answers in place of the route, where it gives a status: by method and path.</summary>
    public Func<string, HttpStatusCode?> Fail { get; set; } = _ => null;

    public OfferState? Offer { get; set; }

    public ImmutableArray<WithdrawnAttempt> Withdrawn { get; set; } = [];

    public double TimeoutSeconds { get; set; } = 60;

    public TimeSpan LinkLife { get; set; } = TimeSpan.FromHours(1);

    /// <summary>What a check that a test gave is answered with, but for the time when its links end.</summary>
    public ConcurrentDictionary<string, CheckOrder> Checks { get; } = new();

    public ConcurrentQueue<Verdict> Verdicts { get; } = new();

    public int VerifierBeats { get; private set; }

    public static AttemptId Attempt(int number) => new(JobId.Parse($"{number:x24}"), 0, 1);

    public BrokerClient Connect() =>
        new(new HttpClient(this, disposeHandler: false) { BaseAddress = new Uri("http://broker.test/") }, "bk_provider_worker_secret", new InstantClock());

    public void Order(AttemptId attempt, JobDocument document) => _orders[attempt.ToString()] = document;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
        var route = $"{request.Method} {request.RequestUri!.AbsolutePath}";
        if (!route.EndsWith("/heartbeat", StringComparison.Ordinal)) Requests.Enqueue(route);
        var answer = Fail(route) is { } status ? Answer(new Problem("urn:broker:problem:test", "No", (int)status), status) : Route(route, body);
        answer.RequestMessage = request;
        return answer;
    }

    private HttpResponseMessage Route(string route, string body)
    {
        switch (route.Split('/'))
        {
            case ["POST ", "api", "workers"]:
                PublicKeys.Enqueue(Read<NewWorker>(body).PublicKey);
                return Answer(new WorkerRegistered(Worker, "test", "bk_provider_worker_secret"), HttpStatusCode.Created);
            case ["POST ", "api", "workers", _, "heartbeat"]:
                Heartbeats.Enqueue(Read<Heartbeat>(body));
                return Answer(new HeartbeatAnswer(new QueueAccess(FakeStorage.QueueUrl, DateTimeOffset.MaxValue), Offer, Withdrawn, 0.5));
            case ["PUT ", "api", "offers", _]:
                Offer ??= OfferState.Active;
                return Answer(View());
            case ["POST ", "api", "offers", _, var state]:
                Offer = Enum.Parse<OfferState>(state, ignoreCase: true);
                return Answer(View());
            case ["DELETE ", "api", "offers", _]:
                return new HttpResponseMessage(HttpStatusCode.NoContent);
            case ["POST ", "api", "attempts", var job, var replica, var attempt, "start"]:
                var start = Read<StartRun>(body);
                Starts.Enqueue(start);
                return Answer(MakeOrder(new AttemptId(JobId.Parse(job), int.Parse(replica), int.Parse(attempt)), start.Run));
            case ["POST ", "api", "verifiers"]:
                return Answer(new WorkerRegistered(Worker, Read<NewVerifier>(body).Name, "bk_verifier_worker_secret"), HttpStatusCode.Created);
            case ["POST ", "api", "verifiers", _, "heartbeat"]:
                VerifierBeats++;
                return Answer(new VerifierAnswer(new QueueAccess(FakeStorage.QueueUrl, DateTimeOffset.MaxValue), 0.2));
            case ["POST ", "api", "checks", .. var check, "start"]:
                return Answer(Checks[string.Join('/', check)] with { ValidUntil = DateTimeOffset.UtcNow + LinkLife });
            case ["POST ", "api", "checks", _, _, _, _, "verdict"]:
                Verdicts.Enqueue(Read<Verdict>(body));
                return new HttpResponseMessage(HttpStatusCode.Accepted) { Content = new StringContent("{}") };
            case ["POST ", "api", "attempts", _, _, _, "report"]:
                Reports.Enqueue(Read<AttemptReport>(body));
                return new HttpResponseMessage(HttpStatusCode.Accepted) { Content = new StringContent("{}") };
            default:
                return Answer(new Problem("urn:broker:problem:not-found", route, 404), HttpStatusCode.NotFound);
        }
    }

    private AttemptOrder MakeOrder(AttemptId attempt, string run)
    {
        var document = _orders[attempt.ToString()];
        var hashes = document.Buffers.Select(buffer => buffer.Content).Append(document.Program.Content).OfType<ContentHash>();
        var results = document.Buffers.Where(buffer => buffer.IsResult).ToList();
        var isVerified = document.Verification is { Mode: not VerificationMode.None };
        return new AttemptOrder(
            attempt.Job, attempt.Replica, attempt.Number, run,
            JsonSerializer.Deserialize<JsonElement>(JobDocumentWriter.Write(document)),
            [.. hashes.Select(hash => new ContentUrl(hash, FakeStorage.BlobUrl("content/" + hash.Hex)))],
            [.. results.Select(buffer => Urls("outputs", buffer.Name, buffer.Bytes))],
            isVerified ? [.. results.Select(buffer => Urls("leaves", buffer.Name, LeafList.StoredBytes(buffer.Bytes)))] : [],
            OtherHash ?? JobHash.Of(document), Seed.Commit(SecretSeed, attempt), FakeStorage.BlobUrl($"logs/{run}"), TimeoutSeconds, DateTimeOffset.UtcNow + LinkLife);

        static OutputUrls Urls(string folder, string buffer, long bytes) =>
            new(buffer, bytes, [.. Enumerable.Range(0, OutputParts.Count(bytes)).Select(part => FakeStorage.BlobUrl($"{folder}/{buffer}/{part}"))]);
    }

    private OfferView View() => new(
        Worker, "test", AccountId.Operator, PoolName.Default, Offer!.Value, new Core.Money(1), default, 1, 1, 1,
        new DeviceFacts("cpu", "test", 90, 1), DateTimeOffset.UtcNow.AddMinutes(15));

    private static T Read<T>(string body) => JsonSerializer.Deserialize<T>(body, BrokerJson.Options)!;

    private static HttpResponseMessage Answer<T>(T document, HttpStatusCode status = HttpStatusCode.OK) =>
        new(status) { Content = new StringContent(JsonSerializer.Serialize(document, BrokerJson.Options), Encoding.UTF8, "application/json") };
}
