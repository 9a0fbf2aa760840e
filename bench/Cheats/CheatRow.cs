namespace Broker.Bench.Cheats;

/// <summary>How many trials a row has.</summary>
/// <param name="Statistical">Where each is caught with a probability.</param>
/// <param name="Roots">How many roots a worker tries.</param>
/// <param name="Jobs">How many honest jobs each kernel has.</param>
internal sealed record TrialCounts(int Statistical, int Roots, int Jobs)
{
    public static TrialCounts Full { get; } = new(200, 10_000, 200);

    public static TrialCounts Quick { get; } = new(40, 100, 4);
}

/// <summary>What a row found.</summary>
/// <param name="Trials">How often it was tried.</param>
/// <param name="Caught">How often it was caught.</param>
/// <param name="Required">How often it must be.</param>
/// <param name="AtMost">How often it may be; null for always.</param>
internal sealed record RowCount(int Trials, int Caught, double Required, double? AtMost = null)
{
    /// <summary>1 or more where the row holds.</summary>
    public double Value
    {
        get
        {
            if (Caught < Required) return Caught / Required;
            // More than there can be is as wrong as too few.
            if (AtMost is { } most) return Caught > most ? most / Caught : 1;
            return Required > 0 ? Caught / Required : 1;
        }
    }

    public static RowCount Of(IEnumerable<bool> caught)
    {
        var all = caught.ToList();
        return new RowCount(all.Count, all.Count(its => its), all.Count);
    }

    /// <summary>So many trials, each caught with its own probability: three sigma are allowed for.</summary>
    public static RowCount Of(int caught, IReadOnlyList<double> chances, bool twoSided)
    {
        var (mean, sigma) = (chances.Sum(), Math.Sqrt(chances.Sum(chance => chance * (1 - chance))));
        return new RowCount(chances.Count, caught, Math.Max(0, Math.Floor(mean - (3 * sigma))), twoSided ? Math.Ceiling(mean + (3 * sigma)) : null);
    }
}

/// <summary>A row of the list of what verification must catch.</summary>
/// <param name="Name">A1 and so on.</param>
/// <param name="Says">Who does what.</param>
/// <param name="RunAsync">Runs it; null where something that it needs does not exist.</param>
/// <param name="Why">What does not exist.</param>
internal sealed record CheatRow(string Name, string Says, Func<TrialCounts, Task<RowCount>>? RunAsync, string? Why = null)
{
    public static CheatRow Later(string name, string says, string why) => new(name, says, null, why);
}
