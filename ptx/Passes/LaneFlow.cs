using Broker.Ptx.Syntax;

namespace Broker.Ptx.Passes;

/// <summary>Is the order in which the lanes of a vector run the blocks of a region, those of them that have come there.</summary>
/// <remarks>
/// Blocks of a loop stand together, its header first, and otherwise a block stands before its successors. So lanes that took
/// another way wait at a later block, or at a header to come around again, until the others have come there too.
/// </remarks>
internal sealed class LaneFlow
{
    private readonly HashSet<int>[] _conflicts;

    private LaneFlow(FlowGraph graph, LoopForest loops)
    {
        (Graph, Loops) = (graph, loops);
        Order = [.. InOrder(0, null)];
        _conflicts = [.. graph.Blocks.Select(_ => new HashSet<int>())];
    }

    public FlowGraph Graph { get; }

    public LoopForest Loops { get; }

    /// <summary>Gets the numbers of the blocks in the order in which they run.</summary>
    public IReadOnlyList<int> Order { get; }

    /// <summary>Gets the blocks that end with a branch on which lanes may disagree.</summary>
    public HashSet<int> DivergentBranches { get; } = [];

    /// <summary>Gets whether lanes may come to wait at different places, so that some go on without the others.</summary>
    public bool PartsAtWaits { get; private set; }

    /// <summary>Gets whether a lane may leave the kernel here while others stay.</summary>
    public bool LeavesApart { get; private set; }

    /// <summary>Finds the order, or null where a loop has several ways in.</summary>
    public static LaneFlow? Find(BasicBlock start)
    {
        var graph = FlowGraph.Region(start);
        var loops = FindLoops.Run(graph);
        return loops.Reducible ? new LaneFlow(graph, loops) : null;
    }

    /// <summary>Notes that lanes may take different ways at the end of a block.</summary>
    /// <returns>Whether that is news.</returns>
    public bool Diverge(int branch)
    {
        if (!DivergentBranches.Add(branch)) return false;
        var join = Graph.ImmediatePostDominators[branch];
        var ways = Graph.Successors[branch].Select(s => Reach(s, join)).ToList();
        foreach (var way in ways)
            foreach (var other in ways.Where(o => o != way))
                foreach (var block in way.Where(b => b != join))
                    _conflicts[block].UnionWith(other);
        LeavesApart |= ways.Any(way => way.Any(b => b != join && Graph.Blocks[b].End is Leave));
        var waits = ways.Select(way => way.Where(b => b != join && Graph.Blocks[b].End is Wait).ToHashSet()).ToList();
        PartsAtWaits |= waits.Count(w => w.Count > 0) > 1 && waits.SelectMany(w => w).Distinct().Count() > 1;
        return true;
    }

    /// <summary>Says whether a write at a block may meet lanes that wait elsewhere and still want the old value.</summary>
    public bool IsWantedElsewhere(int block, Register register, LiveRegisters live) =>
        _conflicts[block].Any(q => live.IsLive(Graph.Blocks[q], register));

    /// <summary>Gives the blocks that can be reached before the join, and the join.</summary>
    private HashSet<int> Reach(int start, int join)
    {
        var reached = new HashSet<int> { start };
        var pending = new Stack<int>([start]);
        while (pending.TryPop(out var block))
        {
            if (block == join) continue;
            foreach (var successor in Graph.Successors[block])
                if (reached.Add(successor))
                    pending.Push(successor);
        }

        return reached;
    }

    /// <summary>Sorts the blocks of one loop, or of none, with each inner loop as one of them.</summary>
    private List<int> InOrder(int first, Loop? around)
    {
        // Reverse post-order is a topological order of what is left when loops are taken as one.
        var order = new List<int>();
        var inner = Loops.Loops.Where(l => l.Parent == around).ToList();
        var nodes = Passes.Dominators.ReversePostOrder(first, node => Ways(node).Where(s => s != first).Reverse());
        foreach (var node in nodes)
        {
            var loop = inner.FirstOrDefault(l => l.Header == node);
            if (loop is null) order.Add(node);
            else order.AddRange(InOrder(node, loop));
        }

        return order;

        IEnumerable<int> Ways(int node)
        {
            var loop = inner.FirstOrDefault(l => l.Header == node && l != around);
            var from = loop is null ? [node] : (IEnumerable<int>)loop.Blocks;
            return from.SelectMany(b => Graph.Successors[b]).Distinct()
                .Where(s => (around is null || around.Blocks.Contains(s)) && (loop is null || !loop.Blocks.Contains(s)));
        }
    }
}
