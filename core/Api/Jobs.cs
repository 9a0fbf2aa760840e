using System.Collections.Immutable;
using System.Text.Json;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Core.Verification;

namespace Broker.Core.Api;

/// <summary>A job as its account sees it.</summary>
public sealed record JobView
{
    public required JobId Id { get; init; }

    public required string Name { get; init; }

    public required PoolName Pool { get; init; }

    public required JobState State { get; init; }

    /// <summary>How far it can be verified: <c>exact</c> and so on.</summary>
    public string? Class { get; init; }

    /// <summary>Why it failed, expired or was cancelled; while it waits: why nobody takes it.</summary>
    public string? Reason { get; init; }

    public required DateTimeOffset SubmittedAt { get; init; }

    public required DateTimeOffset QueueUntil { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    public required Money MaxPrice { get; init; }

    /// <summary>What the running attempt was quoted at.</summary>
    public Money? Quote { get; init; }

    /// <summary>What the job costs, once it is completed.</summary>
    public Money? Price { get; init; }

    public Progress? Progress { get; init; }

    /// <summary>The last verdict about a result; null where there is none.</summary>
    public VerdictView? Verdict { get; init; }

    public ImmutableArray<AttemptView> Attempts { get; init; } = [];

    /// <summary>The document as it was accepted, its program by the hash of its canonical text. Only when one job is read.</summary>
    public JsonElement? Document { get; init; }
}

/// <summary>What was found about a result.</summary>
/// <param name="Kind">What was found.</param>
/// <param name="Blocks">The block executions of the job.</param>
/// <param name="Sampled">How many of them were drawn and executed again.</param>
/// <param name="MostWrong">The largest fraction of wrong blocks that this leaves possible, with the job's confidence; null unless it passed.</param>
/// <param name="Text">In words.</param>
public sealed record VerdictView(VerdictKind Kind, long Blocks, long Sampled, double? MostWrong, string Text);

/// <summary>One attempt of a job.</summary>
public sealed record AttemptView(
    int Replica, int Number, WorkerId Worker, string WorkerName, AttemptState State, Money Quote, DateTimeOffset AssignedAt,
    DateTimeOffset? StartedAt, DateTimeOffset? EndedAt, string? Reason, Usage? Usage);

/// <summary>How far a run is.</summary>
/// <param name="Step">The step that runs, from 0.</param>
/// <param name="BlocksDone">Blocks done in all steps and repetitions.</param>
/// <param name="BlocksTotal">Blocks in all steps and repetitions.</param>
public sealed record Progress(int Step, long BlocksDone, long BlocksTotal);

/// <summary>A page of a list.</summary>
/// <typeparam name="T">The items.</typeparam>
/// <param name="Items">The items of this page.</param>
/// <param name="Next">What to send as <c>continue</c> for the next page; null on the last.</param>
public sealed record Page<T>(ImmutableArray<T> Items, string? Next = null);

/// <summary>A line of a job list.</summary>
public sealed record JobSummary(
    JobId Id, string Name, PoolName Pool, JobState State, DateTimeOffset SubmittedAt, DateTimeOffset? EndedAt, Money? Price);

/// <summary>An output buffer of a completed job, and where to read it.</summary>
/// <param name="Buffer">Its name in the document.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Root">The root of the Merkle tree over its leaves of 4 KiB.</param>
/// <param name="Parts">Its parts in order.</param>
public sealed record OutputView(string Buffer, long Bytes, Digest Root, ImmutableArray<PartView> Parts);

/// <summary>One part of an output.</summary>
/// <param name="Url">Where to GET it, until <see cref="ValidUntil"/>.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="ValidUntil">When the URL ends; ask again for another.</param>
public sealed record PartView(Uri Url, long Bytes, DateTimeOffset ValidUntil);

/// <summary>Content that an account has uploaded.</summary>
public sealed record ContentView(ContentHash Hash, long Bytes);

/// <summary>Where to PUT content that is too large for a request.</summary>
/// <param name="Id">Names the upload when it is finished.</param>
/// <param name="Url">Where to PUT the bytes as a block blob.</param>
/// <param name="ValidUntil">When the URL ends.</param>
public sealed record StagingTicket(string Id, Uri Url, DateTimeOffset ValidUntil);
