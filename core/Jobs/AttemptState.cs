namespace Broker.Core.Jobs;

/// <summary>Where an attempt stands.</summary>
public enum AttemptState { Assigned, Started, Committed, Accepted, Rejected, Inconclusive, Lost, Withdrawn }

/// <summary>What happens to an attempt.</summary>
public enum AttemptSignal { Started, Committed, Accepted, Rejected, Inconclusive, Lost, Withdrawn }

/// <summary>Which signal leads an attempt from which state to which: the only place that says so.</summary>
public static class AttemptTransitions
{
    /// <summary>Whether the worker may still be at it.</summary>
    public static bool IsLive(this AttemptState state) => state is AttemptState.Assigned or AttemptState.Started;

    public static bool IsEnded(this AttemptState state) => state is not (AttemptState.Assigned or AttemptState.Started or AttemptState.Committed);

    /// <summary>The state that follows, or null where the signal has no place in this state.</summary>
    public static AttemptState? Next(AttemptState state, AttemptSignal signal) => (state, signal) switch
    {
        (AttemptState.Assigned, AttemptSignal.Started) => AttemptState.Started,
        (AttemptState.Assigned, AttemptSignal.Lost) => AttemptState.Lost,
        (AttemptState.Assigned, AttemptSignal.Withdrawn) => AttemptState.Withdrawn,

        // A worker that restarts inside an attempt starts again, with a new run.
        (AttemptState.Started, AttemptSignal.Started) => AttemptState.Started,
        (AttemptState.Started, AttemptSignal.Committed) => AttemptState.Committed,
        (AttemptState.Started, AttemptSignal.Lost) => AttemptState.Lost,
        (AttemptState.Started, AttemptSignal.Withdrawn) => AttemptState.Withdrawn,

        (AttemptState.Committed, AttemptSignal.Accepted) => AttemptState.Accepted,
        (AttemptState.Committed, AttemptSignal.Rejected) => AttemptState.Rejected,
        (AttemptState.Committed, AttemptSignal.Inconclusive) => AttemptState.Inconclusive,
        // Its data was withheld, or a faster replica's fault ended the job.
        (AttemptState.Committed, AttemptSignal.Lost) => AttemptState.Lost,
        (AttemptState.Committed, AttemptSignal.Withdrawn) => AttemptState.Withdrawn,

        _ => null,
    };
}
