using Broker.Client;
using Broker.Core.Api;
using Broker.Core.Market;
using Broker.Storage.Worker;
using Broker.Worker.Attempts;
using Broker.Worker.Execution;
using Broker.Worker.Intake;
using Broker.Worker.Market;
using Microsoft.Extensions.Logging;

namespace Broker.Worker;

/// <summary>What a worker reaches the world through.</summary>
/// <param name="Connect">Makes a client of the broker with a key.</param>
/// <param name="Storage">Carries the requests to the storage.</param>
/// <param name="Clock">Measures all that it waits for.</param>
/// <param name="Logs">Where it says what it does.</param>
internal sealed record Surroundings(Func<string, BrokerClient> Connect, HttpClient Storage, TimeProvider Clock, ILoggerFactory Logs);

/// <summary>A worker from its registration to its withdrawal.</summary>
internal sealed partial class WorkerProcess(WorkerOptions options, IExecutor executor, Surroundings surroundings, DrainSignal drain) : IDisposable
{
    /// <summary>What runs that were stopped get to say so.</summary>
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(15);

    private readonly ILogger _log = surroundings.Logs.CreateLogger<WorkerProcess>();
    private readonly LiveRuns _runs = new();
    private readonly StatementKey _key = new();

    /// <summary>Works until it is drained.</summary>
    /// <param name="ready">Told the line that says that the offer stands.</param>
    /// <exception cref="BrokerException">The broker refuses this worker.</exception>
    public async Task RunAsync(Action<string> ready)
    {
        if (await JoinAsync() is not { } joined) return;
        var (worker, offer, heartbeats, answer) = joined;
        using var client = worker.Client;
        ready($"ready: {worker.Name} {worker.Id}");

        var messages = new AttemptMessages(surroundings.Storage, answer.Queue.Url);
        using var cache = new ContentCache(options.CacheBytes);
        using var slots = new Slots(options.Slots);
        using var ending = new CancellationTokenSource();
        using var ended = new CancellationTokenSource();
        var taking = TakeJobsAsync(messages, cache, slots, worker, ending.Token);
        var beating = heartbeats.RunAsync(answer, next => HeedAsync(next, messages, offer, ended.Token), ended.Token);
        await (await Task.WhenAny(drain.Raised, taking, beating));

        LogDraining();
        await TryLeaveAsync(() => offer.DrainAsync(CancellationToken.None));
        await ending.CancelAsync();
        await taking;
        await FinishRunsAsync();
        await TryLeaveAsync(() => offer.WithdrawAsync(CancellationToken.None));
        await ended.CancelAsync();
        await beating;
        LogEnded();
    }

    public void Dispose() => _key.Dispose();

    /// <summary>Registers, offers, and beats for the first time: from then on the broker may send jobs.</summary>
    /// <returns>Null where it was to stop before it came so far.</returns>
    private async Task<(WorkerIdentity, StandingOffer, HeartbeatLoop, HeartbeatAnswer)?> JoinAsync()
    {
        using var giveUp = new CancellationTokenSource();
        _ = drain.Raised.ContinueWith(_ => giveUp.Cancel(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        var patience = new Patience(surroundings.Clock, surroundings.Logs.CreateLogger<Patience>());
        try
        {
            var worker = await patience.RunAsync(RegisterAsync, giveUp.Token);
            var offer = new StandingOffer(worker, options.ToOffer(), surroundings.Clock);
            var heartbeats = new HeartbeatLoop(worker, _runs, surroundings.Clock, surroundings.Logs.CreateLogger<HeartbeatLoop>());
            var answer = await patience.RunAsync(heartbeats.BeatAsync, giveUp.Token);
            await patience.RunAsync(offer.MakeAsync, giveUp.Token);
            return (worker, offer, heartbeats, answer);
        }
        catch (OperationCanceledException) when (drain.Raised.IsCompleted)
        {
            return null;
        }
    }

    private async Task<WorkerIdentity> RegisterAsync(CancellationToken cancellation)
    {
        using var provider = surroundings.Connect(options.Key);
        var registered = await provider.RegisterWorkerAsync(new NewWorker(options.Name, executor.Facts, _key.PublicKey), cancellation);
        return new WorkerIdentity(registered.Id, registered.Name, surroundings.Connect(registered.Key), _key);
    }

    private Task TakeJobsAsync(AttemptMessages messages, ContentCache cache, Slots slots, WorkerIdentity worker, CancellationToken ending)
    {
        var (clock, logs) = (surroundings.Clock, surroundings.Logs);
        var bench = new Workbench(executor, cache, surroundings.Storage, clock);
        var attempts = new AttemptRun(worker, bench, clock, logs.CreateLogger<AttemptRun>());
        var reception = new Reception(messages, _runs, clock, logs.CreateLogger<Reception>());
        return new QueueLoop(messages, reception, new Workplace(slots, _runs, attempts), logs.CreateLogger<QueueLoop>()).RunAsync(clock, ending);
    }

    private async Task HeedAsync(HeartbeatAnswer answer, AttemptMessages messages, StandingOffer offer, CancellationToken cancellation)
    {
        messages.Use(answer.Queue.Url);
        if (answer.OfferState == OfferState.Draining) drain.Raise();
        else await offer.KeepAsync(answer.OfferState, cancellation);
    }

    private async Task FinishRunsAsync()
    {
        try
        {
            await _runs.WhenEmptyAsync().WaitAsync(options.Drain, surroundings.Clock);
            return;
        }
        catch (TimeoutException)
        {
            LogReleasing();
            _runs.StopAll(StopReason.Released);
        }

        try
        {
            await _runs.WhenEmptyAsync().WaitAsync(LastWords, surroundings.Clock);
        }
        catch (TimeoutException)
        {
            // The broker finds by the silence that follows that they are lost.
        }
    }

    /// <summary>Leaving needs nobody's consent: an offer that its worker does not renew ends by itself.</summary>
    private async Task TryLeaveAsync(Func<Task> leave)
    {
        try
        {
            await leave();
        }
        catch (BrokerException e)
        {
            LogNotTold(e.Message);
        }
    }

    [LoggerMessage(LogLevel.Information, "Draining: no new jobs, what runs comes to its end")]
    private partial void LogDraining();

    [LoggerMessage(LogLevel.Warning, "What still runs is handed back")]
    private partial void LogReleasing();

    [LoggerMessage(LogLevel.Warning, "The broker was not told: {Message}")]
    private partial void LogNotTold(string message);

    [LoggerMessage(LogLevel.Information, "Ended")]
    private partial void LogEnded();
}
