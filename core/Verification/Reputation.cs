using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Broker.Core.Ids;
using Broker.Core.Jobs;

namespace Broker.Core.Verification;

/// <summary>What the end of an attempt says of its worker.</summary>
public enum FindingKind
{
    /// <summary>Its result was checked and nothing was wrong.</summary>
    Passed,

    /// <summary>It was lost, or what it committed to could not be what a run leaves.</summary>
    Lost,

    /// <summary>A fault that it claimed is not there.</summary>
    FalseFault,

    /// <summary>
    /// Its result was wrong, but in one place, or as one verifier alone sees it, or where nobody looked for races: bits flip by themselves on
    /// about one device in a thousand, and a kernel that races is its submitter's fault.
    /// </summary>
    Doubtful,

    /// <summary>Its result was wrong in several places, and a second verifier says so too.</summary>
    Wrong,
}

/// <summary>One finding about a worker.</summary>
/// <param name="Attempt">The attempt that it is about: counted once, however often it is told.</param>
/// <param name="Kind">What was found.</param>
public sealed record Finding(AttemptId Attempt, FindingKind Kind)
{
    /// <summary>What an attempt says of its worker as it stands; null where it says nothing.</summary>
    /// <remarks>What a provider runs for itself says nothing good of it.</remarks>
    public static Finding? Of(JobRecord job, AttemptRecord attempt)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(attempt);
        if (!job.IsVerified) return null;
        var id = new AttemptId(job.Id, attempt.Replica, attempt.Number);
        var failed = attempt.Checks.Where(check => check.Verdict?.Kind == VerdictKind.Failed).ToList();
        FindingKind? kind = attempt.State switch
        {
            AttemptState.Accepted when attempt.Verdict?.Kind == VerdictKind.Passed && job.Account != attempt.Provider => FindingKind.Passed,
            AttemptState.Lost => FindingKind.Lost,
            AttemptState.Rejected when failed.Count == 0 => FindingKind.Lost,
            AttemptState.Rejected when attempt.Fault is not null => FindingKind.FalseFault,
            AttemptState.Rejected when failed.Count > 1 && failed[^1].Verdict!.MismatchCount != 1 && AreBlocksTracked(job) => FindingKind.Wrong,
            AttemptState.Rejected => FindingKind.Doubtful,
            _ => null,
        };
        return kind is { } found ? new Finding(id, found) : null;
    }

    /// <summary>Whether what differs was executed again with races looked for: where a job is checked block by block.</summary>
    private static bool AreBlocksTracked(JobRecord job) => job.Class == "exact" && new LaunchList(job.Document).Count == 1;
}

/// <summary>What is known of a worker from its last attempts that were checked.</summary>
/// <param name="Findings">The newest first.</param>
public sealed record Reputation(ImmutableArray<Finding> Findings)
{
    /// <summary>So many findings are remembered.</summary>
    public const int Window = 100;

    /// <summary>A worker with fewer checked results is new.</summary>
    public const int NewBelow = 10;

    /// <summary>Of a new worker so many times the blocks are checked.</summary>
    public const int NewFactor = 4;

    private const int MostFalseFaults = 2;
    private const int LeastReliability = 250;

    public static Reputation None { get; } = new([]);

    [JsonIgnore]
    public int Passed => Count(FindingKind.Passed);

    /// <summary>How many times the blocks that its jobs ask for are checked: it raises a sample, and never makes it smaller.</summary>
    [JsonIgnore]
    public int SampleFactor => Passed < NewBelow ? NewFactor : 1;

    /// <summary>How surely it brings a job to a good end, in thousandths: the matcher divides its cost by it.</summary>
    [JsonIgnore]
    public int ReliabilityThousandths => Math.Max(LeastReliability, 1000 - (50 * (Count(FindingKind.Lost) + Count(FindingKind.FalseFault))) - (300 * Count(FindingKind.Doubtful)));

    /// <summary>Why it gets no jobs any more; null while it does.</summary>
    [JsonIgnore]
    public string? Suspension =>
        Findings.FirstOrDefault(finding => finding.Kind == FindingKind.Wrong) is { } wrong ? $"two verifiers found the result of {wrong.Attempt} wrong"
        : Count(FindingKind.Doubtful) > 1 ? $"{Count(FindingKind.Doubtful)} of its last {Findings.Length} results were wrong, the last that of {Findings.First(finding => finding.Kind == FindingKind.Doubtful).Attempt}"
        : Count(FindingKind.FalseFault) > MostFalseFaults ? $"{Count(FindingKind.FalseFault)} faults that it claimed are not there"
        : null;

    /// <summary>Adds a finding, unless it is there.</summary>
    public Reputation Add(Finding finding)
    {
        ArgumentNullException.ThrowIfNull(finding);
        if (Findings.Any(known => known.Attempt == finding.Attempt)) return this;
        return new Reputation([finding, .. Findings.Take(Window - 1)]);
    }

    private int Count(FindingKind kind) => Findings.Count(finding => finding.Kind == kind);
}
