using System.Collections.Immutable;
using System.Diagnostics;

namespace Broker.Core.Jobs;

/// <summary>A short log of a run.</summary>
/// <param name="Replica">The replica.</param>
/// <param name="Attempt">The attempt's number.</param>
/// <param name="Run">The run inside the attempt.</param>
/// <param name="At">When it was taken in.</param>
/// <param name="Text">Its lines, as the worker wrote them.</param>
public sealed record RunLogRecord(int Replica, int Attempt, string Run, DateTimeOffset At, string Text);

/// <summary>A job before and after a decision, and what its history gains: written in one transaction, or not at all.</summary>
/// <param name="Before">The job as it was read; null for a new one.</param>
/// <param name="After">The job as it shall be.</param>
/// <param name="Events">What happened, in order.</param>
public sealed record JobChange(JobRecord? Before, JobRecord After, ImmutableArray<JobEvent> Events)
{
    /// <summary>What its worker wrote about the run that this change ends; null where it wrote nothing, or too much to stand here.</summary>
    public RunLogRecord? Log { get; init; }

    /// <summary>The attempts that are new or differ.</summary>
    public IEnumerable<AttemptRecord> TouchedAttempts =>
        Before is null ? After.Attempts : After.Attempts.Except(Before.Attempts);

    /// <summary>This change, and one that was decided about what it leaves: together.</summary>
    internal JobChange Then(JobChange next) => this with { After = next.After, Events = Events.AddRange(next.Events) };

    internal static JobChange From(JobRecord job) => new(job, job, []);

    internal JobChange With(JobEventKind kind, DateTimeOffset at, AttemptRecord? attempt = null, string? text = null)
    {
        var entry = JobEvent.Append(After, kind, at, attempt, text);
        return this with
        {
            After = After with { EventCount = entry.Number, LastEventHash = entry.Hash },
            Events = Events.Add(entry),
        };
    }

    /// <summary>Moves one attempt along its table, and the history with it.</summary>
    internal JobChange Move(
        AttemptRecord attempt, AttemptSignal signal, DateTimeOffset at, string? text = null, Func<AttemptRecord, AttemptRecord>? also = null)
    {
        var next = AttemptTransitions.Next(attempt.State, signal)
            ?? throw new UnreachableException($"attempt {After.Id}/{attempt.Replica}/{attempt.Number} is {attempt.State}: {signal} has no place");
        var moved = attempt with { State = next, EndedAt = next.IsEnded() ? at : null, CommittedAt = next == AttemptState.Committed ? at : attempt.CommittedAt, Reason = text ?? attempt.Reason };
        if (also is not null) moved = also(moved);
        var changed = this with { After = After with { Attempts = After.Attempts.Replace(attempt, moved) } };
        return changed.With(Enum.Parse<JobEventKind>(signal.ToString()), at, moved, text);
    }

    /// <summary>Moves the job along its table.</summary>
    internal JobChange Move(JobSignal signal)
    {
        var next = JobTransitions.Next(After.State, signal)
            ?? throw new UnreachableException($"job {After.Id} is {After.State}: {signal} has no place");
        return this with { After = After with { State = next } };
    }

    /// <summary>Ends the job: whoever still works for it is told to stop.</summary>
    internal JobChange End(JobSignal signal, DateTimeOffset at, string? reason)
    {
        var change = this;
        foreach (var attempt in After.Attempts.Where(attempt => !attempt.State.IsEnded()))
            change = change.Move(attempt, AttemptSignal.Withdrawn, at, reason);
        change = change.Move(signal);
        change = change with { After = change.After with { EndedAt = at, Reason = reason } };
        return change.With(Enum.Parse<JobEventKind>(signal.ToString()), at, text: reason);
    }
}
