using Broker.Ptx.Syntax;

namespace Broker.Ptx.Verify;

/// <summary>Computes with affine forms as registers do: a register of some bits holds a form modulo two to that power.</summary>
internal sealed class AffineArithmetic(LaunchValues values)
{
    private readonly Dictionary<(string Linear, long Constant, long Divisor), (Unknown Quotient, Unknown Remainder)> _divisions = [];

    /// <summary>Gets the conditions that tie quotients to what they are quotients of; they hold everywhere.</summary>
    public List<AffineForm> Ties { get; } = [];

    /// <summary>Gives the number that a register holds, read as its type says; null where that cannot be told.</summary>
    public static AffineForm? Read(AffineForm? form, ScalarType type)
    {
        if (form is null) return null;
        var (low, high) = (form.Low, form.High);
        var start = type.IsSigned ? -((Int128)1 << (type.Bits - 1)) : 0;
        if (type.Bits >= 64) return low >= start && high < start + ((Int128)1 << 64) ? form : null;
        var turn = (long)1 << type.Bits;
        var turns = AffineForm.FloorDivide(low - start, turn);
        return AffineForm.FloorDivide(high - start, turn) == turns ? form.Plus(-turns * turn) : null;
    }

    public static AffineForm? Product(AffineForm? a, AffineForm? b)
    {
        if (a is null || b is null) return null;
        return b.IsConstant ? a.Times(b.Constant) : a.IsConstant ? b.Times(a.Constant) : null;
    }

    /// <summary>Divides a number by a positive constant, towards minus infinity.</summary>
    public AffineForm? Quotient(AffineForm? form, Int128 divisor)
    {
        if (form is null || divisor <= 0 || divisor > int.MaxValue) return null;
        var (multiple, left) = form.Split((long)divisor);
        if (left.Low >= 0 && left.High < divisor) return multiple;
        return Divide(left, (long)divisor) is { } division ? AffineForm.Sum(multiple, AffineForm.Of(division.Quotient)) : null;
    }

    public AffineForm? Remainder(AffineForm? form, Int128 divisor)
    {
        if (form is null || divisor <= 0 || divisor > int.MaxValue) return null;
        var (_, left) = form.Split((long)divisor);
        if (left.Low >= 0 && left.High < divisor) return left;
        return Divide(left, (long)divisor) is { } division ? AffineForm.Of(division.Remainder) : null;
    }

    /// <summary>Gives quotient and remainder as unknowns, tied to what they come from.</summary>
    private (Unknown Quotient, Unknown Remainder)? Divide(AffineForm form, long divisor)
    {
        var key = (form.LinearKey, form.Constant, divisor);
        if (_divisions.TryGetValue(key, out var known)) return known;
        var (low, high) = (AffineForm.FloorDivide(form.Low, divisor), AffineForm.FloorDivide(form.High, divisor));
        if (low < long.MinValue / 4 || high > long.MaxValue / 4) return null;
        var (quotient, remainder) = (values.New("quotient", (long)low, (long)high), values.New("remainder", 0, divisor - 1));
        var tie = AffineForm.Sum(AffineForm.Sum(form, AffineForm.Of(quotient), -divisor), AffineForm.Of(remainder), -1);
        if (tie?.Times(-1) is not { } opposite) return null;
        Ties.AddRange([tie, opposite]);
        return _divisions[key] = (quotient, remainder);
    }

    /// <summary>Gives the smaller or the larger of two numbers as an unknown, tied to both.</summary>
    public AffineForm? Extreme(AffineForm? a, AffineForm? b, bool least)
    {
        var sign = least ? 1 : -1;
        if (AffineForm.Sum(a, b, -1) is not { } difference) return null;
        if (difference.Low >= 0) return least ? b : a;
        if (difference.High <= 0) return least ? a : b;
        var (low, high) = least ? (Int128.Min(a!.Low, b!.Low), Int128.Min(a.High, b.High)) : (Int128.Max(a!.Low, b!.Low), Int128.Max(a.High, b.High));
        var extreme = AffineForm.Of(values.New("extreme", (long)low, (long)high));
        Ties.AddRange(new[] { a, b }.Select(form => AffineForm.Sum(form, extreme, -1)?.Times(sign)).OfType<AffineForm>());
        return extreme;
    }

    /// <summary>Joins bits that do not meet: then it is a sum.</summary>
    public static AffineForm? Or(AffineForm? a, AffineForm? b)
    {
        if (a is null || b is null) return null;
        if (Lowest(a) < Lowest(b)) (a, b) = (b, a);
        // a is a multiple of a power of two below which b stays.
        return b.Low >= 0 && b.High < Lowest(a) && a.Low >= 0 ? AffineForm.Sum(a, b) : null;
    }

    /// <summary>Keeps the bits of a mask that is one less than a power of two, or all bits but such.</summary>
    public AffineForm? And(AffineForm? form, AffineForm? mask, ScalarType type)
    {
        if (form is null || mask is not { IsConstant: true, Constant: var bits }) return null;
        var number = Read(form, new ScalarType(TypeClass.Unsigned, type.Bits));
        if (bits >= 0 && System.Numerics.BitOperations.IsPow2(bits + 1)) return Remainder(number, (Int128)bits + 1);
        return bits < 0 && System.Numerics.BitOperations.IsPow2(-bits) ? AffineForm.Sum(number, Remainder(number, -bits), -1) : null;
    }

    private static Int128 Lowest(AffineForm form)
    {
        var all = form.Terms.Aggregate(form.Constant, (bits, term) => bits | term.Factor);
        return all == 0 ? (Int128)1 << 64 : all & -all;
    }
}
