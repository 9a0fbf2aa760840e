using System.Globalization;
using System.Text.RegularExpressions;
using Broker.Core.Ids;
using Broker.Core.Verification;

namespace Broker.Core.Jobs;

/// <content>What becomes of a job whose results are committed: it is challenged, checked and judged.</content>
public static partial class Lifecycle
{
    /// <summary>A check gets a verifier: the first one, or another one in the place of a verifier that does not answer.</summary>
    /// <param name="job">The job as it was read.</param>
    /// <param name="id">The attempt.</param>
    /// <param name="after">The number of the last check that the caller knows of, 0 for none: a later one makes this call stale.</param>
    /// <param name="verifier">Who checks.</param>
    /// <param name="reason">Why the check before it ended; null for the first.</param>
    /// <param name="now">The time of the decision.</param>
    public static Decision Challenge(JobRecord job, AttemptId id, int after, WorkerId verifier, string? reason, DateTimeOffset now)
    {
        if (job.State.IsEnded()) return LifecycleRefusal.Ended;
        if (job.FindCurrent(id.Replica) is not { } attempt || attempt.Number != id.Number) return LifecycleRefusal.StaleAttempt;
        if (attempt.State != AttemptState.Committed || job.State is not (JobState.Committed or JobState.Verifying)) return LifecycleRefusal.WrongState;
        if (attempt.Checks.Length != after) return attempt.Checks.Length > after ? Decision.AlreadyMade : LifecycleRefusal.WrongState;
        var checks = attempt.Checks;
        if (checks is [.., { Verdict: null } open]) checks = checks.SetItem(after - 1, open with { EndedAt = now, Reason = reason });
        var challenged = attempt with { Checks = checks.Add(new CheckRecord(after + 1, verifier, now)) };
        var change = JobChange.From(job);
        change = change with { After = job with { Attempts = job.Attempts.Replace(attempt, challenged) } };
        if (job.State == JobState.Committed) change = change.Move(JobSignal.Challenged);
        return change.With(JobEventKind.Challenged, now, challenged, reason);
    }

    /// <summary>Whether a verdict may be taken in: what the HTTP route asks before it queues one.</summary>
    public static LifecycleRefusal CheckVerdict(JobRecord job, AttemptId id, int check, WorkerId verifier)
    {
        var attempt = job.FindAttempt(id.Replica, id.Number);
        if (attempt is null || check < 1 || check > attempt.Checks.Length) return LifecycleRefusal.StaleAttempt;
        if (attempt.Checks[check - 1].Verifier != verifier) return LifecycleRefusal.OtherWorker;
        if (job.State.IsEnded()) return LifecycleRefusal.Ended;
        return attempt.State == AttemptState.Committed && check == attempt.Checks.Length && attempt.Checks[^1].Verdict is null
            ? LifecycleRefusal.None
            : LifecycleRefusal.WrongState;
    }

    /// <summary>A verifier has checked: the result is accepted, or another worker is to make it, or nothing can be said.</summary>
    /// <param name="job">The job as it was read.</param>
    /// <param name="id">The attempt.</param>
    /// <param name="check">Which check of it.</param>
    /// <param name="verifier">Who checked.</param>
    /// <param name="verdict">What was found.</param>
    /// <param name="second">Another verifier, who looks at what this one finds wrong before it counts; null where there is none.</param>
    /// <param name="now">The time of the decision.</param>
    /// <remarks>What two verifiers see differently counts for neither: it is the verifiers that need looking at, and the worker is not to blame.</remarks>
    public static Decision Judge(JobRecord job, AttemptId id, int check, WorkerId verifier, Verdict verdict, WorkerId? second, DateTimeOffset now)
    {
        var refusal = CheckVerdict(job, id, check, verifier);
        if (refusal != LifecycleRefusal.None) return refusal;
        var attempt = job.FindAttempt(id.Replica, id.Number)!;
        var doubt = attempt.Checks.FirstOrDefault(earlier => earlier.Verdict?.Kind == VerdictKind.Failed)?.Verdict;
        if (verdict.Kind == VerdictKind.Passed && doubt is not null)
            verdict = verdict with { Kind = VerdictKind.Inconclusive, Reason = $"two verifiers disagree: one finds nothing wrong, the other says {doubt.Reason}" };
        var judged = attempt with { Checks = attempt.Checks.SetItem(check - 1, attempt.Checks[^1] with { EndedAt = now, Verdict = verdict }) };
        var change = JobChange.From(job);
        change = change with { After = job with { Attempts = job.Attempts.Replace(attempt, judged) } };
        if (verdict.Kind == VerdictKind.Failed && doubt is null && second is { } other && other != verifier)
            return change.Then(Challenge(change.After, id, check, other, $"a second opinion on: {Describe(verdict)}", now).Change!);
        return attempt.Fault is { } fault ? JudgeFault(change, judged, fault, verdict, now) : verdict.Kind switch
        {
            VerdictKind.Passed => Accept(change, now, Describe(verdict)),
            VerdictKind.Failed => GiveBack(change, judged, AttemptSignal.Rejected, Describe(verdict), now),
            _ => EndInconclusive(change, judged, Describe(verdict), now),
        };
    }

    /// <summary>What was committed cannot be what a run leaves: it is refused before any check.</summary>
    public static Decision RefuseCommitment(JobRecord job, AttemptId id, WorkerId worker, AttemptReport report, string reason, DateTimeOffset now)
    {
        var refusal = CheckReport(job, id, worker, report.Run);
        if (refusal != LifecycleRefusal.None) return refusal;
        var committed = Commit(job, job.FindAttempt(id.Replica, id.Number)!, report, now);
        return GiveBack(committed, committed.After.FindAttempt(id.Replica, id.Number)!, AttemptSignal.Rejected, reason, now);
    }

    /// <summary>No verifier judged it in time: the worker has done its part, and the submitter gets the result unverified.</summary>
    public static Decision GiveUpChecking(JobRecord job, AttemptId id, string reason, DateTimeOffset now)
    {
        if (job.State.IsEnded()) return LifecycleRefusal.Ended;
        if (job.FindCurrent(id.Replica) is not { } attempt || attempt.Number != id.Number) return LifecycleRefusal.StaleAttempt;
        return attempt.State == AttemptState.Committed && job.State is JobState.Committed or JobState.Verifying
            ? EndInconclusive(JobChange.From(job), attempt, reason, now)
            : LifecycleRefusal.WrongState;
    }

    /// <summary>A verdict in one line.</summary>
    public static string Describe(Verdict verdict)
    {
        ArgumentNullException.ThrowIfNull(verdict);
        var counts = string.Create(CultureInfo.InvariantCulture, $"{verdict.Sampled} of {verdict.Blocks} blocks executed again");
        return verdict.Reason is { } reason ? $"{counts}: {reason}" : $"{counts}: none differs";
    }

    /// <summary>Whether the text of an event tells a verdict about a result, as <see cref="Describe"/> writes it.</summary>
    public static bool IsVerdict(string? text) => text is not null && VerdictText().IsMatch(text);

    private static JobChange JudgeFault(JobChange change, AttemptRecord attempt, KernelFaultRecord fault, Verdict verdict, DateTimeOffset now) => verdict.Kind switch
    {
        VerdictKind.Passed => Bill(change.Move(attempt, AttemptSignal.Accepted, now, "the fault was reproduced")).End(JobSignal.Failed, now, fault.Message),
        VerdictKind.Failed => GiveBack(change, attempt, AttemptSignal.Rejected, $"the fault was not reproduced: {verdict.Reason ?? fault.Message}", now),
        _ => Bill(change.Move(attempt, AttemptSignal.Inconclusive, now, verdict.Reason)).End(JobSignal.Failed, now, fault.Message),
    };

    private static JobChange EndInconclusive(JobChange change, AttemptRecord attempt, string reason, DateTimeOffset now)
    {
        var signal = attempt.Fault is null ? JobSignal.Completed : JobSignal.Failed;
        change = Bill(change.Move(attempt, AttemptSignal.Inconclusive, now, reason));
        if (change.After.State == JobState.Committed) change = change.Move(JobSignal.Challenged);
        return change.End(signal, now, $"the result is not verified: {reason}");
    }

    [GeneratedRegex("^[0-9]+ of [0-9]+ blocks executed again: ")]
    private static partial Regex VerdictText();
}
