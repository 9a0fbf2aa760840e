namespace Broker.Core.Api;

/// <summary>The limits of every document that the API takes in, but for the job document, whose limits are its own.</summary>
public static class ApiLimits
{
    /// <summary>Of a document as it is sent.</summary>
    public const int DocumentBytes = 256 * 1024;

    public const int AccountNameLength = 100;

    public const int WorkerNameLength = 60;

    public const int DeviceKindLength = 20;

    public const int DeviceNameLength = 200;

    public const int Slots = 64;

    /// <summary>A worker runs one attempt a slot.</summary>
    public const int Running = Slots;

    public const int RunLength = 32;

    public const int ShortestRun = 8;

    /// <summary>1 PiB: no device has as much.</summary>
    public const long MemoryBytes = 1L << 50;

    /// <summary>Of each of an offer's prices: a day of it can still be written as money and read back.</summary>
    public static Money Price { get; } = new(1_000_000_000_000);
}
