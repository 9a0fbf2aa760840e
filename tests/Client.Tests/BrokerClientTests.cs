using System.Net;
using System.Text.Json;
using Broker.Core;
using Broker.Core.Api;
using Broker.Core.Documents;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Core.Market;
using Broker.Core.Verification;

namespace Broker.Client.Tests;

public class BrokerClientTests
{
    private static readonly JobId Job = JobId.Parse("0123456789abcdef01234567");
    private static readonly WorkerId Worker = WorkerId.Parse("0123456789abcdef");
    private static readonly JobView View = new()
    {
        Id = Job,
        Name = "job",
        Pool = PoolName.Default,
        State = JobState.Queued,
        SubmittedAt = DateTimeOffset.UnixEpoch,
        QueueUntil = DateTimeOffset.UnixEpoch,
        MaxPrice = new Money(1),
    };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_submission_repeats_its_generated_key_in_every_try()
    {
        var handler = new ScriptedHandler().Then(HttpStatusCode.ServiceUnavailable).ThenDocument(View, HttpStatusCode.Created);
        using var client = handler.CreateClient();
        var job = await client.SubmitAsync("{}"u8.ToArray(), cancellation: Cancellation);
        Assert.Equal(Job, job.Id);
        Assert.NotNull(handler.Sent[0].IdempotencyKey);
        Assert.Equal(handler.Sent[0].IdempotencyKey, handler.Sent[1].IdempotencyKey);
        Assert.All(handler.Sent, sent => Assert.Equal("{}"u8.ToArray(), sent.Body));
    }

    [Fact]
    public async Task A_given_idempotency_key_is_the_one_sent()
    {
        var handler = new ScriptedHandler().ThenDocument(View);
        using var client = handler.CreateClient();
        await client.SubmitAsync("{}"u8.ToArray(), "mine", Cancellation);
        Assert.Equal("mine", handler.Sent[0].IdempotencyKey);
        Assert.Equal("Bearer bk_someone_secret", handler.Sent[0].Authorization);
    }

    public static TheoryData<string, Func<BrokerClient, Task>> Routes => new()
    {
        { "GET /api/jobs?state=running&limit=5&continue=a%2Fb", client => client.ListJobsAsync(new JobQuery { State = JobState.Running, Limit = 5, Continue = "a/b" }, Cancellation) },
        { "GET /api/jobs?since=1970-01-01T00%3A00%3A00.0000000Z&until=1970-01-01T01%3A00%3A00.0000000Z", client => client.ListJobsAsync(new JobQuery { Since = DateTimeOffset.UnixEpoch, Until = DateTimeOffset.UnixEpoch.AddHours(1) }, Cancellation) },
        { "GET /api/jobs", client => client.ListJobsAsync(cancellation: Cancellation) },
        { $"GET /api/jobs/{Job}", client => client.ReadJobAsync(Job, Cancellation) },
        { $"DELETE /api/jobs/{Job}", client => client.DeleteJobAsync(Job, Cancellation) },
        { $"DELETE /api/content/{new string('a', 64)}", client => client.DeleteContentAsync(ContentHash.Parse(new string('a', 64)), Cancellation) },
        { $"POST /api/jobs/{Job}/cancel", client => client.CancelAsync(Job, Cancellation) },
        { $"GET /api/jobs/{Job}/events", client => client.ReadEventsAsync(Job, cancellation: Cancellation) },
        { $"GET /api/jobs/{Job}/events?after=3&wait=20&limit=5", client => client.ReadEventsAsync(Job, new EventQuery { After = 3, Wait = TimeSpan.FromSeconds(20), Limit = 5 }, Cancellation) },
        { $"GET /api/jobs/{Job}/log", client => client.ReadLogAsync(Job, Cancellation) },
        { $"GET /api/jobs/{Job}/outputs", client => client.ReadOutputsAsync(Job, Cancellation) },
        { $"GET /api/jobs/{Job}/outputs/out", client => client.ReadOutputAsync(Job, "out", Cancellation) },
        { "GET /api/accounts/me", client => client.ReadAccountAsync(Cancellation) },
        { "POST /api/accounts", client => client.CreateAccountAsync(new NewAccount("a", [Role.Submitter]), Cancellation) },
        { "GET /api/storage-operations", client => client.ReadStorageOperationsAsync(Cancellation) },
        { "POST /api/workers", client => client.RegisterWorkerAsync(new NewWorker("w", new DeviceFacts("cpu", "c", 90, 1), "key"), Cancellation) },
        { "GET /api/workers", client => client.ListWorkersAsync(cancellation: Cancellation) },
        { $"POST /api/workers/{Worker}/heartbeat", client => client.HeartbeatAsync(Worker, new Heartbeat([]), Cancellation) },
        { "GET /api/offers?pool=default", client => client.ListOffersAsync(PoolName.Default, cancellation: Cancellation) },
        { $"PUT /api/offers/{Worker}", client => client.PutOfferAsync(Worker, new NewOffer { PricePerSecond = new Money(1), SlotMemoryBytes = 1 }, Cancellation) },
        { $"POST /api/offers/{Worker}/draining", client => client.SetOfferStateAsync(Worker, OfferState.Draining, Cancellation) },
        { $"DELETE /api/offers/{Worker}", client => client.WithdrawOfferAsync(Worker, Cancellation) },
        { $"POST /api/attempts/{Job}/0/1/start", client => client.StartAttemptAsync(new AttemptId(Job, 0, 1), new StartRun("run00001"), Cancellation) },
        { $"POST /api/attempts/{Job}/0/1/report", client => client.ReportAttemptAsync(new AttemptId(Job, 0, 1), new AttemptReport("run00001", RunOutcome.Released), Cancellation) },
        { "POST /api/verifiers", client => client.RegisterVerifierAsync(new NewVerifier("v"), Cancellation) },
        { $"POST /api/verifiers/{Worker}/heartbeat", client => client.BeatVerifierAsync(Worker, Cancellation) },
        { $"POST /api/checks/{Job}/0/1/2/start", client => client.StartCheckAsync(new AttemptId(Job, 0, 1), 2, Cancellation) },
        { $"POST /api/checks/{Job}/0/1/2/verdict", client => client.ReportVerdictAsync(new AttemptId(Job, 0, 1), 2, new Verdict { Kind = VerdictKind.Passed, Blocks = 1, Sampled = 1 }, Cancellation) },
        { $"GET /api/jobs/{Job}/receipt", client => client.ReadReceiptAsync(Job, Cancellation) },
        { $"GET /api/jobs/{Job}/receipts", client => client.ListReceiptsAsync(Job, Cancellation) },
        { "GET /api/broker-key", client => client.ReadBrokerKeyAsync(Cancellation) },
    };

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task Each_method_calls_its_route_with_a_known_length(string route, Func<BrokerClient, Task> call)
    {
        var handler = new ScriptedHandler().ThenDocument(new Problem("urn:broker:problem:test", "No", 409), HttpStatusCode.Conflict);
        using var client = handler.CreateClient();
        await Assert.ThrowsAsync<BrokerException>(() => call(client));
        var sent = Assert.Single(handler.Sent);
        Assert.Equal(route, $"{sent.Method} {sent.Path}");
        Assert.Equal(sent.Body.Length, sent.ContentLength ?? 0);
    }

    [Fact]
    public async Task A_member_that_a_newer_broker_adds_is_passed_over()
    {
        var known = JsonSerializer.Serialize(View, BrokerJson.Options);
        using var client = new ScriptedHandler().Then(HttpStatusCode.OK, known[..^1] + ",\"colour\":\"red\"}").CreateClient();
        Assert.Equal(View, await client.ReadJobAsync(Job, Cancellation) with { Attempts = View.Attempts });
    }

    [Fact]
    public async Task A_job_that_has_not_changed_is_the_one_that_was_read_before()
    {
        var handler = new ScriptedHandler()
            .Then(() => new HttpResponseMessage { Headers = { ETag = new("\"1\"") }, Content = new StringContent(JsonSerializer.Serialize(View, BrokerJson.Options)) })
            .Then(HttpStatusCode.NotModified)
            .ThenDocument(View with { State = JobState.Running });
        using var client = handler.CreateClient();
        var first = await client.ReadJobAsync(Job, known: null, Cancellation);
        Assert.Same(first, await client.ReadJobAsync(Job, first, Cancellation));
        Assert.Equal(JobState.Running, (await client.ReadJobAsync(Job, first, Cancellation)).Value.State);
        Assert.Equal([null, "\"1\"", "\"1\""], handler.Sent.Select(sent => sent.IfNoneMatch));
    }

    [Fact]
    public async Task What_is_gone_when_a_deletion_is_tried_again_is_deleted()
    {
        var handler = new ScriptedHandler()
            .Then(HttpStatusCode.NoContent)
            .Then(HttpStatusCode.BadGateway)
            .ThenDocument(new Problem("urn:broker:problem:not-found", "Not found", 404), HttpStatusCode.NotFound);
        using var client = handler.CreateClient();
        Assert.True(await client.DeleteJobAsync(Job, Cancellation));
        Assert.False(await client.DeleteJobAsync(Job, Cancellation));
    }
}
