using System.Collections.Immutable;

namespace Broker.Core.Verification;

/// <summary>What a check of a result found.</summary>
public enum VerdictKind
{
    /// <summary>Nothing that was executed again differs, and bytes that no block writes are as they were.</summary>
    Passed,

    /// <summary>The result is not what the program computes.</summary>
    Failed,

    /// <summary>The check cannot tell, and the worker is not to blame.</summary>
    Inconclusive,
}

/// <summary>What a verifier says of a committed result.</summary>
public sealed record Verdict
{
    /// <summary>A verdict lists so many mismatches at the most; <see cref="MismatchCount"/> counts them all.</summary>
    public const int MostListed = 16;

    /// <summary>A verdict opens the leaves of so many mismatches at the most: each has 4 KiB.</summary>
    public const int MostOpened = 4;

    public required VerdictKind Kind { get; init; }

    /// <summary>The block executions of the job.</summary>
    public required long Blocks { get; init; }

    /// <summary>How many of them were drawn at random and executed again: the bound is for these.</summary>
    public required long Sampled { get; init; }

    /// <summary>How many more were executed again: the corners of grids.</summary>
    public long Added { get; init; }

    /// <summary>Whole leaves that no block writes, all of them held against what they were before. Null where it is not known which those are.</summary>
    public long? UnownedLeaves { get; init; }

    /// <summary>Leaves that were read: of each, what the executed blocks write and what no block writes was held against what it must be.</summary>
    public long ComparedLeaves { get; init; }

    public int MismatchCount { get; init; }

    public ImmutableArray<Mismatch> Mismatches { get; init; } = [];

    /// <summary>In words: what is wrong, or why nothing can be said.</summary>
    public string? Reason { get; init; }

    /// <summary>PTX instructions that were executed again.</summary>
    public long Steps { get; init; }

    /// <summary>The time of a core that it took.</summary>
    public double CpuSeconds { get; init; }

    /// <summary>Bytes of inputs and results that were fetched.</summary>
    public long FetchedBytes { get; init; }

    internal void AddTo(FieldWriter fields) => fields
        .Add(Kind.ToString()).Add(Blocks).Add(Sampled).Add(Added).Add(UnownedLeaves ?? -1).Add(ComparedLeaves).Add(MismatchCount)
        .AddEach(Mismatches, (each, mismatch) => mismatch.AddTo(each))
        .Add(Reason ?? "").Add(Steps).Add((long)Math.Round(CpuSeconds * 1e6)).Add(FetchedBytes);
}

/// <summary>A place where a result is not what it must be.</summary>
/// <param name="Block">The block that writes there; null where none does.</param>
/// <param name="Buffer">The buffer.</param>
/// <param name="Offset">The first byte that differs.</param>
/// <param name="Committed">That byte and what follows as it was committed, in hex.</param>
/// <param name="Expected">What must stand there, in hex.</param>
/// <param name="Opened">The leaf with that byte as it was committed, where it is opened.</param>
public sealed record Mismatch(BlockIndex? Block, string Buffer, long Offset, string Committed, string Expected, OpenedLeaf? Opened = null)
{
    internal void AddTo(FieldWriter fields)
    {
        fields.Add(Block?.Launch ?? -1).Add(Block?.Block ?? -1).Add(Buffer).Add(Offset).Add(Committed).Add(Expected);
        if (Opened is null) fields.Add("");
        else fields.Add(Opened.Bytes.Span).AddEach(Opened.Path, (each, digest) => each.Add(digest));
    }
}

/// <summary>A leaf of a committed buffer with the path to its root: nobody can deny having committed to it.</summary>
/// <param name="Bytes">The leaf.</param>
/// <param name="Path">The siblings on the way to the root, the lowest first.</param>
public sealed record OpenedLeaf(ReadOnlyMemory<byte> Bytes, ImmutableArray<Digest> Path);
