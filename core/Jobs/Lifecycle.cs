using Broker.Core.Ids;
using Broker.Core.Market;
using Broker.Core.Verification;

namespace Broker.Core.Jobs;

/// <summary>Decides what becomes of a job when something happens to it.</summary>
/// <remarks>Pure. Every method takes the job as it was read and answers with a change or a refusal; equal inputs give equal changes, so a redelivery decides the same again.</remarks>
public static partial class Lifecycle
{
    /// <summary>A job comes.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="account">Who submits it.</param>
    /// <param name="document">The resolved document.</param>
    /// <param name="request">The hash of the request.</param>
    /// <param name="now">The time of the decision.</param>
    /// <param name="kernelClass">How far it can be verified; null where nobody asked.</param>
    public static JobChange Submit(JobId id, AccountId account, JobDocument document, ContentHash request, DateTimeOffset now, string? kernelClass = null)
    {
        var patience = now + document.Terms.QueueTimeout;
        var job = new JobRecord
        {
            Id = id,
            Account = account,
            Document = document,
            State = JobState.Queued,
            RequestHash = request,
            Class = kernelClass,
            SubmittedAt = now,
            QueueUntil = document.Terms.Deadline is { } deadline && deadline < patience ? deadline : patience,
        };
        return new JobChange(null, job, []).With(JobEventKind.Submitted, now);
    }

    /// <summary>A replica got a worker.</summary>
    /// <param name="job">The job as it was read.</param>
    /// <param name="assignment">Who gets it.</param>
    /// <param name="seed">Secret random bytes, new for each call: they decide what is checked.</param>
    /// <param name="now">The time of the decision.</param>
    public static Decision Assign(JobRecord job, Assignment assignment, Digest seed, DateTimeOffset now)
    {
        if (job.State.IsEnded()) return LifecycleRefusal.Ended;
        var (_, replica, number) = assignment.Attempt;
        if (job.FindAttempt(replica, number) is { } made)
            return made.Worker == assignment.Offer.Worker ? Decision.AlreadyMade : LifecycleRefusal.StaleAttempt;
        if (replica < 0 || replica >= job.Replicas || !job.IsWaiting(replica)) return LifecycleRefusal.NotWaiting;
        if (number != (job.FindCurrent(replica)?.Number ?? 0) + 1) return LifecycleRefusal.StaleAttempt;
        var attempt = new AttemptRecord
        {
            Replica = replica,
            Number = number,
            Worker = assignment.Offer.Worker,
            WorkerName = assignment.Offer.Name,
            Provider = assignment.Offer.Provider,
            State = AttemptState.Assigned,
            Quote = assignment.Quote,
            StartPrice = assignment.Offer.StartPrice,
            PricePerSecond = assignment.Offer.PricePerSecond,
            AssignedAt = now,
            Seed = seed,
            SampleFactor = assignment.Offer.SampleFactor,
        };
        var change = JobChange.From(job with { Attempts = job.Attempts.Add(attempt) }) with { Before = job };
        return change.Move(JobSignal.Assigned).With(JobEventKind.Assigned, now, attempt, $"{assignment.Offer.Name} for {assignment.Quote}");
    }

    /// <summary>A worker begins a run, or says again that it did.</summary>
    /// <param name="job">The job as it was read.</param>
    /// <param name="id">The attempt.</param>
    /// <param name="worker">Whose attempt the caller takes it for.</param>
    /// <param name="run">The run.</param>
    /// <param name="publicKey">The worker's key: what it commits to is signed with it.</param>
    /// <param name="now">The time of the decision.</param>
    public static Decision Start(JobRecord job, AttemptId id, WorkerId worker, string run, string? publicKey, DateTimeOffset now)
    {
        if (Fence(job, id, worker) is { } refusal) return refusal;
        var attempt = job.FindAttempt(id.Replica, id.Number)!;
        if (attempt.State == AttemptState.Started && attempt.Run == run) return Decision.AlreadyMade;
        if (!attempt.State.IsLive()) return LifecycleRefusal.WrongState;
        return JobChange.From(job).Move(
            attempt, AttemptSignal.Started, now, also: started => started with { Run = run, PublicKey = publicKey, StartedAt = started.StartedAt ?? now });
    }

    /// <summary>Whether a report may be taken in: what the HTTP route asks before it queues one.</summary>
    public static LifecycleRefusal CheckReport(JobRecord job, AttemptId id, WorkerId worker, string run)
    {
        if (Fence(job, id, worker) is { } refusal) return refusal;
        var attempt = job.FindAttempt(id.Replica, id.Number)!;
        if (attempt.Run != run) return attempt.Run is null ? LifecycleRefusal.WrongState : LifecycleRefusal.StaleAttempt;
        return attempt.State == AttemptState.Started ? LifecycleRefusal.None : LifecycleRefusal.WrongState;
    }

    /// <summary>A run ended.</summary>
    /// <param name="job">The job as it was read.</param>
    /// <param name="id">The attempt.</param>
    /// <param name="worker">Who reports.</param>
    /// <param name="report">What it says.</param>
    /// <param name="now">The time of the decision.</param>
    /// <param name="verifier">Who checks it, where it is to be checked; null while there is nobody.</param>
    public static Decision Report(JobRecord job, AttemptId id, WorkerId worker, AttemptReport report, DateTimeOffset now, WorkerId? verifier = null)
    {
        var refusal = CheckReport(job, id, worker, report.Run);
        if (refusal != LifecycleRefusal.None) return refusal;
        var attempt = job.FindAttempt(id.Replica, id.Number)!;
        Decision decision = report.Outcome switch
        {
            RunOutcome.Completed => Complete(job, attempt, report, now),
            RunOutcome.Faulted => Fault(job, attempt, report, now),
            RunOutcome.Released => GiveBack(job, attempt, AttemptSignal.Withdrawn, report.Reason ?? "the worker is stopping", now),
            RunOutcome.TimedOut => TimeOut(job, attempt, report, now),
            _ => GiveBack(job, attempt, AttemptSignal.Lost, report.Reason ?? "the worker could not run it", now),
        };
        if (verifier is { } checks && decision.Change is { After.State: JobState.Committed } committed && Challenge(committed.After, id, 0, checks, null, now).Change is { } challenged)
            decision = committed.Then(challenged);
        return decision.Change is { } change && report.Log is { } log
            ? change with { Log = new RunLogRecord(id.Replica, id.Number, report.Run, now, log) }
            : decision;
    }

    /// <summary>A worker fell silent, or its message is gone for good.</summary>
    public static Decision Lose(JobRecord job, AttemptId id, string reason, DateTimeOffset now)
    {
        if (job.State.IsEnded()) return LifecycleRefusal.Ended;
        var attempt = job.FindAttempt(id.Replica, id.Number);
        if (attempt is null || attempt != job.FindCurrent(id.Replica)) return LifecycleRefusal.StaleAttempt;
        return attempt.State.IsLive() ? GiveBack(job, attempt, AttemptSignal.Lost, reason, now) : LifecycleRefusal.WrongState;
    }

    /// <summary>An attempt took its slot and was never written into its job. It is recorded as withdrawn: whoever was held up in between finds the number taken.</summary>
    public static Decision Abandon(JobRecord job, HeldSlot held, DateTimeOffset now)
    {
        if (job.State.IsEnded()) return LifecycleRefusal.Ended;
        if (job.FindAttempt(held.Replica, held.Attempt) is { } made)
            return made.State.IsLive() ? LifecycleRefusal.WrongState : Decision.AlreadyMade;
        if (held.Attempt != (job.FindCurrent(held.Replica)?.Number ?? 0) + 1 || !job.IsWaiting(held.Replica)) return LifecycleRefusal.StaleAttempt;
        const string Reason = "its assignment was cut off";
        var attempt = new AttemptRecord
        {
            Replica = held.Replica,
            Number = held.Attempt,
            Worker = held.Worker,
            WorkerName = held.Worker.ToString(),
            Provider = held.Provider,
            State = AttemptState.Withdrawn,
            Quote = Money.Zero,
            StartPrice = Money.Zero,
            PricePerSecond = Money.Zero,
            AssignedAt = held.Since,
            EndedAt = now,
            Reason = Reason,
        };
        return (JobChange.From(job with { Attempts = job.Attempts.Add(attempt) }) with { Before = job }).With(JobEventKind.Withdrawn, now, attempt, Reason);
    }

    public static Decision Cancel(JobRecord job, string reason, DateTimeOffset now)
    {
        if (job.State == JobState.Cancelled) return Decision.AlreadyMade;
        if (job.State.IsEnded()) return LifecycleRefusal.Ended;
        if (JobTransitions.Next(job.State, JobSignal.Cancelled) is null) return LifecycleRefusal.TooLate;
        return JobChange.From(job).End(JobSignal.Cancelled, now, reason);
    }

    /// <summary>A job that no offer took in time is given up.</summary>
    /// <param name="job">The job as it was read.</param>
    /// <param name="reason">Why it waited, for its submitter.</param>
    /// <param name="now">The time of the decision.</param>
    public static Decision Expire(JobRecord job, string reason, DateTimeOffset now)
    {
        if (job.State.IsEnded()) return LifecycleRefusal.Ended;
        if (now < job.QueueUntil) return LifecycleRefusal.TooEarly;
        if (job.State != JobState.Queued) return LifecycleRefusal.NotWaiting;
        return JobChange.From(job).End(JobSignal.Expired, now, reason);
    }

    private static LifecycleRefusal? Fence(JobRecord job, AttemptId id, WorkerId worker)
    {
        var attempt = job.FindAttempt(id.Replica, id.Number);
        if (attempt is null) return LifecycleRefusal.StaleAttempt;
        if (attempt.Worker != worker) return LifecycleRefusal.OtherWorker;
        if (attempt != job.FindCurrent(id.Replica)) return LifecycleRefusal.StaleAttempt;
        return job.State.IsEnded() ? LifecycleRefusal.Ended : null;
    }

    private static JobChange Complete(JobRecord job, AttemptRecord attempt, AttemptReport report, DateTimeOffset now)
    {
        var change = Commit(job, attempt, report, now);
        if (!AllReplicas(change.After, AttemptState.Committed)) return QueueUnlessRunning(change);

        change = change.Move(JobSignal.Committed);
        return job.IsVerified ? change : Accept(change, now);
    }

    private static JobChange Commit(JobRecord job, AttemptRecord attempt, AttemptReport report, DateTimeOffset now) => JobChange.From(job).Move(
        attempt, AttemptSignal.Committed, now, also: moved => moved with { Commitment = report.Commitment, Usage = report.Commitment?.Statement.Usage });

    /// <summary>What is committed is accepted, and the job is completed.</summary>
    private static JobChange Accept(JobChange change, DateTimeOffset now, string? text = null)
    {
        foreach (var committed in change.After.Attempts.Where(a => a.State == AttemptState.Committed))
            change = change.Move(committed, AttemptSignal.Accepted, now, text);
        return Bill(change).End(JobSignal.Completed, now, null);
    }

    private static JobChange Bill(JobChange change)
    {
        var price = change.After.Attempts.Where(a => a.State is AttemptState.Accepted or AttemptState.Inconclusive).Aggregate(Money.Zero, (sum, a) => sum + Pricing.Bill(a));
        return change with { After = change.After with { Price = price } };
    }

    private static JobChange Fault(JobRecord job, AttemptRecord attempt, AttemptReport report, DateTimeOffset now)
    {
        var reason = report.Fault?.Message ?? report.Reason ?? "the kernel faulted";
        var change = JobChange.From(job).Move(
            attempt, AttemptSignal.Committed, now, reason, moved => moved with { Fault = report.Fault, Usage = report.Usage });
        if (job.IsVerified) return change.Move(JobSignal.Committed);

        // The submitter wants no verification: a claimed fault is believed.
        return change.Move(change.After.FindCurrent(attempt.Replica)!, AttemptSignal.Accepted, now).End(JobSignal.Failed, now, reason);
    }

    /// <summary>The submitter's own bound ends the job: what did not end in time here is most likely endless everywhere.</summary>
    private static JobChange TimeOut(JobRecord job, AttemptRecord attempt, AttemptReport report, DateTimeOffset now)
    {
        // No worker can have used up the time that it has not had yet: such a report is the worker's failure, not the job's.
        if (now - attempt.AssignedAt < job.Document.Terms.Timeout)
            return GiveBack(job, attempt, AttemptSignal.Lost, "the worker says that the time is used up, before it is", now);
        var reason = report.Reason ?? "it ran longer than terms.timeout allows";
        return JobChange.From(job)
            .Move(attempt, AttemptSignal.Lost, now, reason, moved => moved with { Usage = report.Usage })
            .End(JobSignal.Failed, now, reason);
    }

    /// <summary>The attempt ends without a result: the replica waits again, unless its tries are used up.</summary>
    private static JobChange GiveBack(JobRecord job, AttemptRecord attempt, AttemptSignal signal, string reason, DateTimeOffset now) =>
        GiveBack(JobChange.From(job), attempt, signal, reason, now);

    private static JobChange GiveBack(JobChange change, AttemptRecord attempt, AttemptSignal signal, string reason, DateTimeOffset now)
    {
        change = change.Move(attempt, signal, now, reason);
        var failed = change.After.FailedAttempts(attempt.Replica);
        var most = change.After.Document.Terms.Attempts;
        if (failed >= most) return change.End(JobSignal.Failed, now, $"{failed} of {most} attempts failed; the last: {reason}");
        return QueueUnlessRunning(change);
    }

    /// <summary>A replica waits. Where no other runs, so does the job: only a queued job can expire.</summary>
    private static JobChange QueueUnlessRunning(JobChange change) =>
        change.After.State == JobState.Queued || change.After.Attempts.Any(attempt => attempt.State.IsLive()) ? change : change.Move(JobSignal.Requeued);

    private static bool AllReplicas(JobRecord job, AttemptState state) =>
        Enumerable.Range(0, job.Replicas).All(replica => job.FindCurrent(replica)?.State == state);
}
