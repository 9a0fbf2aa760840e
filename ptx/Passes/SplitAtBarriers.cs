using Broker.Ptx.Instructions;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Passes;

/// <summary>Is what runs from the start or a barrier to the next barrier: each of its threads in turn.</summary>
/// <param name="Entries">The barriers after which threads enter, consecutive numbers; 0 is the start of the kernel.</param>
internal sealed record Region(IReadOnlyList<int> Entries, IReadOnlyList<BasicBlock> Blocks);

/// <summary>Is a kernel cut into regions.</summary>
/// <param name="Starts">The block where threads go on after each barrier; the first is that of the kernel.</param>
/// <param name="Barriers">The instruction of each barrier; the first is absent.</param>
/// <param name="FrameOffsets">Where the threads keep, between regions, the registers that outlive a barrier.</param>
internal sealed record RegionPlan(
    IReadOnlyList<Region> Regions,
    IReadOnlyList<BasicBlock> Starts,
    IReadOnlyList<Instruction?> Barriers,
    IReadOnlyDictionary<Register, int> FrameOffsets,
    int FrameBytes)
{
    /// <summary>Gives the number of the entry at which a thread goes on after a barrier.</summary>
    public int EntryAfter(BarrierWait wait) => Barriers.TakeWhile(b => !ReferenceEquals(b, wait.Instruction)).Count();
}

/// <summary>Cuts a kernel at its barriers (loop fission): a block runs region after region over all its threads.</summary>
internal static class SplitAtBarriers
{
    // Regions share blocks where a barrier stands in a loop. Copies are cheap, and good for speed, up to some size.
    private const int MaxCopiedInstructions = 20_000;

    private const int MaxBarriers = 1024;

    // One register of all threads lies together, so that a region touches only what it uses.
    private const int MaxThreads = 1024;

    // Keeps the same thread's registers out of the same set of the cache.
    private const int Skew = 192;

    public static RegionPlan Run(
        IReadOnlyList<BasicBlock> blocks,
        LiveRegisters live,
        IReadOnlyDictionary<Register, Representation> representations)
    {
        var waits = blocks.Select(b => b.End).OfType<BarrierWait>().ToList();
        if (waits.Count > MaxBarriers)
            throw new PtxException(InstructionTable.NotSupported(waits[MaxBarriers].Instruction, $"kernels of more than {MaxBarriers} barriers"));
        var starts = waits.Select(w => w.Next).Prepend(blocks[0]).ToList();
        var regions = starts.Select((start, index) => new Region([index], From([start], blocks))).ToList();
        if (regions.Sum(r => r.Blocks.Sum(b => b.Weight)) > MaxCopiedInstructions)
            regions = [new Region([.. Enumerable.Range(0, starts.Count)], blocks)];

        var offsets = new Dictionary<Register, int>();
        var bytes = 0;
        foreach (var register in waits.SelectMany(w => live[w.Next]).Distinct().OrderByDescending(r => Bytes(representations[r].Slot)))
        {
            offsets[register] = bytes;
            bytes += Bytes(representations[register].Slot) * MaxThreads + Skew;
        }

        return new RegionPlan(regions, starts, [null, .. waits.Select(w => w.Instruction)], offsets, bytes);
    }

    public static int Bytes(Slot slot) => slot is Slot.I64 or Slot.F64 ? 8 : 4;

    private static List<BasicBlock> From(IEnumerable<BasicBlock> starts, IReadOnlyList<BasicBlock> blocks)
    {
        var seen = starts.ToHashSet();
        var pending = new Stack<BasicBlock>(seen);
        while (pending.TryPop(out var block))
        {
            if (block.End is BarrierWait) continue;
            foreach (var successor in block.End.Successors)
                if (seen.Add(successor))
                    pending.Push(successor);
        }

        return [.. blocks.Where(seen.Contains)];
    }
}
