namespace Broker.Ptx.Passes;

/// <summary>Is the blocks that one of them reaches, in reverse post-order, and what dominates what.</summary>
internal sealed class FlowGraph
{
    private readonly Dictionary<BasicBlock, int> _numbers;
    private readonly int[] _dominators;
    private readonly Lazy<int[]> _postDominators;

    // What a pass may keep of blocks for blocks; real kernels come nowhere near.
    private const int MaxPairs = 1 << 20;

    private FlowGraph(BasicBlock start, Func<BasicBlock, IEnumerable<BasicBlock>> successors)
    {
        Blocks = Passes.Dominators.ReversePostOrder(start, b => successors(b).Reverse());
        _numbers = Blocks.Select((block, number) => (block, number)).ToDictionary(p => p.block, p => p.number);
        Successors = [.. Blocks.Select(b => (IReadOnlyList<int>)[.. successors(b).Distinct().Select(s => _numbers[s])])];
        Predecessors = Reverse(Successors);
        _dominators = Passes.Dominators.Find(Predecessors);
        _postDominators = new Lazy<int[]>(FindPostDominators);
    }

    public IReadOnlyList<BasicBlock> Blocks { get; }

    public IReadOnlyList<IReadOnlyList<int>> Successors { get; }

    public IReadOnlyList<IReadOnlyList<int>> Predecessors { get; }

    /// <summary>Gets the immediate dominator of each block; the first is its own.</summary>
    public IReadOnlyList<int> ImmediateDominators => _dominators;

    /// <summary>Gets the block that all ways out of each block pass first; -1 where they part until the end.</summary>
    public IReadOnlyList<int> ImmediatePostDominators => _postDominators.Value;

    /// <summary>Builds the graph of a whole kernel, in which threads go on after each wait.</summary>
    public static FlowGraph Whole(IReadOnlyList<BasicBlock> blocks) => new(blocks[0], b => b.End.Successors);

    /// <summary>Builds the graph of one region, which ends where threads wait.</summary>
    public static FlowGraph Region(BasicBlock start) => new(start, b => b.End is Wait ? [] : b.End.Successors);

    public int NumberOf(BasicBlock block) => _numbers[block];

    public bool Contains(BasicBlock block) => _numbers.ContainsKey(block);

    public bool Dominates(int a, int b)
    {
        while (b > a) b = _dominators[b];
        return a == b;
    }

    /// <summary>Says whether too many pairs of blocks decide on each other, or meet: each of the loops around a block, for instance.</summary>
    public bool IsKnotted() => CountPairs(Predecessors, ImmediateDominators) + CountPairs(Successors, ImmediatePostDominators) > MaxPairs;

    /// <summary>Counts the members of all dominance frontiers, as far as they matter.</summary>
    private static long CountPairs(IReadOnlyList<IReadOnlyList<int>> edges, IReadOnlyList<int> dominators)
    {
        var (seenFor, count) = (new int[edges.Count], 0L);
        Array.Fill(seenFor, -1);
        for (var block = 0; block < edges.Count && count <= MaxPairs; block++)
        {
            if (edges[block].Count < 2) continue;
            foreach (var edge in edges[block])
                for (var runner = edge; runner >= 0 && runner != dominators[block] && seenFor[runner] != block; runner = dominators[runner])
                {
                    seenFor[runner] = block;
                    count++;
                }
        }

        return count;
    }

    private int[] FindPostDominators()
    {
        const int Exit = -1;
        var leaves = Enumerable.Range(0, Blocks.Count).Where(i => Successors[i].Count == 0).ToList();
        var order = Passes.Dominators.ReversePostOrder(Exit, i => i == Exit ? leaves : Predecessors[i]);
        var places = order.Select((block, place) => (block, place)).ToDictionary(p => p.block, p => p.place);
        var before = order.Select(i => (IReadOnlyList<int>)(i == Exit
            ? []
            : [.. Successors[i].DefaultIfEmpty(Exit).Where(places.ContainsKey).Select(s => places[s])])).ToList();
        var found = Passes.Dominators.Find(before);
        return [.. Enumerable.Range(0, Blocks.Count).Select(i => places.TryGetValue(i, out var place) ? order[found[place]] : Exit)];
    }

    private static List<int>[] Reverse(IReadOnlyList<IReadOnlyList<int>> edges)
    {
        var reversed = edges.Select(_ => new List<int>()).ToArray();
        for (var from = 0; from < edges.Count; from++)
            foreach (var to in edges[from])
                reversed[to].Add(from);
        return reversed;
    }
}
