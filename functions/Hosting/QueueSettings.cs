namespace Broker.Functions.Hosting;

/// <summary>How queues are listened to: the defaults are the values of <c>host.json</c>, which a test holds against these.</summary>
public sealed record QueueSettings
{
    public int BatchSize { get; init; } = 16;

    /// <summary>A new batch is fetched when no more than this many messages are being worked at.</summary>
    public int NewBatchThreshold { get; init; } = 8;

    public int MaxDequeueCount { get; init; } = 5;

    /// <summary>A message whose handling failed is seen again after this.</summary>
    public TimeSpan VisibilityTimeout { get; init; } = TimeSpan.FromSeconds(10);

    public TimeSpan MaxPollingInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long a message being handled is hidden from others, renewed at half of it. The Functions host takes ten
    /// minutes; a shorter one brings a message back sooner after a crash.
    /// </summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromMinutes(1);
}
