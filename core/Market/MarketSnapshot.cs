using System.Collections.Immutable;
using Broker.Core.Ids;

namespace Broker.Core.Market;

/// <summary>A pool as it was read: what waits, what is offered, what is taken.</summary>
public sealed record MarketSnapshot(
    PoolName Pool, DateTimeOffset Now, ImmutableArray<WaitingReplica> Waiting, ImmutableArray<Offer> Offers, ImmutableArray<HeldSlot> Held);

/// <summary>A replica that needs a worker, with all that the matcher asks of it.</summary>
public sealed record WaitingReplica
{
    public required JobId Job { get; init; }

    public int Replica { get; init; }

    /// <summary>The number that its next attempt gets.</summary>
    public int NextAttempt { get; init; } = 1;

    public required DateTimeOffset SubmittedAt { get; init; }

    public required DateTimeOffset QueueUntil { get; init; }

    public required long MemoryBytes { get; init; }

    public int ComputeCapability { get; init; }

    public int ShareThousandths { get; init; }

    public required Money MaxPrice { get; init; }

    public Money DelayValuePerHour { get; init; }

    public TimeSpan? Estimate { get; init; }

    /// <summary>Workers that failed this job before.</summary>
    public ImmutableArray<WorkerId> Excluded { get; init; } = [];
}

/// <summary>A slot in use: a replica that is assigned and not yet committed.</summary>
public sealed record HeldSlot(JobId Job, int Replica, int Attempt, WorkerId Worker, AccountId Provider, DateTimeOffset Since);
