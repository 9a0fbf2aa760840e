using Broker.Core;
using Broker.Core.Api;
using Broker.Core.Ids;

namespace Broker.Worker;

/// <summary>What this program is for.</summary>
public enum WorkerRole
{
    /// <summary>It offers a device, and runs jobs.</summary>
    Provider,

    /// <summary>It executes blocks of jobs again, for an operator who trusts it, and says whether results are right.</summary>
    Verifier,
}

/// <summary>What a worker is told when it starts.</summary>
public sealed record WorkerOptions
{
    public WorkerRole Role { get; init; }

    /// <summary>The broker.</summary>
    public required Uri Url { get; init; }

    /// <summary>The key of an account with this role: with it the worker registers and gets a key of its own.</summary>
    public required string Key { get; init; }

    /// <summary>The same name of the same account is the same worker.</summary>
    public required string Name { get; init; }

    public PoolName Pool { get; init; } = PoolName.Default;

    public required Money PricePerSecond { get; init; }

    public Money StartPrice { get; init; }

    public int Slots { get; init; } = 1;

    /// <summary>What one job may use, or executing blocks of one again.</summary>
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
