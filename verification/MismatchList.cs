using System.Collections.Immutable;
using Broker.Core.Verification;

namespace Broker.Verification;

/// <summary>Where committed bytes are not what they must be.</summary>
/// <param name="Offset">The first such byte of the buffer.</param>
/// <param name="Expected">What must stand there, in hex.</param>
/// <param name="Committed">What stands there, in hex.</param>
internal readonly record struct Difference(long Offset, string Expected, string Committed)
{
    public static Difference Of(long offset, ReadOnlySpan<byte> expected, ReadOnlySpan<byte> committed) =>
        new(offset, ByteDifference.Show(expected), ByteDifference.Show(committed));
}

/// <summary>Collects what a check finds wrong: all of it is counted, some of it listed, the first opened.</summary>
internal sealed class MismatchList
{
    private readonly List<Mismatch> _listed = [];
    private readonly HashSet<BlockIndex> _blocks = [];
    private int _unowned;

    /// <summary>Wrong blocks, and wrong places that no block writes.</summary>
    public int Count => _blocks.Count + _unowned;

    public ImmutableArray<Mismatch> Listed => [.. _listed];

    public void Add(BlockIndex? block, string buffer, Difference difference, Func<OpenedLeaf>? open)
    {
        if (block is { } index)
        {
            // It may differ in several buffers: it is one wrong block.
            if (!_blocks.Add(index)) return;
        }
        else
        {
            _unowned++;
        }

        if (_listed.Count == Verdict.MostListed) return;
        var opened = _listed.Count < Verdict.MostOpened ? open?.Invoke() : null;
        _listed.Add(new Mismatch(block, buffer, difference.Offset, difference.Committed, difference.Expected, opened));
    }

    public string Describe()
    {
        var first = _listed[0];
        var where = first.Block is { } block ? $"block {block.Block} of launch {block.Launch}" : "a place";
        var others = Count > 1 ? $"; {Count - 1} more" : "";
        return $"{where} in '{first.Buffer}' at byte {first.Offset} is {first.Committed}, and must be {first.Expected}{others}";
    }
}
