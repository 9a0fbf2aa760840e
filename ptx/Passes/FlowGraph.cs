namespace Broker.Ptx.Passes;

/// <summary>Is the blocks that one of them reaches, in reverse post-order, and what dominates what.</summary>
internal sealed class FlowGraph
{
    private readonly Dictionary<BasicBlock, int> _numbers;
    private readonly int[] _dominators;
    private readonly Lazy<int[]> _postDominators;

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
