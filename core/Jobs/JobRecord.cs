using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Broker.Core.Ids;
using Broker.Core.Verification;

namespace Broker.Core.Jobs;

/// <summary>A job with all its attempts, as its rows hold it.</summary>
public sealed record JobRecord
{
    public required JobId Id { get; init; }

    public required AccountId Account { get; init; }

    public required JobDocument Document { get; init; }

    public required JobState State { get; init; }

    /// <summary>The hash of the request that made it, so that a repeated one is known from another one with the same key.</summary>
    public required ContentHash RequestHash { get; init; }

    /// <summary>How far the job can be verified: <c>exact</c> and so on; null where nobody asked.</summary>
    public string? Class { get; init; }

    /// <summary>How many independent runs the job asks for.</summary>
    public int Replicas { get; init; } = 1;

    public required DateTimeOffset SubmittedAt { get; init; }

    /// <summary>When a replica that still waits is given up.</summary>
    public required DateTimeOffset QueueUntil { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Why the job failed, expired or was cancelled.</summary>
    public string? Reason { get; init; }

    /// <summary>What the submitter pays; null while nothing was accepted.</summary>
    public Money? Price { get; init; }

    /// <summary>In the order in which they were assigned.</summary>
    public ImmutableArray<AttemptRecord> Attempts { get; init; } = [];

    public int EventCount { get; init; }

    /// <summary>The hash of the last event; empty before the first.</summary>
    public string LastEventHash { get; init; } = "";

    /// <summary>Whether its results are checked before they are accepted.</summary>
    public bool IsVerified => Document.Verification is { Mode: not VerificationMode.None };

    public AttemptRecord? FindAttempt(int replica, int number) =>
        Attempts.FirstOrDefault(attempt => attempt.Replica == replica && attempt.Number == number);

    /// <summary>The newest attempt at a replica.</summary>
    public AttemptRecord? FindCurrent(int replica) => Attempts.LastOrDefault(attempt => attempt.Replica == replica);

    /// <summary>Whether a replica needs a worker.</summary>
    public bool IsWaiting(int replica) =>
        !State.IsEnded() && (FindCurrent(replica)?.State ?? AttemptState.Lost) is AttemptState.Lost or AttemptState.Withdrawn or AttemptState.Rejected;

    /// <summary>Attempts at a replica that count against the job's terms: a withdrawn one was nobody's failure.</summary>
    public int FailedAttempts(int replica) =>
        Attempts.Count(attempt => attempt.Replica == replica && attempt.State is AttemptState.Lost or AttemptState.Rejected);
}

/// <summary>One worker's try at one replica.</summary>
public sealed record AttemptRecord
{
    public required int Replica { get; init; }

    public required int Number { get; init; }

    public required WorkerId Worker { get; init; }

    /// <summary>The worker's name, for people.</summary>
    public required string WorkerName { get; init; }

    public required AccountId Provider { get; init; }

    public required AttemptState State { get; init; }

    /// <summary>What the attempt was quoted at when it was matched.</summary>
    public required Money Quote { get; init; }

    public required Money StartPrice { get; init; }

    public required Money PricePerSecond { get; init; }

    public required DateTimeOffset AssignedAt { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>When its result was committed; null before.</summary>
    public DateTimeOffset? CommittedAt { get; init; }

    /// <summary>The run inside the attempt; a worker that starts again takes a new one.</summary>
    public string? Run { get; init; }

    public string? Reason { get; init; }

    /// <summary>Decides what is checked. It is secret until the attempt has committed: no provider can read this row.</summary>
    public Digest Seed { get; init; }

    /// <summary>How many times the blocks that the job asks for are checked of it.</summary>
    public int SampleFactor { get; init; } = 1;

    /// <summary>The public key of its worker, as it was when the run began.</summary>
    public string? PublicKey { get; init; }

    /// <summary>What its worker committed to; null before, and for a run without results.</summary>
    public SignedStatement? Commitment { get; init; }

    /// <summary>The checks of what it committed to, in their order; only the last may be without a verdict.</summary>
    public ImmutableArray<CheckRecord> Checks { get; init; } = [];

    public Usage? Usage { get; init; }

    public KernelFaultRecord? Fault { get; init; }

    /// <summary>The verdict that counts; null while there is none.</summary>
    [JsonIgnore]
    public Verdict? Verdict => Checks.IsEmpty ? null : Checks[^1].Verdict;
}

/// <summary>A verifier's check of what an attempt committed to.</summary>
/// <param name="Number">Which check of the attempt, from 1.</param>
/// <param name="Verifier">Who makes it.</param>
/// <param name="AssignedAt">When it got it.</param>
public sealed record CheckRecord(int Number, WorkerId Verifier, DateTimeOffset AssignedAt)
{
    public DateTimeOffset? EndedAt { get; init; }

    public Verdict? Verdict { get; init; }

    /// <summary>Why it ended without a verdict.</summary>
    public string? Reason { get; init; }
}

/// <summary>What an attempt used.</summary>
/// <param name="Seconds">Time from the first launch to the last, in seconds.</param>
/// <param name="Steps">Executed PTX instructions, where the executor counts them.</param>
/// <param name="Executor">What ran it: <c>cpu</c>.</param>
/// <param name="StorageOperations">The storage operations that the worker itself made.</param>
public sealed record Usage(double Seconds, long Steps, string Executor, int StorageOperations);

/// <summary>A kernel's fault, as the worker reports it.</summary>
/// <param name="Kind">What kind of fault.</param>
/// <param name="Line">The line of the canonical PTX.</param>
/// <param name="Message">All of it in words: where and what.</param>
/// <param name="Block">In which execution of which block.</param>
/// <param name="Thread">The thread's place in its block: <c>x + X * (y + Y * z)</c>.</param>
public sealed record KernelFaultRecord(string Kind, int Line, string Message, BlockIndex Block, int Thread);
