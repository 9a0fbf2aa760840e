using System.Collections.Immutable;

namespace Broker.Core.Verification;

/// <summary>The leaves of a buffer, collected from its bytes as they come.</summary>
public sealed class LeafList
{
    private readonly ImmutableArray<Digest>.Builder _leaves = ImmutableArray.CreateBuilder<Digest>();
    private readonly byte[] _open = new byte[MerkleTree.LeafBytes];
    private int _filled;

    /// <summary>Takes the next bytes, however they are cut.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        if (_filled > 0)
        {
            var piece = Math.Min(bytes.Length, _open.Length - _filled);
            bytes[..piece].CopyTo(_open.AsSpan(_filled));
            _filled += piece;
            bytes = bytes[piece..];
            if (_filled < _open.Length) return;
            _leaves.Add(MerkleTree.Leaf(_open));
            _filled = 0;
        }

        for (; bytes.Length >= MerkleTree.LeafBytes; bytes = bytes[MerkleTree.LeafBytes..]) _leaves.Add(MerkleTree.Leaf(bytes[..MerkleTree.LeafBytes]));
        bytes.CopyTo(_open);
        _filled = bytes.Length;
    }

    /// <summary>All leaves; the last has what is left.</summary>
    public ImmutableArray<Digest> Finish()
    {
        if (_filled > 0) _leaves.Add(MerkleTree.Leaf(_open.AsSpan(0, _filled)));
        _filled = 0;
        return _leaves.ToImmutable();
    }

    /// <summary>How many bytes the stored list of so many bytes' leaves has.</summary>
    public static long StoredBytes(long bytes) => MerkleTree.Count(bytes) * Digest.Size;

    /// <summary>A list as it is stored: one digest after the other.</summary>
    public static byte[] Store(ReadOnlySpan<Digest> leaves)
    {
        var bytes = new byte[leaves.Length * Digest.Size];
        for (var i = 0; i < leaves.Length; i++) leaves[i].CopyTo(bytes.AsSpan(i * Digest.Size));
        return bytes;
    }

    /// <summary>Reads a stored list.</summary>
    /// <exception cref="InvalidDataException">It is cut off.</exception>
    public static ImmutableArray<Digest> Load(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length % Digest.Size != 0) throw new InvalidDataException($"a list of leaves has a multiple of {Digest.Size} bytes, not {bytes.Length}");
        var leaves = ImmutableArray.CreateBuilder<Digest>(bytes.Length / Digest.Size);
        for (var start = 0; start < bytes.Length; start += Digest.Size) leaves.Add(new Digest(bytes.Slice(start, Digest.Size)));
        return leaves.MoveToImmutable();
    }
}
