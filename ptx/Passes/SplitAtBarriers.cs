using Broker.Ptx.Instructions;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Passes;

/// <summary>Is what runs from the start or a wait to the next wait: each of its threads in turn.</summary>
/// <param name="Entries">The waits after which threads enter, consecutive numbers; 0 is the start of the kernel.</param>
internal sealed record Region(IReadOnlyList<int> Entries, IReadOnlyList<BasicBlock> Blocks);

/// <summary>Is a kernel cut into regions.</summary>
/// <param name="Starts">The block where threads go on after each wait; the first is that of the kernel.</param>
/// <param name="Sites">Each wait, at the number of the entry where threads go on after it; the first is absent.</param>
/// <param name="FrameOffsets">Where the threads keep, between regions, the registers that outlive a wait.</param>
internal sealed record RegionPlan(
    IReadOnlyList<Region> Regions,
    IReadOnlyList<BasicBlock> Starts,
    IReadOnlyList<WaitSite?> Sites,
    IReadOnlyDictionary<Register, int> FrameOffsets,
    int FrameBytes)
{
    private readonly Dictionary<Wait, WaitSite> _sites = Sites.OfType<WaitSite>().ToDictionary(s => s.Wait);

    public WaitSite SiteOf(Wait wait) => _sites[wait];
}

/// <summary>Cuts a kernel where threads wait for each other (loop fission): a block runs region after region over all its threads.</summary>
internal static class SplitAtBarriers
{
    // Regions share blocks where a wait stands in a loop. Copies are cheap, and good for speed, up to some size.
    private const int MaxCopiedInstructions = 20_000;

    private const int MaxWaits = 1024;

    // Each worker of a launch has such a frame: some 8000 registers of 64 bits that outlive a wait, of all threads.
    private const int MaxFrameBytes = 64 << 20;

    // One register of all threads lies together, so that a region touches only what it uses.
    private const int MaxThreads = 1024;

    // Keeps the same thread's registers out of the same set of the cache.
    private const int Skew = 192;

    public static RegionPlan Run(
        IReadOnlyList<BasicBlock> blocks,
        LiveRegisters live,
        IReadOnlyDictionary<Register, Representation> representations)
    {
        var waits = blocks.Select(b => b.End).OfType<Wait>().ToList();
        if (waits.Count > MaxWaits)
            throw new PtxException(InstructionTable.NotSupported(waits[MaxWaits].Instruction, $"kernels of more than {MaxWaits} barriers and warp collectives"));
        var starts = waits.Select(w => w.Next).Prepend(blocks[0]).ToList();
        var regions = FindApart(starts, blocks) ?? [new Region([.. Enumerable.Range(0, starts.Count)], blocks)];
        var offsets = new Dictionary<Register, int>();
        var bytes = 0;
        foreach (var register in waits.SelectMany(w => live[w.Next]).Distinct().OrderByDescending(r => Bytes(representations[r].Slot)))
        {
            offsets[register] = bytes;
            bytes += Bytes(representations[register].Slot) * MaxThreads + Skew;
            if (bytes > MaxFrameBytes) throw new PtxException(InstructionTable.NotSupported(waits[0].Instruction, $"kernels that keep more than {MaxFrameBytes} bytes of registers where threads wait"));
        }

        return new RegionPlan(regions, starts, [null, .. waits.Select((wait, index) => new WaitSite(index + 1, wait))], offsets, bytes);
    }

    public static int Bytes(Slot slot) => slot is Slot.I64 or Slot.F64 ? 8 : 4;

    /// <summary>Gives each start a region of its own, or null where they would share too many instructions.</summary>
    private static List<Region>? FindApart(IReadOnlyList<BasicBlock> starts, IReadOnlyList<BasicBlock> blocks)
    {
        var regions = new List<Region>();
        var instructions = 0;
        for (var i = 0; i < starts.Count; i++)
        {
            regions.Add(new Region([i], From([starts[i]], blocks)));
            instructions += regions[i].Blocks.Sum(b => Math.Max(b.Weight, 1));
            if (instructions > MaxCopiedInstructions) return null;
        }

        return regions;
    }

    private static List<BasicBlock> From(IEnumerable<BasicBlock> starts, IReadOnlyList<BasicBlock> blocks)
    {
        var seen = starts.ToHashSet();
        var pending = new Stack<BasicBlock>(seen);
        while (pending.TryPop(out var block))
        {
            if (block.End is Wait) continue;
            foreach (var successor in block.End.Successors)
                if (seen.Add(successor))
                    pending.Push(successor);
        }

        return [.. blocks.Where(seen.Contains)];
    }
}
