using Azure;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using Azure.Storage.Sas;

namespace Broker.Simulation.Memory;

/// <summary>A process's way to the simulated queues.</summary>
internal sealed class MemoryQueueService(MemoryQueues queues, Door door) : QueueServiceClient
{
    public override QueueClient GetQueueClient(string queueName) => new MemoryQueueClient(queues, door, queueName);
}

/// <summary>One simulated queue, by the calls that the broker makes.</summary>
internal sealed class MemoryQueueClient(MemoryQueues queues, Door door, string queue) : QueueClient
{
    /// <summary>Workers' queues are of one kind.</summary>
    private readonly string _kind = queue.Split('-') is [("attempts" or "verifications") and var kind, _] ? kind : queue;

    public override async Task<Response> CreateIfNotExistsAsync(
        IDictionary<string, string>? metadata = null, CancellationToken cancellationToken = default)
    {
        await door.CreateAsync($"{_kind} queue");
        return new MemoryAnswer(204);
    }

    public override Uri GenerateSasUri(QueueSasPermissions permissions, DateTimeOffset expiresOn) => new($"http://memory/{queue}");

    public override async Task<Response<SendReceipt>> SendMessageAsync(
        string messageText, TimeSpan? visibilityTimeout = null, TimeSpan? timeToLive = null, CancellationToken cancellationToken = default)
    {
        var sent = await door.PassAsync(new StorageOperation($"{_kind} send", true), () => queues.Send(queue, messageText, visibilityTimeout ?? TimeSpan.Zero));
        return Response.FromValue(QueuesModelFactory.SendReceipt(sent.Id, default, default, "", sent.VisibleAt), new MemoryAnswer(201));
    }

    public override async Task<Response<QueueMessage[]>> ReceiveMessagesAsync(
        int? maxMessages = null, TimeSpan? visibilityTimeout = null, CancellationToken cancellationToken = default)
    {
        var received = await door.PassAsync(
            new StorageOperation($"{_kind} receive", false), () => queues.Receive(queue, maxMessages ?? 1, visibilityTimeout ?? TimeSpan.FromSeconds(30)).Select(Make).ToArray());
        return Response.FromValue(received, new MemoryAnswer(200));
    }

    public override async Task<Response<UpdateReceipt>> UpdateMessageAsync(
        string messageId, string popReceipt, string? messageText = null, TimeSpan visibilityTimeout = default, CancellationToken cancellationToken = default)
    {
        var hidden = await door.PassAsync(
            new StorageOperation($"{_kind} hide", true), () => queues.TryHide(queue, messageId, popReceipt, visibilityTimeout) ?? throw Gone());
        return Response.FromValue(QueuesModelFactory.UpdateReceipt(hidden.Receipt, hidden.VisibleAt), new MemoryAnswer(204));
    }

    public override async Task<Response> DeleteMessageAsync(string messageId, string popReceipt, CancellationToken cancellationToken = default)
    {
        await door.PassAsync(new StorageOperation($"{_kind} delete", true), () => queues.Delete(queue, messageId, popReceipt) ? true : throw Gone());
        return new MemoryAnswer(204);
    }

    private static RequestFailedException Gone() => new(404, "MessageNotFound", "MessageNotFound", null);

    private static QueueMessage Make(MemoryMessage message) =>
        QueuesModelFactory.QueueMessage(message.Id, message.Receipt, message.Body, message.Dequeued, null, null, null);
}
