namespace Broker.Ptx.Passes;

/// <summary>Finds which node of a graph every path to another passes (Cooper, Harvey and Kennedy, 2001).</summary>
internal static class Dominators
{
    /// <summary>Gives each node's immediate dominator. Nodes are numbered in reverse post-order from the root, which is 0 and its own.</summary>
    /// <param name="predecessors">The predecessors of each node, of those that the root reaches.</param>
    public static int[] Find(IReadOnlyList<IReadOnlyList<int>> predecessors)
    {
        var dominators = new int[predecessors.Count];
        Array.Fill(dominators, -1);
        dominators[0] = 0;
        for (var changed = true; changed;)
        {
            changed = false;
            for (var node = 1; node < dominators.Length; node++)
            {
                var common = -1;
                foreach (var predecessor in predecessors[node].Where(p => dominators[p] >= 0))
                    common = common < 0 ? predecessor : Common(dominators, common, predecessor);
                changed |= dominators[node] != common;
                dominators[node] = common;
            }
        }

        return dominators;
    }

    /// <summary>Numbers the nodes that a root reaches, in reverse post-order.</summary>
    public static List<T> ReversePostOrder<T>(T root, Func<T, IEnumerable<T>> successors)
        where T : notnull
    {
        var order = new List<T>();
        var seen = new HashSet<T> { root };
        var open = new Stack<(T Node, IEnumerator<T> Next)>([(root, successors(root).GetEnumerator())]);
        while (open.TryPeek(out var top))
        {
            if (top.Next.MoveNext())
            {
                if (seen.Add(top.Next.Current)) open.Push((top.Next.Current, successors(top.Next.Current).GetEnumerator()));
                continue;
            }

            order.Add(open.Pop().Node);
        }

        order.Reverse();
        return order;
    }

    private static int Common(int[] dominators, int a, int b)
    {
        while (a != b)
        {
            while (a > b) a = dominators[a];
            while (b > a) b = dominators[b];
        }

        return a;
    }
}
