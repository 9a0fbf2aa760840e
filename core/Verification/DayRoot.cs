using System.Collections.Immutable;
using System.Globalization;
using Broker.Core.Ids;

namespace Broker.Core.Verification;

/// <summary>Where the history of a job ended.</summary>
/// <param name="Job">The job.</param>
/// <param name="Events">How many events it has.</param>
/// <param name="LastHash">The hash of the last one; zeros where the job's row holds no hash.</param>
public sealed record ChainEnd(JobId Job, int Events, Digest LastHash)
{
    internal Digest ToLeaf() => MerkleTree.Leaf(new FieldWriter("broker-chain-end-1").Add(Job.ToString()).Add(Events).Add(LastHash).ToBytes());
}

/// <summary>One root over the histories of all jobs that ended on a day, signed by the broker, with the list that it is the root of.</summary>
/// <remarks>Whatever is changed in one of these histories afterwards, the root and its signature tell.</remarks>
public sealed record DayRoot
{
    public const int CurrentVersion = 1;

    public int Version { get; init; } = CurrentVersion;

    /// <summary>The day, in UTC.</summary>
    public required DateOnly Day { get; init; }

    /// <summary>How many jobs ended on it.</summary>
    public required int Count { get; init; }

    /// <summary>The root of <see cref="MerkleTree"/> over <see cref="Jobs"/>.</summary>
    public required Digest Root { get; init; }

    /// <summary>The broker's public key.</summary>
    public required string BrokerKey { get; init; }

    /// <summary>The broker's signature over <see cref="Encode"/>; empty before it is signed.</summary>
    public string Signature { get; init; } = "";

    /// <summary>The jobs that ended on the day and were there when it was made, in the order of their ids.</summary>
    public required ImmutableArray<ChainEnd> Jobs { get; init; }

    /// <summary>Makes the root of a day, which is yet to be signed.</summary>
    /// <remarks>Pure: the order in which jobs are given does not matter.</remarks>
    public static DayRoot Of(DateOnly day, IEnumerable<ChainEnd> ends, string brokerKey)
    {
        ImmutableArray<ChainEnd> jobs = [.. ends.OrderBy(end => end.Job.ToString(), StringComparer.Ordinal)];
        return new DayRoot { Day = day, Count = jobs.Length, Root = RootOf(jobs), BrokerKey = brokerKey, Jobs = jobs };
    }

    /// <summary>The root over a list of jobs, as it stands.</summary>
    public static Digest RootOf(IEnumerable<ChainEnd> jobs) => MerkleTree.Root([.. jobs.Select(end => end.ToLeaf())]);

    /// <summary>The siblings that lead from a job's place in the list to the root, the lowest first.</summary>
    /// <returns>Null where the job is not in the list.</returns>
    public ImmutableArray<Digest>? FindPath(JobId job)
    {
        var place = Jobs.Select(end => end.Job).ToList().IndexOf(job);
        return place < 0 ? null : MerkleTree.Path([.. Jobs.Select(end => end.ToLeaf())], place);
    }

    /// <summary>The bytes that the broker signs.</summary>
    /// <remarks>Fields: <c>broker-day-root-1</c>; version; the day as <c>2026-01-31</c>; count; root; the broker's key.</remarks>
    public byte[] Encode() => new FieldWriter("broker-day-root-1")
        .Add(Version).Add(Day.ToString("O", CultureInfo.InvariantCulture)).Add(Count).Add(Root).Add(BrokerKey).ToBytes();

    /// <summary>Holds it against itself.</summary>
    /// <param name="day">The day that it was asked for.</param>
    /// <param name="brokerKey">The key that the broker is known by.</param>
    /// <returns>In words the first thing that does not hold; null where all does.</returns>
    public string? FindBreak(DateOnly day, string brokerKey)
    {
        if (Version != CurrentVersion) return $"version {Version} is not known here: take a newer broker";
        if (Day != day) return $"it is the root of {Day:O}";
        if (BrokerKey != brokerKey) return "it names another key than the broker's";
        if (!Signatures.Verify(Encode(), Signature, BrokerKey)) return "it was changed, or the broker never signed it";
        if (Count != Jobs.Length) return $"its list has {Jobs.Length} jobs, and {Count} were signed";
        if (RootOf(Jobs) != Root) return "its list has another root than was signed";
        return Jobs.Zip(Jobs.Skip(1)).Any(pair => string.CompareOrdinal(pair.First.Job.ToString(), pair.Second.Job.ToString()) >= 0)
            ? "its list is not in the order of the jobs' ids, each once"
            : null;
    }
}
