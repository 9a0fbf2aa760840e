namespace Broker.Ptx.Verify;

/// <summary>Says whether whole numbers can meet a list of conditions.</summary>
internal enum Feasibility { Infeasible, Feasible, Undecided }

/// <summary>Is a search for whole numbers between bounds for which every one of some affine sums is not negative.</summary>
/// <remarks>Branch and bound: bounds are drawn in from every condition, then the range that weighs most is halved.</remarks>
internal sealed class IntegerProblem
{
    private const int MaxSearches = 4096;
    private const int MaxRounds = 16;

    private readonly List<(long Low, long High)> _ranges = [];
    private readonly List<(Int128 Constant, (int Variable, long Factor)[] Terms)> _conditions = [];
    private readonly Dictionary<Unknown, int> _variables = [];

    public int Add(long low, long high)
    {
        _ranges.Add((low, high));
        return _ranges.Count - 1;
    }

    /// <summary>Gets the variable that stands for an unknown.</summary>
    public int VariableOf(Unknown unknown)
    {
        if (!_variables.TryGetValue(unknown, out var variable)) _variables[unknown] = variable = Add(unknown.Low, unknown.High);
        return variable;
    }

    public void Require(AffineForm form) => Require(form.Constant, [.. form.Terms.Select(t => (VariableOf(t.Unknown), t.Factor))]);

    /// <summary>Demands that a sum is not negative.</summary>
    public void Require(Int128 constant, params (int Variable, long Factor)[] terms) => _conditions.Add((constant, terms));

    /// <summary>Searches for one solution.</summary>
    /// <returns>The values of the variables where there is one.</returns>
    public (Feasibility Outcome, IReadOnlyList<long>? Solution) Solve()
    {
        IReadOnlyList<long>? solution = null;
        var ended = Search(ranges =>
        {
            if (ranges.Any(r => r.Low != r.High)) return false;
            solution = [.. ranges.Select(r => r.Low)];
            return true;
        }, () => solution is not null, MaxSearches);
        return (solution is not null ? Feasibility.Feasible : ended ? Feasibility.Infeasible : Feasibility.Undecided, solution);
    }

    /// <summary>Draws in the bounds as far as single conditions can; null where they leave nothing.</summary>
    public IReadOnlyList<(long Low, long High)>? Tighten()
    {
        var ranges = _ranges.ToArray();
        return Propagate(ranges) ? ranges : null;
    }

    /// <summary>Says whether every choice within ranges meets every condition.</summary>
    public bool Holds(IReadOnlyList<(long Low, long High)> ranges) =>
        _conditions.All(c => c.Constant + c.Terms.Aggregate((Int128)0, (sum, t) => sum + (Int128)t.Factor * (t.Factor > 0 ? ranges[t.Variable].Low : ranges[t.Variable].High)) >= 0);

    /// <summary>Hands out boxes that may hold solutions, until each is taken.</summary>
    /// <param name="take">Says whether a box is done with; else it is halved.</param>
    /// <returns>Whether the search came to its end.</returns>
    public bool Search(Func<IReadOnlyList<(long Low, long High)>, bool> take, Func<bool> stop, int most)
    {
        var open = new Stack<(long Low, long High)[]>([[.. _ranges]]);
        for (var searches = 0; open.TryPop(out var ranges); searches++)
        {
            if (searches == most) return false;
            if (!Propagate(ranges) || take(ranges)) continue;
            if (stop()) return true;
            var widest = Widest(ranges);
            if (widest < 0) continue;
            var (low, high) = ranges[widest];
            var middle = low + (high - low) / 2;
            var upper = ranges.ToArray();
            (ranges[widest], upper[widest]) = ((low, middle), (middle + 1, high));
            open.Push(upper);
            open.Push(ranges);
        }

        return true;
    }

    private int Widest((long Low, long High)[] ranges)
    {
        var (widest, most) = (-1, (Int128)0);
        foreach (var (_, terms) in _conditions)
            foreach (var (variable, factor) in terms)
            {
                var weight = Int128.Abs(factor) * ((Int128)ranges[variable].High - ranges[variable].Low);
                if (weight > most) (widest, most) = (variable, weight);
            }

        return widest >= 0 ? widest : Array.FindIndex(ranges, r => r.Low != r.High);
    }

    private bool Propagate((long Low, long High)[] ranges)
    {
        if (ranges.Any(r => r.Low > r.High)) return false;
        for (var (round, changed) = (0, true); changed && round < MaxRounds; round++)
        {
            changed = false;
            foreach (var (constant, terms) in _conditions)
            {
                var most = constant;
                foreach (var (variable, factor) in terms) most += Most(ranges[variable], factor);
                if (most < 0) return false;
                foreach (var (variable, factor) in terms)
                {
                    // The others can give at most so much, so this term has to give the rest.
                    var needed = -(most - Most(ranges[variable], factor));
                    var (low, high) = ((Int128)ranges[variable].Low, (Int128)ranges[variable].High);
                    if (factor > 0) low = Int128.Max(low, CeilingDivide(needed, factor));
                    else high = Int128.Min(high, -CeilingDivide(needed, -(Int128)factor));
                    if (low > high) return false;
                    var drawn = ((long)low, (long)high);
                    changed |= drawn != ranges[variable];
                    ranges[variable] = drawn;
                }
            }
        }

        return true;
    }

    private static Int128 Most((long Low, long High) range, long factor) => (Int128)factor * (factor > 0 ? range.High : range.Low);

    private static Int128 CeilingDivide(Int128 value, Int128 divisor) => value >= 0 ? (value + divisor - 1) / divisor : -(-value / divisor);
}
