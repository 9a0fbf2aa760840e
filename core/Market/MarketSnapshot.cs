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

    /// <summary>How long its run may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Workers that failed this job before, each once.</summary>
    public ImmutableArray<Exclusion> Excluded { get; init; } = [];
}

/// <summary>A worker that does not get a job again for a while.</summary>
/// <param name="Worker">The worker.</param>
/// <param name="Until">When it may have the job again.</param>
public sealed record Exclusion(WorkerId Worker, DateTimeOffset Until)
{
    /// <summary>Long enough for another worker to take the job, short enough for a pool that has no other.</summary>
    public static TimeSpan AfterLoss { get; } = TimeSpan.FromMinutes(1);
}

/// <summary>A replica whose result is committed and not judged yet.</summary>
/// <param name="Job">The job.</param>
/// <param name="Replica">The replica.</param>
/// <param name="Attempt">The attempt's number.</param>
public sealed record CommittedReplica(JobId Job, int Replica, int Attempt)
{
    public AttemptId Id => new(Job, Replica, Attempt);
}

/// <summary>A slot in use: a replica that is assigned and not yet committed.</summary>
/// <param name="Job">The job.</param>
/// <param name="Replica">The replica.</param>
/// <param name="Attempt">The attempt's number.</param>
/// <param name="Worker">Whose slot it is.</param>
/// <param name="Provider">Whose worker that is.</param>
/// <param name="Since">When it was assigned.</param>
/// <param name="Until">When the attempt is lost, whatever its worker says.</param>
public sealed record HeldSlot(
    JobId Job, int Replica, int Attempt, WorkerId Worker, AccountId Provider, DateTimeOffset Since, DateTimeOffset Until)
{
    /// <summary>What an attempt may take beyond its timeout: fetching, storing, reporting.</summary>
    public static TimeSpan Grace { get; } = TimeSpan.FromMinutes(5);

    public AttemptId Id => new(Job, Replica, Attempt);

    public static HeldSlot Of(Assignment assignment, DateTimeOffset now) => new(
        assignment.Waiting.Job, assignment.Waiting.Replica, assignment.Waiting.NextAttempt,
        assignment.Offer.Worker, assignment.Offer.Provider, now, now + assignment.Waiting.Timeout + Grace);
}
