using Broker.Core.Ids;

namespace Broker.Core.Market;

/// <summary>Whether an offer takes jobs.</summary>
public enum OfferState { Active, Paused, Draining, Suspended }

/// <summary>A worker's standing bid.</summary>
public sealed record Offer
{
    public required WorkerId Worker { get; init; }

    public required AccountId Provider { get; init; }

    public PoolName Pool { get; init; } = PoolName.Default;

    /// <summary>The worker's name, for people.</summary>
    public required string Name { get; init; }

    public OfferState State { get; init; } = OfferState.Active;

    public required Money PricePerSecond { get; init; }

    public Money StartPrice { get; init; }

    public required DeviceFacts Device { get; init; }

    public int Slots { get; init; } = 1;

    /// <summary>The device memory that one slot may use.</summary>
    public required long SlotMemoryBytes { get; init; }

    /// <summary>How many times the blocks that a job asks for are checked of its results.</summary>
    public int SampleFactor { get; init; } = 1;

    /// <summary>How surely its worker brings a job to a good end, in thousandths.</summary>
    public int ReliabilityThousandths { get; init; } = 1000;

    /// <summary>The worker renews it; an offer that is not renewed ends.</summary>
    public required DateTimeOffset ValidUntil { get; init; }
}

/// <summary>What a worker says of its device.</summary>
/// <param name="Kind">What runs the kernels: <c>cpu</c>.</param>
/// <param name="Name">The device's name.</param>
/// <param name="ComputeCapability">Times ten: 90 is 9.0.</param>
/// <param name="MemoryBytes">All its memory.</param>
public sealed record DeviceFacts(string Kind, string Name, int ComputeCapability, long MemoryBytes);
