using System.Text.Json;
using Azure;
using Azure.Storage.Queues.Models;
using Azure.Storage.Sas;
using Broker.Core.Api;
using Broker.Core.Documents;

namespace Broker.Storage;

/// <summary>A message as it was received.</summary>
/// <param name="Id">The queue's name for it.</param>
/// <param name="Receipt">What a renewal or a deletion must show.</param>
/// <param name="Body">Its text.</param>
/// <param name="DequeueCount">How many times it was received, this time included.</param>
public sealed record ReceivedMessage(string Id, string Receipt, string Body, long DequeueCount);

/// <summary>The queues: plain JSON text, no base64 on either side.</summary>
public sealed class MessageQueues(BrokerStorage storage)
{
    /// <summary>Told the name of each queue that this program has sent to, so that its own listener need not wait for its next look.</summary>
    public event Action<string>? Sent;

    public async Task SendAsync<T>(string queue, T message, TimeSpan? delay, CancellationToken cancellation)
    {
        await SendTextAsync(queue, JsonSerializer.Serialize(message, BrokerJson.Options), delay, cancellation);
        if (delay is null) Sent?.Invoke(queue);
    }

    public Task SendTextAsync(string queue, string body, TimeSpan? delay, CancellationToken cancellation) =>
        storage.Queue(queue).SendMessageAsync(body, delay, cancellationToken: cancellation);

    public async Task<IReadOnlyList<ReceivedMessage>> ReceiveAsync(
        string queue, int most, TimeSpan visibility, CancellationToken cancellation)
    {
        var received = await storage.Queue(queue).ReceiveMessagesAsync(most, visibility, cancellation);
        if (received.Value.Length > 0) storage.Meter.Count("queue.receive");
        return [.. received.Value.Select(Make)];
    }

    /// <summary>Moves the time at which a message is seen again.</summary>
    /// <returns>The new receipt; null where the message is no longer ours.</returns>
    public async Task<string?> TryHideAsync(string queue, ReceivedMessage message, TimeSpan visibility, CancellationToken cancellation)
    {
        try
        {
            using var uncounted = storage.Meter.Uncounted();
            var answer = await storage.Queue(queue).UpdateMessageAsync(
                message.Id, message.Receipt, message.Body, visibility, cancellation);
            return answer.Value.PopReceipt;
        }
        catch (RequestFailedException e) when (e.Status is 404 or 400)
        {
            return null;
        }
    }

    /// <summary>Deletes a message. One that is gone, or that another has received since, is left as it is.</summary>
    public async Task DeleteAsync(string queue, ReceivedMessage message, CancellationToken cancellation)
    {
        try
        {
            await storage.Queue(queue).DeleteMessageAsync(message.Id, message.Receipt, cancellation);
        }
        catch (RequestFailedException e) when (e.Status is 404 or 400)
        {
            // Handled twice, then: handlers are idempotent.
        }
    }

    /// <summary>Makes the own queue of a worker or a verifier.</summary>
    public Task CreateAsync(string queue, CancellationToken cancellation) =>
        storage.Queue(queue).CreateIfNotExistsAsync(cancellationToken: cancellation);

    /// <summary>A URL to the own queue of a worker or a verifier that lets it read, renew and delete messages, and send none.</summary>
    public QueueAccess Access(string queue, DateTimeOffset until)
    {
        var url = storage.Queue(queue).GenerateSasUri(
            QueueSasPermissions.Read | QueueSasPermissions.Update | QueueSasPermissions.Process, until);
        return new QueueAccess(url, until);
    }

    private static ReceivedMessage Make(QueueMessage message) =>
        new(message.MessageId, message.PopReceipt, message.Body.ToString(), message.DequeueCount);
}
