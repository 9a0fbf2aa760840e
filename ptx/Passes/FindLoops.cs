namespace Broker.Ptx.Passes;

/// <summary>Is a natural loop: a header that dominates all blocks from which it is reached again.</summary>
/// <param name="Blocks">The numbers of its blocks in the flow graph, those of inner loops among them.</param>
internal sealed record Loop(int Header, HashSet<int> Blocks)
{
    /// <summary>Gets the loop right around this one.</summary>
    public Loop? Parent { get; set; }

    public int Depth => Parent is null ? 1 : Parent.Depth + 1;
}

/// <summary>Is the loops of a flow graph.</summary>
/// <param name="Reducible">Whether every cycle is entered through one block alone, and the loops do not hold too many blocks together to be known.</param>
/// <param name="Innermost">The innermost loop of each block, or null.</param>
internal sealed record LoopForest(IReadOnlyList<Loop> Loops, IReadOnlyList<Loop?> Innermost, bool Reducible);

/// <summary>Finds the loops of a flow graph and how they nest.</summary>
internal static class FindLoops
{
    // A block counts for each loop that it lies in.
    private const int MaxBlocks = 1 << 20;

    public static LoopForest Run(FlowGraph graph)
    {
        var (reducible, collected) = (true, 0L);
        var loops = new Dictionary<int, Loop>();
        for (var latch = 0; latch < graph.Blocks.Count; latch++)
        {
            foreach (var header in graph.Successors[latch].Where(s => s <= latch))
            {
                if (!graph.Dominates(header, latch))
                {
                    reducible = false;
                    continue;
                }

                if (!loops.TryGetValue(header, out var loop)) loops[header] = loop = new Loop(header, [header]);
                collected -= loop.Blocks.Count;
                Collect(graph, loop, latch);
                collected += loop.Blocks.Count;
                if (collected > MaxBlocks) return new LoopForest([], new Loop?[graph.Blocks.Count], false);
            }
        }

        // A loop of fewer blocks is inside, or apart.
        var innermost = new Loop?[graph.Blocks.Count];
        var sorted = loops.Values.OrderByDescending(l => l.Blocks.Count).ToList();
        foreach (var loop in sorted)
        {
            loop.Parent = innermost[loop.Header];
            foreach (var block in loop.Blocks) innermost[block] = loop;
        }

        return new LoopForest(sorted, innermost, reducible);
    }

    private static void Collect(FlowGraph graph, Loop loop, int latch)
    {
        var pending = new Stack<int>([latch]);
        while (pending.TryPop(out var block))
        {
            if (!loop.Blocks.Add(block)) continue;
            foreach (var predecessor in graph.Predecessors[block]) pending.Push(predecessor);
        }
    }
}
