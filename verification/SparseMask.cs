using Broker.Core.Verification;

namespace Broker.Verification;

/// <summary>The bits of a buffer that machines may leave differently: mostly none.</summary>
internal sealed class SparseMask
{
    private readonly Dictionary<long, byte[]> _leaves = [];

    /// <summary>Says of a stretch which of its bits are open.</summary>
    /// <param name="start">Where it begins.</param>
    /// <param name="length">Its bytes.</param>
    /// <param name="mask">As long as the stretch, or empty for none.</param>
    public void Set(long start, int length, ReadOnlySpan<byte> mask)
    {
        if (mask.Length == 0 && _leaves.Count == 0) return;
        for (var done = 0; done < length;)
        {
            var (leaf, within) = Math.DivRem(start + done, MerkleTree.LeafBytes);
            var piece = (int)Math.Min(MerkleTree.LeafBytes - within, length - done);
            if (mask.Length > 0)
            {
                if (!_leaves.TryGetValue(leaf, out var bytes)) _leaves[leaf] = bytes = new byte[MerkleTree.LeafBytes];
                mask.Slice(done, piece).CopyTo(bytes.AsSpan((int)within));
            }
            else if (_leaves.TryGetValue(leaf, out var bytes))
            {
                bytes.AsSpan((int)within, piece).Clear();
            }

            done += piece;
        }
    }

    /// <summary>The mask of a leaf; empty where all its bits are settled.</summary>
    public ReadOnlyMemory<byte> Find(long leaf) => _leaves.TryGetValue(leaf, out var bytes) ? bytes : ReadOnlyMemory<byte>.Empty;
}
