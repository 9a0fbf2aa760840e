namespace Broker.Ptx.Verify;

/// <summary>Says whether two accesses can touch one byte from two different blocks.</summary>
internal static class Overlap
{
    /// <returns>True where it is proven that they cannot.</returns>
    public static bool IsExcluded(AffineAccess first, AffineAccess second, IReadOnlyList<Unknown> blockIndex) =>
        blockIndex.All(index => index.High == 0 || IsExcluded(first, second, blockIndex, index, 1) && IsExcluded(first, second, blockIndex, index, -1));

    private static bool IsExcluded(AffineAccess first, AffineAccess second, IReadOnlyList<Unknown> blockIndex, Unknown index, int sign)
    {
        var problem = new IntegerProblem();
        var differences = new Differences(problem, first, second, blockIndex);
        var apart = differences.Of(first.Offset, second.Offset);
        // They touch where first < second + its bytes, and second < first + its bytes.
        problem.Require(apart.Constant + first.Bytes - 1, apart.Terms);
        problem.Require(-apart.Constant + second.Bytes - 1, [.. apart.Terms.Select(t => (t.Variable, -t.Factor))]);
        problem.Require(-1, [.. differences.Of(index).Select(t => (t.Variable, t.Factor * sign))]);
        // What a block adds to its own start is bounded by all conditions together.
        var conditions = first.Facts.Conditions.Concat(second.Facts.Conditions).DistinctBy(c => c.LinearKey);
        foreach (var condition in conditions.Append(WithinBlock(first.Offset, blockIndex)).OfType<AffineForm>().Where(c => c.Terms.Count > 1))
        {
            if (condition.Plus(-(Int128)condition.Constant) is not { } sum) continue;
            var (sumTerms, (low, high)) = (differences.Of(sum, sum), differences.Bounds(sum));
            problem.Require(-low, sumTerms.Terms);
            problem.Require(high, [.. sumTerms.Terms.Select(t => (t.Variable, -t.Factor))]);
        }

        differences.RequireOfEach();
        return problem.Solve().Outcome == Feasibility.Infeasible;
    }

    private static AffineForm? WithinBlock(AffineForm offset, IReadOnlyList<Unknown> blockIndex) =>
        blockIndex.Aggregate((AffineForm?)offset, (form, index) => AffineForm.Sum(form, AffineForm.Of(index), -offset.FactorOf(index)));

    /// <summary>Holds, for each unknown, how far the values in two threads lie apart.</summary>
    /// <remarks>Where two forms have it in different measures it holds both values, and where they are of different shape those of all unknowns but the block's.</remarks>
    private sealed class Differences(IntegerProblem problem, AffineAccess first, AffineAccess second, IReadOnlyList<Unknown> blockIndex)
    {
        private readonly bool _alike = first.Offset.LinearKey == second.Offset.LinearKey;
        private readonly Dictionary<Unknown, (int Variable, long Factor)[]> _terms = [];

        public (Int128 Constant, (int Variable, long Factor)[] Terms) Of(AffineForm a, AffineForm b)
        {
            var terms = new List<(int, long)>();
            foreach (var unknown in a.Terms.Concat(b.Terms).Select(t => t.Unknown).Distinct())
            {
                var (left, right) = (a.FactorOf(unknown), b.FactorOf(unknown));
                if (left == right && Takes(unknown)) terms.AddRange(Of(unknown).Select(t => (t.Variable, t.Factor * left)));
                else
                {
                    var pair = Pair(unknown);
                    terms.AddRange([(pair[0].Variable, left), (pair[1].Variable, -right)]);
                }
            }

            return ((Int128)a.Constant - b.Constant, [.. terms.Where(t => t.Item2 != 0)]);
        }

        public (int Variable, long Factor)[] Of(Unknown unknown)
        {
            if (_terms.TryGetValue(unknown, out var known)) return known;
            if (!Takes(unknown)) return Pair(unknown);
            var ((firstLow, firstHigh), (secondLow, secondHigh)) = (Range(first, unknown), Range(second, unknown));
            return _terms[unknown] = [(problem.Add(firstLow - secondHigh, firstHigh - secondLow), 1)];
        }

        public (Int128 Low, Int128 High) Bounds(AffineForm sum) =>
            (first.Facts.LeastOf(sum) - second.Facts.MostOf(sum), first.Facts.MostOf(sum) - second.Facts.LeastOf(sum));

        /// <summary>Demands what holds in each of the two threads, as far as both values are held.</summary>
        public void RequireOfEach()
        {
            foreach (var (access, side) in new[] { (first, 0), (second, 1) })
                foreach (var condition in access.Facts.About(access.Offset).Where(c => !_alike && c.Terms.All(t => !blockIndex.Contains(t.Unknown))))
                    problem.Require(condition.Constant, [.. condition.Terms.Select(t => (Pair(t.Unknown)[side].Variable, t.Factor))]);
        }

        /// <summary>Says whether a difference is enough to know of an unknown.</summary>
        private bool Takes(Unknown unknown) => _alike || blockIndex.Contains(unknown);

        private (int Variable, long Factor)[] Pair(Unknown unknown)
        {
            if (_terms.TryGetValue(unknown, out var known)) return known;
            var ((firstLow, firstHigh), (secondLow, secondHigh)) = (Range(first, unknown), Range(second, unknown));
            return _terms[unknown] = [(problem.Add(firstLow, firstHigh), 1), (problem.Add(secondLow, secondHigh), -1)];
        }

        private static (long Low, long High) Range(AffineAccess access, Unknown unknown)
        {
            var form = AffineForm.Of(unknown);
            return ((long)Int128.Max(access.Facts.LeastOf(form), unknown.Low), (long)Int128.Min(access.Facts.MostOf(form), unknown.High));
        }
    }
}
