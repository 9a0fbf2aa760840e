namespace Broker.Functions.Hosting;

/// <summary>How queues are listened to: the values of <c>host.json</c>, which a test holds against these.</summary>
public static class QueueSettings
{
    public const int BatchSize = 16;

    /// <summary>A new batch is fetched when no more than this many messages are being worked at.</summary>
    public const int NewBatchThreshold = 8;

    public const int MaxDequeueCount = 5;

    /// <summary>A message whose handling failed is seen again after this.</summary>
    public static TimeSpan VisibilityTimeout { get; } = TimeSpan.FromSeconds(10);

    public static TimeSpan MaxPollingInterval { get; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long a message being handled is hidden from others, renewed at half of it. The Functions host takes ten
    /// minutes; a shorter one brings a message back sooner after a crash.
    /// </summary>
    public static TimeSpan Lease { get; } = TimeSpan.FromMinutes(1);
}
