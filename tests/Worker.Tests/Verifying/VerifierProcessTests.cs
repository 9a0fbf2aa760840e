using System.Collections.Concurrent;
using System.Net;
using Broker.Client;
using Broker.Core.Verification;
using Broker.Worker.Verifying;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broker.Worker.Tests.Verifying;

public sealed class VerifierProcessTests : IDisposable
{
    private readonly FakeBroker _broker = new();
    private readonly FakeStorage _storage = new();
    private readonly DrainSignal _drain = new();
    private readonly HttpClient _http;
    private readonly List<string> _said = [];

    public VerifierProcessTests()
    {
        _http = new HttpClient(_storage);
        CheckDesk.AddContents(_storage);
    }

    public void Dispose()
    {
        _http.Dispose();
        _broker.Dispose();
        _storage.Dispose();
    }

    [Fact]
    public async Task It_registers_checks_what_comes_and_ends_when_it_is_drained()
    {
        var running = StartAsync();
        await Eventually.TrueAsync(() => _said.Count > 0 && _broker.VerifierBeats > 2);
        Assign(VerificationMode.Sample);
        await Eventually.TrueAsync(() => !_broker.Verdicts.IsEmpty);
        _drain.Raise();
        await running;

        Assert.Equal([$"ready: test {FakeBroker.Worker}"], _said);
        Assert.Equal(VerdictKind.Passed, _broker.Verdicts.Single().Kind);
        Assert.Equal(0, _storage.MessageCount);
        Assert.Equal(["POST /api/verifiers", $"POST /api/checks/{FakeBroker.Attempt(1)}/1/start", $"POST /api/checks/{FakeBroker.Attempt(1)}/1/verdict"], _broker.Requests);
    }

    [Fact]
    public async Task A_drain_waits_for_the_check_that_is_made()
    {
        var running = StartAsync();
        Assign(VerificationMode.Sample);
        await Eventually.TrueAsync(() => _broker.Requests.Any(route => route.EndsWith("/start", StringComparison.Ordinal)));
        _drain.Raise();
        await running;
        Assert.Equal(VerdictKind.Passed, _broker.Verdicts.Single().Kind);
    }

    [Fact]
    public async Task A_check_that_does_not_end_in_time_is_left_with_its_message()
    {
        var running = StartAsync(drainSeconds: 0.5);
        CheckDesk.Assign(_broker, _storage, Documents.Endless() with { Verification = new VerificationSpec { Mode = VerificationMode.Full } });
        await Eventually.TrueAsync(() => _broker.Requests.Any(route => route.EndsWith("/start", StringComparison.Ordinal)));
        _drain.Raise();
        await running;
        Assert.Empty(_broker.Verdicts);
        Assert.Equal(1, _storage.MessageCount);
    }

    [Fact]
    public async Task It_waits_for_a_broker_that_is_not_there_yet_and_survives_one_in_trouble()
    {
        var failures = 7;
        _broker.Fail = route => route == "POST /api/verifiers" && failures-- > 0 ? HttpStatusCode.ServiceUnavailable : null;
        var running = StartAsync();
        await Eventually.TrueAsync(() => _said.Count > 0);
        failures = 10;
        _broker.Fail = route => route.EndsWith("/heartbeat", StringComparison.Ordinal) && failures-- > 0 ? HttpStatusCode.ServiceUnavailable : null;
        var beats = _broker.VerifierBeats;
        await Eventually.TrueAsync(() => failures < 0 && _broker.VerifierBeats > beats);
        _drain.Raise();
        await running;
    }

    [Fact]
    public async Task Waiting_for_a_broker_can_be_ended()
    {
        _broker.Fail = _ => HttpStatusCode.ServiceUnavailable;
        var running = StartAsync();
        await Eventually.TrueAsync(() => !_broker.Requests.IsEmpty);
        _drain.Raise();
        await running;
        Assert.Empty(_said);
    }

    [Fact]
    public async Task A_key_that_the_broker_does_not_know_ends_it()
    {
        _broker.Fail = _ => HttpStatusCode.Unauthorized;
        await Assert.ThrowsAsync<BrokerException>(() => StartAsync());
    }

    [Fact]
    public async Task A_key_that_ends_while_it_works_ends_it()
    {
        var running = StartAsync();
        await Eventually.TrueAsync(() => _said.Count > 0);
        _broker.Fail = _ => HttpStatusCode.Unauthorized;
        await Assert.ThrowsAsync<BrokerException>(() => running);
    }

    [Fact]
    public async Task It_says_nothing_of_the_seed_nor_before_the_verdict_of_what_it_checks()
    {
        using var logs = new RecordedLogs();
        var toldBefore = "";
        _broker.Fail = route =>
        {
            if (route.EndsWith("/verdict", StringComparison.Ordinal)) toldBefore = logs.Text;
            return null;
        };
        var running = StartAsync(logs: logs);
        CheckDesk.Assign(
            _broker, _storage, Documents.Store(blocks: 3000, bytes: 12000) with { Verification = new VerificationSpec { Mode = VerificationMode.Sample } },
            results => results["out"].AsSpan(4).Clear());
        await Eventually.TrueAsync(() => !_broker.Verdicts.IsEmpty);
        _drain.Raise();
        await running;
        Assert.Contains("started", toldBefore, StringComparison.Ordinal);
        Assert.DoesNotContain("block", toldBefore, StringComparison.Ordinal);
        Assert.Contains("Failed", logs.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(FakeBroker.SecretSeed.ToString(), logs.Text, StringComparison.Ordinal);
    }

    private Task StartAsync(double drainSeconds = 20, ILoggerFactory? logs = null)
    {
        var options = new WorkerOptions
        {
            Role = WorkerRole.Verifier,
            Url = new Uri("http://broker.test/"),
            Key = "bk_verifier_secret",
            Name = "test",
            PricePerSecond = default,
            SlotMemoryBytes = CheckDesk.Memory,
            Threads = 1,
            CacheBytes = 1 << 20,
            Drain = TimeSpan.FromSeconds(drainSeconds),
        };
        var surroundings = new Surroundings(_ => _broker.Connect(), _http, TimeProvider.System, logs ?? NullLoggerFactory.Instance);
        return new VerifierProcess(options, surroundings, _drain).RunAsync(_said.Add);
    }

    private void Assign(VerificationMode mode) => CheckDesk.Assign(_broker, _storage, Documents.Saxpy() with { Verification = new VerificationSpec { Mode = mode } });

    private sealed class RecordedLogs : ILoggerFactory, ILogger
    {
        private readonly ConcurrentQueue<string> _lines = new();

        public string Text => string.Join('\n', _lines);

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _lines.Enqueue($"{formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}
