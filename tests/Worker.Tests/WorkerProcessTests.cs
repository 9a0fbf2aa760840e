using System.Net;
using System.Text;
using Broker.Client;
using Broker.Core.Api;
using Broker.Core.Jobs;
using Broker.Core.Market;
using Broker.Core.Verification;
using Broker.Worker.Execution.Cpu;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broker.Worker.Tests;

public sealed class WorkerProcessTests : IDisposable
{
    private readonly FakeBroker _broker = new();
    private readonly FakeStorage _storage = new();
    private readonly DrainSignal _drain = new();
    private readonly HttpClient _http;
    private readonly List<string> _said = [];

    public WorkerProcessTests()
    {
        _http = new HttpClient(_storage);
        foreach (var text in new[] { Programs.Saxpy, Programs.Endless, Programs.Store }) _storage.AddContent(Encoding.UTF8.GetBytes(text));
    }

    public void Dispose()
    {
        _http.Dispose();
        _broker.Dispose();
        _storage.Dispose();
    }

    [Fact]
    public async Task It_registers_offers_runs_what_comes_and_leaves_when_it_is_drained()
    {
        var running = Start();
        Assign(1, Documents.Store(4, 16));
        Assign(2, Documents.Store(4, 16));
        await Eventually.TrueAsync(() => _broker.Reports.Count == 2);
        _drain.Raise();
        await running;

        Assert.Equal([$"ready: test {FakeBroker.Worker}"], _said);
        var key = Assert.Single(_broker.PublicKeys);
        Assert.All(_broker.Reports, report => Assert.True(Signatures.Verify(report.Commitment!.Statement.Encode(), report.Commitment.Signature, key)));
        Assert.Equal(0, _storage.MessageCount);
        var requests = _broker.Requests.ToList();
        Assert.Equal(["POST /api/workers", $"PUT /api/offers/{FakeBroker.Worker}"], requests[..2]);
        Assert.Equal([$"POST /api/offers/{FakeBroker.Worker}/draining", $"DELETE /api/offers/{FakeBroker.Worker}"], requests[^2..]);
    }

    [Fact]
    public async Task A_drain_waits_for_what_runs_and_hands_back_what_does_not_end()
    {
        var running = Start(drainSeconds: 0.5);
        Assign(1, Documents.Endless());
        await Eventually.TrueAsync(() => !_broker.Starts.IsEmpty);
        _drain.Raise();
        await running;
        Assert.Equal(RunOutcome.Released, _broker.Reports.Single().Outcome);
        Assert.Equal($"DELETE /api/offers/{FakeBroker.Worker}", _broker.Requests.Last());
    }

    [Fact]
    public async Task A_job_that_was_assigned_before_the_drain_is_still_taken()
    {
        var running = Start();
        await Eventually.TrueAsync(() => _said.Count > 0);
        Assign(1, Documents.Store(4, 16));
        _drain.Raise();
        await running;
        Assert.Equal(RunOutcome.Completed, _broker.Reports.Single().Outcome);
    }

    [Fact]
    public async Task Draining_in_the_heartbeat_ends_it_too()
    {
        var running = Start();
        await Eventually.TrueAsync(() => _said.Count > 0);
        _broker.Offer = OfferState.Draining;
        await running;
        Assert.Equal($"DELETE /api/offers/{FakeBroker.Worker}", _broker.Requests.Last());
    }

    [Fact]
    public async Task A_withdrawn_attempt_stops_and_the_slot_is_free_for_the_next()
    {
        var running = Start();
        Assign(1, Documents.Endless());
        await Eventually.TrueAsync(() => !_broker.Starts.IsEmpty);
        var endless = FakeBroker.Attempt(1);
        _broker.Withdrawn = [new WithdrawnAttempt(endless.Job, endless.Replica, endless.Number)];
        Assign(2, Documents.Store(4, 16));
        await Eventually.TrueAsync(() => !_broker.Reports.IsEmpty);
        _drain.Raise();
        await running;
        Assert.Equal(RunOutcome.Completed, _broker.Reports.Single().Outcome);
    }

    [Fact]
    public async Task Running_attempts_stand_in_the_heartbeat()
    {
        var running = Start(drainSeconds: 0);
        Assign(1, Documents.Endless());
        await Eventually.TrueAsync(() => _broker.Heartbeats.Any(heartbeat => heartbeat.Running.Any(run => run.Job == FakeBroker.Attempt(1).Job)));
        _drain.Raise();
        await running;
        Assert.Equal(_broker.Starts.Single().Run, _broker.Heartbeats.First(heartbeat => heartbeat.Running.Length > 0).Running[0].Run);
    }

    [Fact]
    public async Task It_waits_for_a_broker_that_is_not_there_yet()
    {
        var failures = 7;
        _broker.Fail = route => route == "POST /api/workers" && failures-- > 0 ? HttpStatusCode.ServiceUnavailable : null;
        var running = Start();
        await Eventually.TrueAsync(() => _said.Count > 0);
        _drain.Raise();
        await running;
    }

    [Fact]
    public async Task Waiting_for_a_broker_can_be_ended()
    {
        _broker.Fail = _ => HttpStatusCode.ServiceUnavailable;
        var running = Start();
        await Eventually.TrueAsync(() => !_broker.Requests.IsEmpty);
        _drain.Raise();
        await running;
        Assert.Empty(_said);
    }

    [Fact]
    public async Task A_key_that_the_broker_does_not_know_ends_it()
    {
        _broker.Fail = _ => HttpStatusCode.Unauthorized;
        await Assert.ThrowsAsync<BrokerException>(() => Start());
    }

    private async Task Start(double drainSeconds = 20)
    {
        var options = new WorkerOptions
        {
            Url = new Uri("http://broker.test/"),
            Key = "bk_provider_secret",
            Name = "test",
            PricePerSecond = new Core.Money(1),
            SlotMemoryBytes = 1 << 20,
            Threads = 1,
            CacheBytes = 1 << 20,
            Drain = TimeSpan.FromSeconds(drainSeconds),
        };
        var surroundings = new Surroundings(_ => _broker.Connect(), _http, TimeProvider.System, NullLoggerFactory.Instance);
        using var worker = new WorkerProcess(options, new CpuExecutor(options.Threads), surroundings, _drain);
        await worker.RunAsync(_said.Add);
    }

    private void Assign(int number, JobDocument document)
    {
        _broker.Order(FakeBroker.Attempt(number), document);
        _storage.Send(FakeBroker.Attempt(number));
    }
}
