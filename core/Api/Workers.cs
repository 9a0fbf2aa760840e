using System.Collections.Immutable;
using Broker.Core.Ids;
using Broker.Core.Market;
using Broker.Core.Verification;

namespace Broker.Core.Api;

/// <summary>Registers a worker of the provider whose key is sent. The same name again is the same worker, with a new key.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Device">What it says of its device.</param>
/// <param name="PublicKey">What its statements are signed with: a SubjectPublicKeyInfo of P-256 in base64.</param>
public sealed record NewWorker(string Name, DeviceFacts Device, string PublicKey);

/// <summary>A registered worker with its key, which is shown this once.</summary>
public sealed record WorkerRegistered(WorkerId Id, string Name, string Key);

/// <summary>A worker as anyone with a key sees it.</summary>
public sealed record WorkerView(
    WorkerId Id, string Name, AccountId Provider, DeviceFacts Device, DateTimeOffset RegisteredAt, DateTimeOffset? HeartbeatAt, ReputationView Reputation);

/// <summary>What is known of a worker from its last attempts that were checked.</summary>
/// <param name="Checked">How many of its last hundred findings are results that passed.</param>
/// <param name="Wrong">How many are results that did not, and faults that are not there.</param>
/// <param name="SampleFactor">How many times the blocks that a job asks for are checked.</param>
/// <param name="Suspended">Why it gets no jobs; null while it does.</param>
public sealed record ReputationView(int Checked, int Wrong, int SampleFactor, string? Suspended)
{
    public static ReputationView Of(Reputation reputation)
    {
        ArgumentNullException.ThrowIfNull(reputation);
        var wrong = reputation.Findings.Count(finding => finding.Kind is FindingKind.Doubtful or FindingKind.Wrong or FindingKind.FalseFault);
        return new ReputationView(reputation.Passed, wrong, reputation.SampleFactor, reputation.Suspension);
    }
}

/// <summary>A worker's offer as the worker states it.</summary>
public sealed record NewOffer
{
    public PoolName Pool { get; init; } = PoolName.Default;

    public required Money PricePerSecond { get; init; }

    public Money StartPrice { get; init; }

    public int Slots { get; init; } = 1;

    public required long SlotMemoryBytes { get; init; }

    /// <summary>The state that a new offer begins in. A standing one keeps its own: a renewal must not end its provider's pause.</summary>
    public OfferState State { get; init; } = OfferState.Active;
}

/// <summary>An offer as anyone with a key sees it.</summary>
public sealed record OfferView(
    WorkerId Worker, string Name, AccountId Provider, PoolName Pool, OfferState State, Money PricePerSecond, Money StartPrice,
    int Slots, int FreeSlots, long SlotMemoryBytes, DeviceFacts Device, DateTimeOffset ValidUntil);

/// <summary>A worker says that it lives, and how far its runs are.</summary>
public sealed record Heartbeat(ImmutableArray<RunningAttempt> Running);

/// <summary>An attempt that a worker is at.</summary>
public sealed record RunningAttempt(JobId Job, int Replica, int Attempt, string Run, Progress? Progress = null);

/// <summary>What a worker is told in return.</summary>
/// <param name="Queue">Its queue.</param>
/// <param name="OfferState">Its offer's state; null where it has none: it offers again.</param>
/// <param name="Withdrawn">Attempts that it is to stop: their job was cancelled, or given to another.</param>
/// <param name="IntervalSeconds">The longest time until its next heartbeat.</param>
public sealed record HeartbeatAnswer(
    QueueAccess Queue, OfferState? OfferState, ImmutableArray<WithdrawnAttempt> Withdrawn, double IntervalSeconds);

/// <summary>An attempt that its worker is to stop.</summary>
public sealed record WithdrawnAttempt(JobId Job, int Replica, int Attempt);

/// <summary>A worker's own queue, by a URL that allows it to read, update and delete messages.</summary>
public sealed record QueueAccess(Uri Url, DateTimeOffset ValidUntil);

/// <summary>The message on a worker's queue: an attempt was assigned to it.</summary>
/// <param name="Job">The job.</param>
/// <param name="Replica">The replica.</param>
/// <param name="Attempt">The attempt's number.</param>
public sealed record AttemptMessage(JobId Job, int Replica, int Attempt)
{
    public AttemptId ToId() => new(Job, Replica, Attempt);
}

/// <summary>Begins a run of an attempt.</summary>
/// <param name="Run">Made by the worker, new after a crash: 8 to 32 letters and digits.</param>
public sealed record StartRun(string Run);

/// <summary>All that a worker needs to run an attempt.</summary>
/// <param name="Job">The job.</param>
/// <param name="Replica">The replica.</param>
/// <param name="Attempt">The attempt's number.</param>
/// <param name="Run">The run that begins.</param>
/// <param name="Document">The job document; its program is content.</param>
/// <param name="Contents">Where to read each content that the document names.</param>
/// <param name="Outputs">Where to store each result, part by part: Put Blob, create only.</param>
/// <param name="Leaves">Where to store the list of each result's leaves, 32 bytes each, cut into parts like a result; empty where nothing is verified.</param>
/// <param name="JobHash">What the commitment names the job by.</param>
/// <param name="SeedCommit">What the commitment must repeat: it binds the broker to what it will check.</param>
/// <param name="Log">Where to store what is told of the run, as text of at most <see cref="RunLogs.Bytes"/>, unless it goes with the report: Put Blob, create only.</param>
/// <param name="TimeoutSeconds">How long the run may take.</param>
/// <param name="ValidUntil">When the URLs end; start the same run again for others.</param>
public sealed record AttemptOrder(
    JobId Job, int Replica, int Attempt, string Run, System.Text.Json.JsonElement Document, ImmutableArray<ContentUrl> Contents,
    ImmutableArray<OutputUrls> Outputs, ImmutableArray<OutputUrls> Leaves, Digest JobHash, Digest SeedCommit, Uri Log, double TimeoutSeconds, DateTimeOffset ValidUntil);

/// <summary>Where to read content.</summary>
public sealed record ContentUrl(ContentHash Hash, Uri Url);

/// <summary>Where to store the parts of a result buffer, in order. Each part but the last has <see cref="OutputParts.Bytes"/> bytes.</summary>
public sealed record OutputUrls(string Buffer, long Bytes, ImmutableArray<Uri> Parts);

/// <summary>How a result is cut into parts.</summary>
public static class OutputParts
{
    /// <summary>64 MiB: what one Put Blob takes without blocks at every service version.</summary>
    public const long Bytes = 64L << 20;

    public static int Count(long bytes) => (int)((bytes + Bytes - 1) / Bytes);

    public static long Length(long bytes, int part) => Math.Min(Bytes, bytes - (part * Bytes));
}
