namespace Broker.Ptx.Verify;

/// <summary>Knows sums that are not negative, and what follows from them.</summary>
internal sealed class Facts(IReadOnlyList<AffineForm> conditions)
{
    private const int MaxCombined = 6;

    public IReadOnlyList<AffineForm> Conditions => conditions;

    public bool ProveNotNegative(AffineForm form)
    {
        if (LeastOf(form) >= 0) return true;
        if (form.Times(-1)?.Plus(-1) is not { } opposite) return false;
        var problem = new IntegerProblem();
        problem.Require(opposite);
        foreach (var condition in About(opposite)) problem.Require(condition);
        return problem.Solve().Outcome == Feasibility.Infeasible;
    }

    /// <summary>Gives a bound below which a sum is never, if not the best.</summary>
    public Int128 LeastOf(AffineForm form)
    {
        // Whatever is taken off is a condition times a whole number, which is not negative.
        for (var combined = 0; combined < MaxCombined; combined++)
        {
            var better = conditions
                .SelectMany(condition => condition.Terms.Select(term => (condition, factor: form.FactorOf(term.Unknown) / term.Factor)))
                .Where(c => c.factor > 0)
                .Select(c => AffineForm.Sum(form, c.condition, -c.factor))
                .OfType<AffineForm>()
                .MaxBy(f => f.Low);
            if (better is null || better.Low <= form.Low) break;
            form = better;
        }

        return form.Low;
    }

    public Int128 MostOf(AffineForm form) => form.Times(-1) is { } opposite ? -LeastOf(opposite) : form.High;

    /// <summary>Gives the conditions that have to do with the unknowns of a sum, directly or through others.</summary>
    public IEnumerable<AffineForm> About(AffineForm form)
    {
        var unknowns = form.Terms.Select(t => t.Unknown).ToHashSet();
        var left = conditions.Distinct().ToList();
        while (left.FindIndex(c => c.Terms.Any(t => unknowns.Contains(t.Unknown))) is var next and >= 0)
        {
            unknowns.UnionWith(left[next].Terms.Select(t => t.Unknown));
            yield return left[next];
            left.RemoveAt(next);
        }
    }
}
