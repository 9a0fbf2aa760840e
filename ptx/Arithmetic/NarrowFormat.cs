namespace Broker.Ptx.Arithmetic;

internal enum RoundingMode { Nearest, Zero, Down, Up, NearestAway }

/// <summary>Is a floating-point format with less precision than a float, and the rounding of doubles to it.</summary>
/// <param name="Largest">The bits of the largest finite number.</param>
internal readonly record struct NarrowFormat(int FractionBits, int ExponentBits, int Largest, int NaN)
{
    public static readonly NarrowFormat Half = new(10, 5, 0x7bff, 0x7fff);
    public static readonly NarrowFormat Brain = new(7, 8, 0x7f7f, 0x7fff);

    // The low 13 bits of a tf32 in a register are unspecified; the GPUs leave zeros (PTX ISA 5.2.3).
    public static readonly NarrowFormat Tensor = new(10, 8, 0x3fbff, 0x3ffff);

    // The first has no infinity, so that its largest number has the exponent of one (PTX ISA 5.2.3).
    public static readonly NarrowFormat E4M3 = new(3, 4, 0x7e, 0x7f);
    public static readonly NarrowFormat E5M2 = new(2, 5, 0x7b, 0x7f);

    private int Sign => 1 << (FractionBits + ExponentBits);

    private int Bias => (1 << (ExponentBits - 1)) - 1;

    /// <summary>Rounds to the bits of this format; what is too large becomes infinity, or the largest number where the mode says so.</summary>
    /// <remarks>A number that was rounded to odd gives what the exact number would.</remarks>
    public int Round(double value, RoundingMode mode)
    {
        if (double.IsNaN(value)) return NaN;
        var negative = double.IsNegative(value);
        var sign = negative ? Sign : 0;
        var away = mode switch
        {
            RoundingMode.Zero => false,
            RoundingMode.Down => negative,
            RoundingMode.Up => !negative,
            _ => true,
        };
        if (double.IsInfinity(value)) return sign | (Largest + 1);
        var bits = BitConverter.DoubleToInt64Bits(value) & long.MaxValue;
        var exponent = (int)(bits >> 52) - 1023 + Bias;
        var significand = bits >> 52 == 0 ? bits : (bits & ((1L << 52) - 1)) | 1L << 52;
        // Below the normal numbers every step down costs a bit; past 54 all is far less than half of the last.
        var drop = Math.Min(52 - FractionBits + Math.Max(1 - exponent, 0), 54);
        var kept = significand >> drop;
        var rest = significand - (kept << drop);
        if (rest != 0 && away && (mode is RoundingMode.Down or RoundingMode.Up || RoundsUp(rest, 1L << (drop - 1), kept, mode))) kept++;
        var magnitude = ((long)Math.Max(exponent - 1, 0) << FractionBits) + kept;
        return sign | (magnitude <= Largest ? (int)magnitude : away ? Largest + 1 : Largest);
    }

    /// <summary>Gives the number that bits of this format stand for.</summary>
    public double Value(int bits)
    {
        var magnitude = bits & (Sign - 1);
        if (magnitude > Largest) return magnitude == Largest + 1 && magnitude != NaN ? Signed(bits, double.PositiveInfinity) : double.NaN;
        var exponent = magnitude >> FractionBits;
        var fraction = magnitude & ((1 << FractionBits) - 1);
        if (exponent > 0) fraction |= 1 << FractionBits;
        return Signed(bits, Math.ScaleB(fraction, Math.Max(exponent, 1) - Bias - FractionBits));
    }

    private double Signed(int bits, double magnitude) => (bits & Sign) != 0 ? -magnitude : magnitude;

    private static bool RoundsUp(long rest, long half, long kept, RoundingMode mode) =>
        rest > half || rest == half && (mode == RoundingMode.NearestAway || (kept & 1) != 0);
}
