namespace Broker.Core.Jobs;

/// <summary>Why the state of a job refuses what is asked of it.</summary>
public enum LifecycleRefusal
{
    None,

    /// <summary>The job has ended.</summary>
    Ended,

    /// <summary>The attempt is not the replica's current one, or never was.</summary>
    StaleAttempt,

    /// <summary>The attempt belongs to another worker.</summary>
    OtherWorker,

    /// <summary>The attempt's state has no place for this.</summary>
    WrongState,

    /// <summary>The replica has a worker, or needs none.</summary>
    NotWaiting,

    /// <summary>The results are committed: it is too late to stop.</summary>
    TooLate,

    /// <summary>The queue timeout has not passed.</summary>
    TooEarly,
}

/// <summary>What was decided about a job: a change, or why there is none.</summary>
/// <param name="Change">The change; null where it is refused, or where it was made before.</param>
/// <param name="Refusal">Why not; <see cref="LifecycleRefusal.None"/> with no change means that it was made before.</param>
public readonly record struct Decision(JobChange? Change, LifecycleRefusal Refusal)
{
    public static Decision AlreadyMade => new(null, LifecycleRefusal.None);

    public bool IsRefused => Refusal != LifecycleRefusal.None;

    public static implicit operator Decision(JobChange change) => new(change, LifecycleRefusal.None);

    public static implicit operator Decision(LifecycleRefusal refusal) => new(null, refusal);

    public static Decision FromJobChange(JobChange change) => change;

    public static Decision FromLifecycleRefusal(LifecycleRefusal refusal) => refusal;
}
