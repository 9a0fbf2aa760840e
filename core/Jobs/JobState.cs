namespace Broker.Core.Jobs;

/// <summary>Where a job stands.</summary>
public enum JobState { Queued, Running, Committed, Verifying, Completed, Failed, Cancelled, Expired }

/// <summary>What happens to a job as a whole.</summary>
public enum JobSignal
{
    /// <summary>A replica got a worker.</summary>
    Assigned,

    /// <summary>Every replica has a committed result.</summary>
    Committed,

    /// <summary>The blocks to check are drawn.</summary>
    Challenged,

    /// <summary>A replica waits again and no other runs.</summary>
    Requeued,

    Completed,
    Failed,
    Cancelled,
    Expired,
}

/// <summary>Which signal leads a job from which state to which: the only place that says so.</summary>
public static class JobTransitions
{
    public static bool IsEnded(this JobState state) =>
        state is JobState.Completed or JobState.Failed or JobState.Cancelled or JobState.Expired;

    /// <summary>The state that follows, or null where the signal has no place in this state.</summary>
    public static JobState? Next(JobState state, JobSignal signal) => (state, signal) switch
    {
        (JobState.Queued, JobSignal.Assigned) => JobState.Running,
        (JobState.Queued, JobSignal.Failed) => JobState.Failed,
        (JobState.Queued, JobSignal.Cancelled) => JobState.Cancelled,
        (JobState.Queued, JobSignal.Expired) => JobState.Expired,

        (JobState.Running, JobSignal.Assigned) => JobState.Running,
        (JobState.Running, JobSignal.Committed) => JobState.Committed,
        (JobState.Running, JobSignal.Requeued) => JobState.Queued,
        (JobState.Running, JobSignal.Failed) => JobState.Failed,
        (JobState.Running, JobSignal.Cancelled) => JobState.Cancelled,
        (JobState.Running, JobSignal.Expired) => JobState.Expired,

        // Past the commitment the worker has done its part: it is judged and paid, so cancelling comes too late.
        (JobState.Committed, JobSignal.Challenged) => JobState.Verifying,
        (JobState.Committed, JobSignal.Requeued) => JobState.Queued,
        (JobState.Committed, JobSignal.Completed) => JobState.Completed,
        (JobState.Committed, JobSignal.Failed) => JobState.Failed,

        (JobState.Verifying, JobSignal.Assigned) => JobState.Running,
        (JobState.Verifying, JobSignal.Requeued) => JobState.Queued,
        (JobState.Verifying, JobSignal.Completed) => JobState.Completed,
        (JobState.Verifying, JobSignal.Failed) => JobState.Failed,

        _ => null,
    };
}
