using Broker.Ptx.Syntax;

namespace Broker.Ptx.Verify;

/// <summary>Is a stretch of a buffer, its end not included.</summary>
public readonly record struct ByteRange(long Start, long End);

/// <summary>Knows which block of an exact launch owns which bytes of its buffers.</summary>
/// <remarks>
/// It is found by reading alone. A block may leave some of its bytes as they were, where a branch that is not affine
/// guards them; it never writes others.
/// </remarks>
public sealed class WriteMap
{
    private const int MaxSearches = 1 << 20;

    private readonly IReadOnlyList<AffineAccess> _stores;
    private readonly IReadOnlyList<Unknown> _blockIndex;

    private WriteMap(IReadOnlyList<AffineAccess> stores, IReadOnlyList<Unknown> blockIndex) => (_stores, _blockIndex) = (stores, blockIndex);

    /// <summary>Gives the map of a launch, or null where it is not exact.</summary>
    /// <exception cref="PtxException">The module has what <see cref="Module.CheckSupported"/> lists.</exception>
    public static WriteMap? Find(Module module, string entry, KernelLaunch launch, IReadOnlyList<LaunchPointer> pointers)
    {
        if (Classifier.Classify(module, entry, launch, pointers).Class != KernelClass.Exact) return null;
        var plan = module.PlanOf(entry);
        var found = FindPointers.Run(plan, pointers);
        var forms = new AccessForms(plan, found, launch);
        var stores = FindAccesses.Run(plan, found).Where(a => a.Access.Writes && a.Roots.Any(r => r.Space == StateSpace.Global));
        return new WriteMap([.. stores.Select(forms.Find).OfType<AffineAccess>()], forms.BlockIndex);
    }

    /// <summary>Gives the bytes of a buffer that a block owns, in order, none of them twice.</summary>
    public IReadOnlyList<ByteRange> RangesOf(Dim3 block, string buffer)
    {
        var ranges = new List<ByteRange>();
        foreach (var store in StoresTo(buffer))
        {
            var problem = ProblemOf(store);
            foreach (var (index, position) in _blockIndex.Zip([block.X, block.Y, block.Z]))
            {
                problem.Require(position, (problem.VariableOf(index), -1));
                problem.Require(-(Int128)position, (problem.VariableOf(index), 1));
            }

            var ended = problem.Search(box => TryTake(problem, store, box, ranges), () => false, MaxSearches);
            if (!ended) throw new InvalidOperationException($"block {block} writes to too many places");
        }

        return Merge(ranges);
    }

    /// <summary>Gives the bytes of a buffer that any block owns, in order, none of them twice; null where they lie in too many places.</summary>
    /// <remarks>All others hold what they held before, whatever the program computes.</remarks>
    public IReadOnlyList<ByteRange>? FindOwnedRanges(string buffer)
    {
        var ranges = new List<ByteRange>();
        foreach (var store in StoresTo(buffer))
        {
            var problem = ProblemOf(store);
            if (!problem.Search(box => TryTake(problem, store, box, ranges), () => false, MaxSearches)) return null;
        }

        return Merge(ranges);
    }

    /// <summary>Finds the first of the blocks that own a byte of a range, or null where nobody does: then it holds what it held before.</summary>
    public Dim3? FindOwner(string buffer, ByteRange range)
    {
        foreach (var store in StoresTo(buffer))
        {
            var problem = ProblemOf(store);
            if (store.Offset.Plus(store.Bytes - 1 - range.Start) is not { } after || store.Offset.Times(-1)?.Plus(range.End - 1) is not { } before) continue;
            problem.Require(after);
            problem.Require(before);
            var index = _blockIndex.Select(problem.VariableOf).ToList();
            var (outcome, solution) = problem.Solve();
            if (outcome == Feasibility.Feasible) return new Dim3((uint)solution![index[0]], (uint)solution[index[1]], (uint)solution[index[2]]);
            if (outcome == Feasibility.Undecided) throw new InvalidOperationException($"the owner of bytes {range.Start} to {range.End} of '{buffer}' is not found");
        }

        return null;
    }

    private IEnumerable<AffineAccess> StoresTo(string buffer) => _stores.Where(s => s.Access.Roots.Any(r => r.Buffer?.Name == buffer));

    private static IntegerProblem ProblemOf(AffineAccess store)
    {
        var problem = new IntegerProblem();
        foreach (var (unknown, _) in store.Offset.Terms) problem.VariableOf(unknown);
        foreach (var condition in store.Facts.About(store.Offset)) problem.Require(condition);
        return problem;
    }

    /// <summary>Takes a box whose every thread writes, and whose bytes lie without a gap.</summary>
    private static bool TryTake(IntegerProblem problem, AffineAccess store, IReadOnlyList<(long Low, long High)> box, List<ByteRange> ranges)
    {
        if (!problem.Holds(box)) return false;
        Int128 start = store.Offset.Constant;
        Int128 length = store.Bytes;
        foreach (var (unknown, factor) in store.Offset.Terms.OrderBy(t => Math.Abs(t.Factor)))
        {
            var (low, high) = box[problem.VariableOf(unknown)];
            start += (Int128)factor * (factor > 0 ? low : high);
            if (high == low) continue;
            if (Math.Abs(factor) > length) return false;
            length += (Int128)Math.Abs(factor) * (high - low);
        }

        ranges.Add(new ByteRange((long)start, (long)(start + length)));
        return true;
    }

    private static List<ByteRange> Merge(List<ByteRange> ranges)
    {
        var merged = new List<ByteRange>();
        foreach (var range in ranges.OrderBy(r => r.Start))
        {
            if (merged.Count > 0 && range.Start <= merged[^1].End) merged[^1] = merged[^1] with { End = Math.Max(merged[^1].End, range.End) };
            else merged.Add(range);
        }

        return merged;
    }
}
