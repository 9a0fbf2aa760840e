namespace Broker.Simulation.Memory;

/// <summary>A message in a simulated queue.</summary>
internal sealed class MemoryMessage(string id, string body, DateTimeOffset visibleAt)
{
    public string Id { get; } = id;

    public string Body { get; } = body;

    public string Receipt { get; set; } = "";

    public DateTimeOffset VisibleAt { get; set; } = visibleAt;

    public int Dequeued { get; set; }
}

/// <summary>All queues of a simulated account.</summary>
internal sealed class MemoryQueues(TimeProvider clock)
{
    private readonly Dictionary<string, List<MemoryMessage>> _queues = new(StringComparer.Ordinal);
    private long _count;

    public IEnumerable<(string Queue, int Messages)> Lengths => _queues.Select(queue => (queue.Key, queue.Value.Count));

    public MemoryMessage Send(string queue, string body, TimeSpan delay)
    {
        var message = new MemoryMessage($"m{++_count}", body, clock.GetUtcNow() + delay);
        Of(queue).Add(message);
        return message;
    }

    public IReadOnlyList<MemoryMessage> Receive(string queue, int most, TimeSpan visibility)
    {
        var now = clock.GetUtcNow();
        Of(queue).RemoveAll(message => message.VisibleAt == DateTimeOffset.MaxValue);
        var received = Of(queue).Where(message => message.VisibleAt <= now).Take(most).ToList();
        foreach (var message in received)
        {
            message.Dequeued++;
            Hide(message, now + visibility);
        }

        return received;
    }

    /// <returns>Null where the message is gone, or was received by another since.</returns>
    public MemoryMessage? TryHide(string queue, string id, string receipt, TimeSpan visibility)
    {
        var message = Of(queue).Find(message => message.Id == id && message.Receipt == receipt);
        if (message is not null) Hide(message, clock.GetUtcNow() + visibility);
        return message;
    }

    /// <returns>Whether it was there under this receipt.</returns>
    public bool Delete(string queue, string id, string receipt) =>
        Of(queue).RemoveAll(message => message.Id == id && message.Receipt == receipt) > 0;

    private void Hide(MemoryMessage message, DateTimeOffset until)
    {
        message.Receipt = $"r{++_count}";
        message.VisibleAt = until;
    }

    private List<MemoryMessage> Of(string queue)
    {
        if (!_queues.TryGetValue(queue, out var messages)) _queues[queue] = messages = [];
        return messages;
    }
}
