using Azure;
using Azure.Storage.Queues;

namespace Broker.Storage.Worker;

/// <summary>The messages on a worker's own queue, through a link that ends and is replaced.</summary>
/// <param name="http">Carries the requests; its own timeout must be longer than 30 seconds.</param>
/// <param name="link">Allows to read, update and delete messages.</param>
/// <remarks>Safe for many threads. A replaced link leaves the messages that are held under it as they are.</remarks>
public sealed class AttemptMessages(HttpClient http, Uri link)
{
    /// <summary>Three seconds: who looks into the queue, or renews, does so again by itself.</summary>
    private const int Retries = 4;

    private static readonly TimeSpan NetworkTimeout = TimeSpan.FromSeconds(30);

    private volatile Connection _connection = Connect(http, link);

    /// <summary>Uses another link from now on.</summary>
    public void Use(Uri replacement)
    {
        if (replacement != _connection.Link) _connection = Connect(http, replacement);
    }

    /// <summary>Receives messages and hides them; they come again when they are neither renewed nor deleted.</summary>
    /// <param name="most">At most 32, which is what the service gives at once.</param>
    /// <param name="visibility">How long they are hidden.</param>
    /// <param name="cancellation">Ends the call.</param>
    public async Task<IReadOnlyList<ReceivedMessage>> ReceiveAsync(int most, TimeSpan visibility, CancellationToken cancellation)
    {
        var answer = await _connection.Client.ReceiveMessagesAsync(Math.Min(most, 32), visibility, cancellation);
        return [.. answer.Value.Select(message => new ReceivedMessage(message.MessageId, message.PopReceipt, message.Body.ToString(), message.DequeueCount))];
    }

    /// <summary>Hides a message for longer.</summary>
    /// <returns>The message with its new receipt; null where it is gone, or another has received it since.</returns>
    public async Task<ReceivedMessage?> TryRenewAsync(ReceivedMessage message, TimeSpan visibility, CancellationToken cancellation)
    {
        try
        {
            var answer = await _connection.Client.UpdateMessageAsync(message.Id, message.Receipt, message.Body, visibility, cancellation);
            return message with { Receipt = answer.Value.PopReceipt };
        }
        catch (RequestFailedException e) when (e.Status is 404 or 400)
        {
            return null;
        }
    }

    /// <summary>Deletes a message. One that is gone, or that another has received since, is left as it is.</summary>
    public async Task DeleteAsync(ReceivedMessage message, CancellationToken cancellation)
    {
        try
        {
            await _connection.Client.DeleteMessageAsync(message.Id, message.Receipt, cancellation);
        }
        catch (RequestFailedException e) when (e.Status is 404 or 400)
        {
            // Whoever has it now finds the attempt ended and deletes it.
        }
    }

    private static Connection Connect(HttpClient http, Uri link) => new(
        link, new QueueClient(link, LinkOptions.Configure(new QueueClientOptions { MessageEncoding = QueueMessageEncoding.None }, http, NetworkTimeout, Retries)));

    private sealed record Connection(Uri Link, QueueClient Client);
}
