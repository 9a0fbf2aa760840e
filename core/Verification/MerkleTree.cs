using System.Collections.Immutable;
using System.Numerics;

namespace Broker.Core.Verification;

/// <summary>Hashes bytes into a tree whose root commits to each leaf of 4 KiB (RFC 6962, section 2.1).</summary>
/// <remarks>
/// Pure. A leaf is <c>SHA-256(0 | bytes)</c>, a node <c>SHA-256(1 | left | right)</c>, the root of nothing <c>SHA-256()</c>. The last
/// leaf has what is left, so a root goes with the length beside it. Leaves name no one: equal bytes have equal roots, whoever made them.
/// </remarks>
public static class MerkleTree
{
    /// <summary>The bytes of each leaf but the last.</summary>
    public const int LeafBytes = 4096;

    /// <summary>How many leaves so many bytes have.</summary>
    public static long Count(long bytes) => (bytes + LeafBytes - 1) / LeafBytes;

    /// <summary>How many bytes a leaf has of so many bytes.</summary>
    public static int Length(long bytes, long leaf) => (int)Math.Min(LeafBytes, bytes - (leaf * LeafBytes));

    public static Digest Leaf(ReadOnlySpan<byte> bytes)
    {
        Span<byte> data = stackalloc byte[1 + LeafBytes];
        if (bytes.Length > LeafBytes) throw new ArgumentException($"a leaf has at most {LeafBytes} bytes, not {bytes.Length}", nameof(bytes));
        data[0] = 0;
        bytes.CopyTo(data[1..]);
        return Digest.Of(data[..(1 + bytes.Length)]);
    }

    public static Digest Node(Digest left, Digest right)
    {
        Span<byte> data = stackalloc byte[1 + 2 * Digest.Size];
        data[0] = 1;
        left.CopyTo(data[1..]);
        right.CopyTo(data[(1 + Digest.Size)..]);
        return Digest.Of(data);
    }

    /// <summary>The leaves of bytes that begin at the start of a leaf.</summary>
    public static ImmutableArray<Digest> Leaves(ReadOnlySpan<byte> bytes)
    {
        var leaves = ImmutableArray.CreateBuilder<Digest>((int)Count(bytes.Length));
        for (var start = 0; start < bytes.Length; start += LeafBytes) leaves.Add(Leaf(bytes.Slice(start, Length(bytes.Length, start / LeafBytes))));
        return leaves.MoveToImmutable();
    }

    public static Digest Root(ReadOnlySpan<Digest> leaves)
    {
        if (leaves.Length == 0) return Digest.Of([]);
        if (leaves.Length == 1) return leaves[0];
        var split = Split(leaves.Length);
        return Node(Root(leaves[..split]), Root(leaves[split..]));
    }

    /// <summary>The siblings of a leaf on its way to the root, the lowest first (RFC 6962, section 2.1.1).</summary>
    public static ImmutableArray<Digest> Path(ReadOnlySpan<Digest> leaves, int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)leaves.Length, nameof(index));
        if (leaves.Length == 1) return [];
        var split = Split(leaves.Length);
        return index < split
            ? Path(leaves[..split], index).Add(Root(leaves[split..]))
            : Path(leaves[split..], index - split).Add(Root(leaves[..split]));
    }

    /// <summary>Whether a path leads from a leaf to a root of so many leaves.</summary>
    public static bool Leads(Digest leaf, long index, long count, ReadOnlySpan<Digest> path, Digest root)
    {
        if (index < 0 || index >= count) return false;
        return Climb(leaf, index, count, path) == root;
    }

    private static Digest? Climb(Digest leaf, long index, long count, ReadOnlySpan<Digest> path)
    {
        if (count == 1) return path.Length == 0 ? leaf : null;
        if (path.Length == 0) return null;
        var split = (long)BitOperations.RoundUpToPowerOf2((ulong)count) / 2;
        var rest = path[..^1];
        if (index < split) return Climb(leaf, index, split, rest) is { } left ? Node(left, path[^1]) : null;
        return Climb(leaf, index - split, count - split, rest) is { } right ? Node(path[^1], right) : null;
    }

    /// <summary>The largest power of two below a number of leaves.</summary>
    private static int Split(int leaves) => (int)(BitOperations.RoundUpToPowerOf2((uint)leaves) / 2);
}
