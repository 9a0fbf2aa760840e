using System.Numerics;

namespace Broker.Ptx.Tests.Exactness;

/// <summary>Is a binary floating-point format of IEEE 754, computed in with whole numbers alone: every value is one times a power of two.</summary>
/// <remarks>It shares nothing with the engine, and no speed was sought.</remarks>
internal sealed record ReferenceFormat(int FractionBits, int ExponentBits)
{
    public static readonly ReferenceFormat F16 = new(10, 5), BF16 = new(7, 8), TF32 = new(10, 8), F32 = new(23, 8), F64 = new(52, 11), E5M2 = new(2, 5);

    public int Width => 1 + ExponentBits + FractionBits;

    public ulong Sign => 1ul << (Width - 1);

    public ulong Infinity => ((1ul << ExponentBits) - 1) << FractionBits;

    /// <summary>Gets the NaN that arithmetic gives: every bit but the sign.</summary>
    public ulong NaN => Sign - 1;

    public ulong One => ((1ul << (ExponentBits - 1)) - 1) << FractionBits;

    private int LeastExponent => 2 - (1 << (ExponentBits - 1)) - FractionBits;

    public bool IsNaN(ulong a) => Magnitude(a) > Infinity;

    public bool IsInfinite(ulong a) => Magnitude(a) == Infinity;

    public bool IsZero(ulong a) => Magnitude(a) == 0;

    public bool IsNegative(ulong a) => (a & Sign) != 0;

    public ulong Magnitude(ulong a) => a & (Sign - 1);

    public ulong Flush(ulong a) => Magnitude(a) >> FractionBits == 0 ? a & Sign : a;

    public ulong Negate(ulong a) => a ^ Sign;

    /// <summary>Gives a finite number as a whole number and the power of two that it is multiplied with.</summary>
    public (BigInteger Number, int Exponent) Exact(ulong a)
    {
        var exponent = (int)(Magnitude(a) >> FractionBits);
        var fraction = Magnitude(a) - ((ulong)exponent << FractionBits);
        BigInteger number = exponent == 0 ? fraction : fraction + (1ul << FractionBits);
        return (IsNegative(a) ? -number : number, Math.Max(exponent - 1, 0) + LeastExponent);
    }

    /// <summary>Rounds a number that is not zero.</summary>
    public ulong Round(BigInteger number, int exponent, string mode)
    {
        var negative = number.Sign < 0;
        number = BigInteger.Abs(number);
        var last = Math.Max(exponent + (int)number.GetBitLength() - 1 - FractionBits, LeastExponent);
        var drop = last - exponent;
        var kept = drop <= 0 ? number << -drop : number >> drop;
        if (drop > 0)
        {
            var rest = (number - (kept << drop)) * 2;
            var half = BigInteger.One << drop;
            var up = mode switch
            {
                "rz" => false,
                "rm" => negative && !rest.IsZero,
                "rp" => !negative && !rest.IsZero,
                "rna" => rest >= half,
                _ => rest > half || rest == half && !kept.IsEven,
            };
            if (up) kept++;
        }

        if (kept.GetBitLength() == FractionBits + 2)
        {
            kept >>= 1;
            last++;
        }

        var field = kept.GetBitLength() <= FractionBits ? 0 : last - LeastExponent + 1;
        var sign = negative ? Sign : 0;
        if (field >= (1 << ExponentBits) - 1)
            return sign | (mode == "rz" || mode == "rm" && !negative || mode == "rp" && negative ? Infinity - 1 : Infinity);
        return sign | ((ulong)field << FractionBits) + (ulong)kept - (field > 0 ? 1ul << FractionBits : 0);
    }

    public ulong Add(ulong a, ulong b, string mode) => Fma(a, One, b, mode);

    public ulong Multiply(ulong a, ulong b, string mode)
    {
        if (IsNaN(a) || IsNaN(b)) return NaN;
        var sign = (a ^ b) & Sign;
        if (IsInfinite(a) || IsInfinite(b)) return IsZero(a) || IsZero(b) ? NaN : sign | Infinity;
        if (IsZero(a) || IsZero(b)) return sign;
        var ((x, i), (y, j)) = (Exact(a), Exact(b));
        return Round(x * y, i + j, mode);
    }

    public ulong Fma(ulong a, ulong b, ulong c, string mode)
    {
        if (IsNaN(a) || IsNaN(b) || IsNaN(c)) return NaN;
        var sign = (a ^ b) & Sign;
        if (IsInfinite(a) || IsInfinite(b))
            return IsZero(a) || IsZero(b) || IsInfinite(c) && (c & Sign) != sign ? NaN : sign | Infinity;
        if (IsInfinite(c)) return c;
        var ((x, i), (y, j), (z, k)) = (Exact(a), Exact(b), Exact(c));
        var least = Math.Min(i + j, k);
        var sum = (x * y << (i + j - least)) + (z << (k - least));
        if (!sum.IsZero) return Round(sum, least, mode);
        // Zeros that agree keep their sign; else -0 is for rounding down alone.
        var product = IsZero(a) || IsZero(b);
        return product && IsZero(c) && (c & Sign) == sign ? sign : mode == "rm" ? Sign : 0;
    }

    public ulong Divide(ulong a, ulong b, string mode)
    {
        if (IsNaN(a) || IsNaN(b) || IsInfinite(a) && IsInfinite(b) || IsZero(a) && IsZero(b)) return NaN;
        var sign = (a ^ b) & Sign;
        if (IsInfinite(a) || IsZero(b)) return sign | Infinity;
        if (IsZero(a) || IsInfinite(b)) return sign;
        var ((x, i), (y, j)) = (Exact(a), Exact(b));
        const int More = 140;
        var quotient = BigInteger.DivRem(BigInteger.Abs(x) << More, BigInteger.Abs(y), out var rest);
        // One more bit stands for all that is left.
        quotient = quotient * 2 + (rest.IsZero ? 0 : 1);
        return Round(sign != 0 ? -quotient : quotient, i - j - More - 1, mode);
    }

    public ulong SquareRoot(ulong a, string mode)
    {
        if (IsZero(a)) return a;
        if (IsNaN(a) || IsNegative(a)) return NaN;
        if (IsInfinite(a)) return a;
        var (x, i) = Exact(a);
        var shift = 140 + (i & 1);
        x <<= shift;
        var root = Root(x);
        return Round(root * 2 + (root * root == x ? 0 : 1), (i - shift) / 2 - 1, mode);
    }

    public ulong Minimum(ulong a, ulong b, bool nan) => Extreme(a, b, nan, (x, y) => x <= y);

    public ulong Maximum(ulong a, ulong b, bool nan) => Extreme(a, b, nan, (x, y) => x >= y);

    /// <summary>Gives a number of another format.</summary>
    public ulong ConvertFrom(ReferenceFormat from, ulong a, string mode)
    {
        if (from.IsNaN(a)) return NaN;
        var sign = from.IsNegative(a) ? Sign : 0;
        if (from.IsInfinite(a)) return sign | Infinity;
        if (from.IsZero(a)) return sign;
        var (number, exponent) = from.Exact(a);
        return Round(number, exponent, mode);
    }

    public ulong FromInteger(BigInteger number, string mode) => number.IsZero ? 0 : Round(number, 0, mode);

    /// <summary>Rounds to a whole number that so many bits hold; the rest of the range saturates.</summary>
    public ulong ToInteger(ulong a, int bits, bool signed, string mode)
    {
        var (least, most) = signed ? (-(BigInteger.One << (bits - 1)), (BigInteger.One << (bits - 1)) - 1) : (0, (BigInteger.One << bits) - 1);
        BigInteger result;
        if (IsNaN(a)) result = Width == 64 || bits == 64 ? BigInteger.One << (bits - 1) : 0;
        else if (IsInfinite(a)) result = IsNegative(a) ? least : most;
        else result = BigInteger.Clamp(Whole(a, mode), least, most);
        return (ulong)(result & ulong.MaxValue);
    }

    private BigInteger Whole(ulong a, string mode)
    {
        var (number, exponent) = Exact(a);
        if (exponent >= 0) return number << exponent;
        var floor = number >> -exponent;
        var rest = number - (floor << -exponent);
        var twice = (rest * 2).CompareTo(BigInteger.One << -exponent);
        return mode switch
        {
            "rmi" => floor,
            "rpi" => rest.IsZero ? floor : floor + 1,
            "rzi" => number.Sign < 0 && !rest.IsZero ? floor + 1 : floor,
            _ => twice > 0 || twice == 0 && !floor.IsEven ? floor + 1 : floor,
        };
    }

    private ulong Extreme(ulong a, ulong b, bool nan, Func<Int128, Int128, bool> first)
    {
        if (IsNaN(a) || IsNaN(b)) return nan || IsNaN(a) && IsNaN(b) ? NaN : IsNaN(a) ? b : a;
        return first(Place(a), Place(b)) ? a : b;
    }

    /// <summary>Numbers all numbers from the least to the greatest, -0 before +0.</summary>
    private Int128 Place(ulong a) => IsNegative(a) ? -1 - (Int128)Magnitude(a) : Magnitude(a);

    private static BigInteger Root(BigInteger x)
    {
        var root = BigInteger.One << ((int)x.GetBitLength() / 2 + 1);
        while (true)
        {
            var next = (root + x / root) >> 1;
            if (next >= root) return root;
            root = next;
        }
    }
}
