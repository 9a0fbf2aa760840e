namespace Broker.Ptx.Verify;

/// <summary>Says whether two accesses can touch one byte from two different blocks.</summary>
internal static class Overlap
{
    /// <returns>True where it is proven that they cannot.</returns>
    public static bool IsExcluded(AffineAccess first, AffineAccess second, IReadOnlyList<Unknown> blockIndex) =>
        blockIndex.All(index => index.High == 0 || IsExcluded(first, second, index, 1) && IsExcluded(first, second, index, -1));

    private static bool IsExcluded(AffineAccess first, AffineAccess second, Unknown index, int sign)
    {
        var problem = new IntegerProblem();
        var differences = new Differences(problem, first, second);
        var apart = differences.Of(first.Offset, second.Offset);
        // They touch where first < second + its bytes, and second < first + its bytes.
        problem.Require(apart.Constant + first.Bytes - 1, apart.Terms);
        problem.Require(-apart.Constant + second.Bytes - 1, [.. apart.Terms.Select(t => (t.Variable, -t.Factor))]);
        problem.Require(-1, [.. differences.Of(index).Select(t => (t.Variable, t.Factor * sign))]);
        foreach (var condition in first.Facts.Conditions.Concat(second.Facts.Conditions).DistinctBy(c => c.LinearKey).Where(c => c.Terms.Count > 1))
        {
            if (condition.Plus(-(Int128)condition.Constant) is not { } sum) continue;
            var (sumTerms, (low, high)) = (differences.Of(sum, sum), differences.Bounds(sum));
            problem.Require(-low, sumTerms.Terms);
            problem.Require(high, [.. sumTerms.Terms.Select(t => (t.Variable, -t.Factor))]);
        }

        return problem.Solve().Outcome == Feasibility.Infeasible;
    }

    /// <summary>Holds, for each unknown, how far the values in two threads lie apart; where one form has it in another measure, both values.</summary>
    private sealed class Differences(IntegerProblem problem, AffineAccess first, AffineAccess second)
    {
        private readonly Dictionary<Unknown, (int Variable, long Factor)[]> _terms = [];

        public (Int128 Constant, (int Variable, long Factor)[] Terms) Of(AffineForm a, AffineForm b)
        {
            var terms = new List<(int, long)>();
            foreach (var unknown in a.Terms.Concat(b.Terms).Select(t => t.Unknown).Distinct())
            {
                var (left, right) = (a.FactorOf(unknown), b.FactorOf(unknown));
                if (left == right) terms.AddRange(Of(unknown).Select(t => (t.Variable, t.Factor * left)));
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
            var ((firstLow, firstHigh), (secondLow, secondHigh)) = (Range(first, unknown), Range(second, unknown));
            return _terms[unknown] = [(problem.Add(firstLow - secondHigh, firstHigh - secondLow), 1)];
        }

        public (Int128 Low, Int128 High) Bounds(AffineForm sum) =>
            (first.Facts.LeastOf(sum) - second.Facts.MostOf(sum), first.Facts.MostOf(sum) - second.Facts.LeastOf(sum));

        private (int Variable, long Factor)[] Pair(Unknown unknown)
        {
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
