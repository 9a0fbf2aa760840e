using System.Text;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Storage.Worker;
using Broker.Worker.Attempts;
using Broker.Worker.Execution.Cpu;
using Broker.Worker.Intake;
using Broker.Worker.Market;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broker.Worker.Tests.Attempts;

/// <summary>Runs attempts from their message to their report, on the real engine, with a fake broker and a fake storage.</summary>
internal sealed class AttemptDesk : IDisposable
{
    private readonly HttpClient _http;
    private readonly ContentCache _cache = new(mostBytes: 1 << 20);
    private readonly AttemptRun _attempts;
    private readonly AttemptMessages _messages;
    private readonly Reception _reception;

    public AttemptDesk()
    {
        _http = new HttpClient(Storage);
        foreach (var text in new[] { Programs.Saxpy, Programs.Endless, Programs.Store, Programs.Greet }) Storage.AddContent(Encoding.UTF8.GetBytes(text));
        Storage.AddContent(Documents.InputX);
        Storage.AddContent(Documents.InputY);
        var bench = new Workbench(new CpuExecutor(threads: 1), _cache, _http, TimeProvider.System);
        _attempts = new AttemptRun(new WorkerIdentity(FakeBroker.Worker, "test", Broker.Connect(), Key), bench, new InstantClock(), NullLogger<AttemptRun>.Instance);
        _messages = new AttemptMessages(_http, FakeStorage.QueueUrl);
        _reception = new Reception(_messages, Runs, TimeProvider.System, NullLogger<Reception>.Instance);
    }

    public FakeBroker Broker { get; } = new();

    public FakeStorage Storage { get; } = new();

    public LiveRuns Runs { get; } = new();

    public StatementKey Key { get; } = new();

    /// <summary>Assigns an attempt and sends its message.</summary>
    public AttemptId Assign(JobDocument document, int number = 1)
    {
        var attempt = FakeBroker.Attempt(number);
        Broker.Order(attempt, document);
        Storage.Send(attempt);
        return attempt;
    }

    /// <summary>Receives what can be seen, and gives the runs that it begins.</summary>
    public async Task<List<LiveRun>> ReceiveAsync()
    {
        var begun = new List<LiveRun>();
        foreach (var message in await _messages.ReceiveAsync(32, MessageLease.Visibility, TestContext.Current.CancellationToken))
        {
            if (await _reception.AdmitAsync(message) is { } run) begun.Add(run);
        }

        return begun;
    }

    public async Task RunAsync(LiveRun run)
    {
        await _attempts.RunAsync(run);
        Runs.Remove(run);
    }

    /// <summary>Receives one message and runs its attempt to the end.</summary>
    /// <returns>What was reported; null where nothing was.</returns>
    public async Task<AttemptReport?> RunNextAsync()
    {
        var before = Broker.Reports.Count;
        await RunAsync(Assert.Single(await ReceiveAsync()));
        return Broker.Reports.Count > before ? Broker.Reports.Last() : null;
    }

    public void Dispose()
    {
        _cache.Dispose();
        Key.Dispose();
        _http.Dispose();
        Broker.Dispose();
        Storage.Dispose();
    }
}
