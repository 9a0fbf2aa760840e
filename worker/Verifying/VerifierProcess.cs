using Broker.Client;
using Broker.Core.Api;
using Broker.Core.Ids;
using Broker.Storage.Worker;
using Broker.Worker.Attempts;
using Broker.Worker.Market;
using Microsoft.Extensions.Logging;

namespace Broker.Worker.Verifying;

/// <summary>A verifier from its registration to its end.</summary>
internal sealed partial class VerifierProcess(WorkerOptions options, Surroundings surroundings, DrainSignal drain)
{
    /// <summary>What a check that was stopped gets to end its process, and a verdict to be told.</summary>
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(15);

    private readonly ILogger _log = surroundings.Logs.CreateLogger<VerifierProcess>();

    /// <summary>Makes checks until it is drained.</summary>
    /// <param name="ready">Told the line that says that checks may come.</param>
    /// <exception cref="BrokerException">The broker refuses this verifier.</exception>
    public async Task RunAsync(Action<string> ready)
    {
        if (await JoinAsync() is not { } joined) return;
        var (client, verifier, answer) = joined;
        using var ownClient = client;
        ready($"ready: {verifier.Name} {verifier.Id}");

        var messages = new AttemptMessages(surroundings.Storage, answer.Queue.Url);
        using var cache = new ContentCache(options.CacheBytes);
        using var bench = new CheckBench(cache, surroundings.Storage, options.SlotMemoryBytes);
        using var ending = new CancellationTokenSource();
        using var stopping = new CancellationTokenSource();
        using var ended = new CancellationTokenSource();
        var checking = MakeLoop(client, messages, bench).RunAsync(ending.Token, stopping.Token);
        var beating = BeatAsync(client, verifier.Id, answer.IntervalSeconds, messages, ended.Token);
        await (await Task.WhenAny(drain.Raised, checking, beating));

        LogDraining();
        await ending.CancelAsync();
        await FinishAsync(checking, stopping);
        await ended.CancelAsync();
        await beating;
        LogEnded();
    }

    /// <summary>Registers, and beats for the first time: from then on the broker may send checks.</summary>
    /// <returns>Null where it was to stop before it came so far.</returns>
    private async Task<(BrokerClient, WorkerRegistered, VerifierAnswer)?> JoinAsync()
    {
        using var giveUp = new CancellationTokenSource();
        _ = drain.Raised.ContinueWith(_ => giveUp.Cancel(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        var patience = new Patience(surroundings.Clock, surroundings.Logs.CreateLogger<Patience>());
        try
        {
            using var account = surroundings.Connect(options.Key);
            var verifier = await patience.RunAsync(cancellation => account.RegisterVerifierAsync(new NewVerifier(options.Name), cancellation), giveUp.Token);
            var client = surroundings.Connect(verifier.Key);
            return (client, verifier, await patience.RunAsync(cancellation => client.BeatVerifierAsync(verifier.Id, cancellation), giveUp.Token));
        }
        catch (OperationCanceledException) when (drain.Raised.IsCompleted)
        {
            return null;
        }
    }

    private CheckLoop MakeLoop(BrokerClient client, AttemptMessages messages, CheckBench bench)
    {
        var (clock, logs) = (surroundings.Clock, surroundings.Logs);
        return new CheckLoop(messages, new CheckRun(client, bench, clock, logs.CreateLogger<CheckRun>()), clock, logs.CreateLogger<CheckLoop>());
    }

    private async Task BeatAsync(BrokerClient client, WorkerId verifier, double seconds, AttemptMessages messages, CancellationToken ended)
    {
        try
        {
            while (true)
            {
                await Task.Delay(TimeSpan.FromSeconds(seconds), surroundings.Clock, ended);
                try
                {
                    var answer = await client.BeatVerifierAsync(verifier, ended);
                    messages.Use(answer.Queue.Url);
                    seconds = answer.IntervalSeconds;
                }
                catch (BrokerException e) when (e.IsTrouble)
                {
                    LogMissed(e.Message);
                }
            }
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // The verifier ends.
        }
    }

    private async Task FinishAsync(Task checking, CancellationTokenSource stopping)
    {
        try
        {
            await checking.WaitAsync(options.Drain, surroundings.Clock);
        }
        catch (TimeoutException)
        {
            await stopping.CancelAsync();
        }

        try
        {
            await checking.WaitAsync(LastWords, surroundings.Clock);
        }
        catch (TimeoutException)
        {
            // A verdict that the broker does not take in: it gives the check to another verifier.
        }
    }

    [LoggerMessage(LogLevel.Information, "Draining: no new checks, the one that is made comes to its end")]
    private partial void LogDraining();

    [LoggerMessage(LogLevel.Warning, "A sign of life did not arrive: {Message}")]
    private partial void LogMissed(string message);

    [LoggerMessage(LogLevel.Information, "Ended")]
    private partial void LogEnded();
}
