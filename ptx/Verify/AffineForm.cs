using System.Globalization;

namespace Broker.Ptx.Verify;

/// <summary>Is an unknown of affine forms: an index of a thread or block, the round of a loop, or a quotient of such.</summary>
internal sealed record Unknown(int Number, string Name, long Low, long High)
{
    public bool Equals(Unknown? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => Number;
}

/// <summary>Is a constant and unknowns times whole numbers. Numbers beyond <see cref="Most"/> have no form.</summary>
internal sealed class AffineForm
{
    private const long Most = 1L << 61;

    private AffineForm(long constant, (Unknown, long)[] terms)
    {
        (Constant, Terms) = (constant, terms);
        LinearKey = string.Join(' ', terms.Select(t => string.Create(CultureInfo.InvariantCulture, $"{t.Item2}*{t.Item1.Number}")));
    }

    public long Constant { get; }

    /// <summary>Gets the unknowns in order of their numbers, none of them times zero.</summary>
    public IReadOnlyList<(Unknown Unknown, long Factor)> Terms { get; }

    /// <summary>Gets what two forms share that differ by a constant alone.</summary>
    public string LinearKey { get; }

    public bool IsConstant => Terms.Count == 0;

    public static AffineForm? Of(Int128 constant) => Fits(constant) ? new AffineForm((long)constant, []) : null;

    public static AffineForm Of(Unknown unknown) => new(0, [(unknown, 1)]);

    public static AffineForm? Sum(AffineForm? a, AffineForm? b, long factor = 1)
    {
        if (a is null || b is null) return null;
        var terms = new List<(Unknown, long)>(a.Terms.Count + b.Terms.Count);
        var (i, j) = (0, 0);
        while (i < a.Terms.Count || j < b.Terms.Count)
        {
            var first = i < a.Terms.Count ? a.Terms[i].Unknown.Number : int.MaxValue;
            var second = j < b.Terms.Count ? b.Terms[j].Unknown.Number : int.MaxValue;
            var unknown = first <= second ? a.Terms[i].Unknown : b.Terms[j].Unknown;
            Int128 total = first <= second ? a.Terms[i++].Factor : 0;
            if (second <= first) total += (Int128)b.Terms[j++].Factor * factor;
            if (!Fits(total)) return null;
            if (total != 0) terms.Add((unknown, (long)total));
        }

        var constant = a.Constant + (Int128)b.Constant * factor;
        return Fits(constant) ? new AffineForm((long)constant, [.. terms]) : null;
    }

    public AffineForm? Times(Int128 factor) => Fits(factor) ? Sum(new AffineForm(0, []), this, (long)factor) : null;

    public AffineForm? Plus(Int128 constant) => Sum(this, Of(constant));

    public long FactorOf(Unknown unknown)
    {
        foreach (var (term, factor) in Terms)
            if (term == unknown)
                return factor;
        return 0;
    }

    public Int128 Low => Bound((unknown, least) => least ? unknown.Low : unknown.High);

    public Int128 High => Bound((unknown, least) => least ? unknown.High : unknown.Low);

    /// <summary>Splits this into what is a multiple of a number, divided by it, and the rest.</summary>
    public (AffineForm Multiple, AffineForm Left) Split(long divisor)
    {
        var floor = (long)FloorDivide(Constant, divisor);
        return (
            new AffineForm(floor, [.. Terms.Where(t => t.Factor % divisor == 0).Select(t => (t.Unknown, t.Factor / divisor))]),
            new AffineForm(Constant - floor * divisor, [.. Terms.Where(t => t.Factor % divisor != 0)]));
    }

    /// <summary>Divides by a positive number, towards minus infinity.</summary>
    public static Int128 FloorDivide(Int128 value, long divisor) => value >= 0 ? value / divisor : -((-value + divisor - 1) / divisor);

    public bool Same(AffineForm other) => Constant == other.Constant && LinearKey == other.LinearKey;

    private Int128 Bound(Func<Unknown, bool, long> end)
    {
        Int128 bound = Constant;
        foreach (var (unknown, factor) in Terms) bound += (Int128)factor * end(unknown, factor > 0);
        return bound;
    }

    private static bool Fits(Int128 value) => value >= -Most && value <= Most;
}
