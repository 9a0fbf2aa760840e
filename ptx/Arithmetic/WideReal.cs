namespace Broker.Ptx.Arithmetic;

/// <summary>Is a number of up to 126 bits before it is rounded to a double.</summary>
/// <param name="Exponent">The power of two that the last bit of the significand stands for.</param>
/// <param name="Inexact">Whether the exact number is a little larger in magnitude; then the significand has more bits than a double.</param>
internal readonly record struct WideReal(bool Negative, UInt128 Significand, int Exponent, bool Inexact)
{
    public const int Bits = 126;

    private const int FractionBits = 52, LeastExponent = -1074;

    private int Length => 128 - (int)UInt128.LeadingZeroCount(Significand);

    public static WideReal Of(double a)
    {
        var bits = BitConverter.DoubleToUInt64Bits(a) & long.MaxValue;
        var exponent = (int)(bits >> FractionBits);
        var fraction = bits & ((1ul << FractionBits) - 1);
        return new WideReal(
            double.IsNegative(a), exponent == 0 ? fraction : fraction | 1ul << FractionBits, Math.Max(exponent, 1) - 1 + LeastExponent, false);
    }

    /// <summary>Gives the same number with so many bits.</summary>
    public WideReal Shifted(int bits)
    {
        var shift = bits - Length;
        return this with { Significand = Significand << shift, Exponent = Exponent - shift };
    }

    /// <summary>Adds two numbers that are exact and not zero.</summary>
    public static WideReal Add(WideReal a, WideReal b, RoundingMode mode)
    {
        var (large, small) = a.Exponent + a.Length >= b.Exponent + b.Length ? (a, b) : (b, a);
        large = large.Shifted(Bits - 1);
        var shift = large.Exponent - small.Exponent;
        var aligned = shift <= 0 ? small.Significand << -shift : shift > 127 ? 0 : small.Significand >> shift;
        var inexact = shift > 0 && (shift > 127 || aligned << shift != small.Significand);
        if (large.Negative == small.Negative) return large with { Significand = large.Significand + aligned, Inexact = inexact };
        // What was cut off the smaller number is taken off as one more unit, and what that is too much is left over.
        var difference = large.Significand - aligned - (inexact ? 1u : 0);
        return difference >> 127 != 0
            ? new WideReal(small.Negative, 0 - difference, large.Exponent, false)
            : new WideReal(difference == 0 ? mode == RoundingMode.Down : large.Negative, difference, large.Exponent, inexact);
    }

    /// <summary>Rounds to zero, down or up.</summary>
    public double Round(RoundingMode mode)
    {
        if (Significand == 0) return Negative ? -0.0 : 0.0;
        var away = mode == (Negative ? RoundingMode.Down : RoundingMode.Up);
        var drop = Math.Max(Length - 1 - FractionBits, LeastExponent - Exponent);
        var kept = drop <= 0 ? (ulong)(Significand << -drop) : drop > 127 ? 0 : (ulong)(Significand >> drop);
        var exact = !Inexact && (drop <= 0 || drop <= 127 && (UInt128)kept << drop == Significand);
        if (away && !exact) kept++;
        // A significand that has its first bit adds one to the exponent by itself.
        var bits = ((ulong)(Exponent + drop - LeastExponent) << FractionBits) + kept;
        const ulong Infinity = 0x7ff0_0000_0000_0000;
        if (bits >= Infinity) bits = away ? Infinity : Infinity - 1;
        return BitConverter.UInt64BitsToDouble(bits | (Negative ? 1ul << 63 : 0));
    }
}
