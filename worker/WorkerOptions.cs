using Broker.Core;
using Broker.Core.Api;
using Broker.Core.Ids;

namespace Broker.Worker;

/// <summary>What a worker is told when it starts.</summary>
public sealed record WorkerOptions
{
    /// <summary>The broker.</summary>
    public required Uri Url { get; init; }

    /// <summary>A provider's key: with it the worker registers and gets a key of its own.</summary>
    public required string Key { get; init; }

    /// <summary>The same name of the same provider is the same worker.</summary>
    public required string Name { get; init; }

    public PoolName Pool { get; init; } = PoolName.Default;

    public required Money PricePerSecond { get; init; }

    public Money StartPrice { get; init; }

    public int Slots { get; init; } = 1;

    public required long SlotMemoryBytes { get; init; }

    /// <summary>The threads of one slot.</summary>
    public required int Threads { get; init; }

    /// <summary>How much of programs and inputs is kept on disk.</summary>
    public required long CacheBytes { get; init; }

    /// <summary>How long a stopping worker lets its runs go on.</summary>
    public required TimeSpan Drain { get; init; }

    public NewOffer ToOffer() => new()
    {
        Pool = Pool,
        PricePerSecond = PricePerSecond,
        StartPrice = StartPrice,
        Slots = Slots,
        SlotMemoryBytes = SlotMemoryBytes,
    };
}
