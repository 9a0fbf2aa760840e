namespace Broker.Bench.Kernels;

/// <summary>Is what was measured of one case. What could not be is null, and the reason stands beside it.</summary>
internal sealed record KernelMeasurement(KernelCase Case)
{
    public TimeSpan? Engine { get; init; }

    public TimeSpan? Native { get; init; }

    public TimeSpan? Scalar { get; init; }

    /// <summary>From PTX text to code that has run a block.</summary>
    public TimeSpan? Compile { get; init; }

    /// <summary>From the native source to an object.</summary>
    public TimeSpan? Clang { get; init; }

    /// <summary>How many of the other widths gave other bits than the engine's own choice.</summary>
    public int? Disagreeing { get; init; }

    public string? NoNative { get; init; }

    public string? NoLanes { get; init; }

    public IEnumerable<Figure> Figures() =>
    [
        Timing("speed", Case.Work / Engine?.TotalSeconds, Case.Unit, "native", Case.Work / Native?.TotalSeconds),
        Ratio("speed-over-native", Native / Engine, NoNative),
        Ratio("speed-over-scalar", Scalar / Engine, NoLanes),
        Timing("compile", Compile?.TotalMilliseconds, "ms", "clang", Clang?.TotalMilliseconds),
        Ratio("compile-over-clang", Compile / Clang, NoNative),
    ];

    public static IEnumerable<Figure> Totals(IReadOnlyList<KernelMeasurement> all)
    {
        var ratios = all.Select(m => m.Native / m.Engine).ToList();
        double? mean = ratios.Contains(null) ? null : Math.Exp(ratios.Average(ratio => Math.Log(Math.Min(1, ratio!.Value))));
        yield return new Figure(PtxBench.Name, "speed-over-native", "geometric-mean", mean, "ratio") { Why = Missing(all, m => m.NoNative) };
        double? disagree = all.Any(m => m.Disagreeing is null) ? null : all.Sum(m => m.Disagreeing);
        yield return new Figure(PtxBench.Name, "lanes-disagree", "all", disagree, "runs") { Why = Missing(all, m => m.NoLanes) };
    }

    private static string? Missing(IReadOnlyList<KernelMeasurement> all, Func<KernelMeasurement, string?> reason) =>
        all.Where(m => reason(m) is not null).Select(m => $"{m.Case.Name}: {reason(m)}").FirstOrDefault();

    private Figure Ratio(string figure, double? value, string? why) => new(PtxBench.Name, figure, Case.Name, value, "ratio") { Why = why };

    private Figure Timing(string figure, double? value, string unit, string peer, double? peerValue) =>
        new(PtxBench.Name, figure, Case.Name, value, unit) { Why = value is null ? NoNative : null, Peer = peer, PeerValue = peerValue };
}
