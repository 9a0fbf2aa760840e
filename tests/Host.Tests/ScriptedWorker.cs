using System.Text.Json;
using Broker.Client;
using Broker.Core;
using Broker.Core.Api;
using Broker.Core.Documents;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Core.Market;
using Broker.Storage.Worker;
using Broker.Tests;

namespace Broker.Host.Tests;

/// <summary>Does all that a worker does but the work: it takes attempts from its queue, begins each, and reports at once that it is done.</summary>
internal sealed class ScriptedWorker
{
    /// <summary>Short enough for an attempt that met a dying broker to be taken up again soon.</summary>
    private static readonly TimeSpan Visibility = TimeSpan.FromSeconds(5);

    private const int TakenAtOnce = 4;

    private readonly BrokerClient _broker;
    private readonly AttemptMessages _messages;
    private readonly WorkerId _id;
    private readonly int _slots;

    private ScriptedWorker(BrokerClient broker, AttemptMessages messages, WorkerId id, int slots) =>
        (_broker, _messages, _id, _slots) = (broker, messages, id, slots);

    /// <summary>Registers and offers.</summary>
    /// <param name="provider">A client with the provider's key.</param>
    /// <param name="connect">Makes a client with the worker's own.</param>
    /// <param name="storage">Carries the requests to its queue.</param>
    /// <param name="name">Its name.</param>
    /// <param name="slots">How many attempts it has at once.</param>
    /// <param name="cancellation">Ends the call.</param>
    public static async Task<ScriptedWorker> JoinAsync(
        BrokerClient provider, Func<string, BrokerClient> connect, HttpClient storage, string name, int slots, CancellationToken cancellation)
    {
        var registered = await provider.RegisterWorkerAsync(
            new NewWorker(name, new DeviceFacts("cpu", "scripted", 90, 1L << 30), Make.PublicKey), cancellation);
        var broker = connect(registered.Key);
        var answer = await broker.HeartbeatAsync(registered.Id, new Heartbeat([]), cancellation);
        var worker = new ScriptedWorker(broker, new AttemptMessages(storage, answer.Queue.Url), registered.Id, slots);
        await worker.OfferAsync(cancellation);
        return worker;
    }

    /// <summary>Works until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken ended)
    {
        using var broker = _broker;
        await Task.WhenAll([BeatAsync(ended), .. Enumerable.Range(0, TakenAtOnce).Select(_ => TakeAsync(ended))]);
    }

    private async Task TakeAsync(CancellationToken ended)
    {
        while (true)
        {
            var messages = await _messages.ReceiveAsync(2, Visibility, ended);
            foreach (var message in messages)
            {
                var attempt = JsonSerializer.Deserialize<AttemptMessage>(message.Body, BrokerJson.Options)!.ToId();
                if (await TryRunAsync(attempt, ended)) await _messages.DeleteAsync(message, ended);
            }

            if (messages.Count == 0) await Task.Delay(100, ended);
        }
    }

    /// <returns>Whether the message has done its work: reported, or refused for good.</returns>
    private async Task<bool> TryRunAsync(AttemptId attempt, CancellationToken ended)
    {
        try
        {
            var order = await _broker.StartAttemptAsync(attempt, new StartRun(Guid.NewGuid().ToString("N")), ended);
            await _broker.ReportAttemptAsync(attempt, new AttemptReport(order.Run, RunOutcome.Completed, Make.Commitment(order, _id)), ended);
            return true;
        }
        catch (BrokerException e)
        {
            return !e.IsTrouble;
        }
    }

    private async Task BeatAsync(CancellationToken ended)
    {
        while (true)
        {
            await Task.Delay(1000, ended);
            try
            {
                if ((await _broker.HeartbeatAsync(_id, new Heartbeat([]), ended)).OfferState is null) await OfferAsync(ended);
            }
            catch (BrokerException e) when (e.IsTrouble)
            {
                // The next one may arrive.
            }
        }
    }

    private Task OfferAsync(CancellationToken cancellation) => _broker.PutOfferAsync(
        _id, new NewOffer { PricePerSecond = new Money(100), Slots = _slots, SlotMemoryBytes = 1 << 20 }, cancellation);
}
