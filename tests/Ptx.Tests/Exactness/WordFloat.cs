using System.Numerics;

namespace Broker.Ptx.Tests.Exactness;

/// <summary>Computes with numbers of up to 24 bits of significand in integers of 128 bits, quickly.</summary>
/// <remarks>It shares no step with the engine, which rounds doubles; <see cref="ReferenceFormat"/>, which is slower, checks it.</remarks>
internal static class WordFloat
{
    // A sum keeps so many bits below its larger number; what lies lower only makes it inexact.
    private const int Room = 76;

    public const ulong Sign = 1ul << 31, NaN = 0x7fff_ffff, Infinity = 0x7f80_0000, One = 0x3f80_0000;

    public static bool IsNaN(ulong a) => (a & NaN) > Infinity;

    public static ulong Magnitude(ulong a) => a & NaN;

    public static bool IsNegative(ulong a) => (a & Sign) != 0;

    public static ulong Flush(ulong a) => (a & Infinity) == 0 ? a & Sign : a;

    public static ulong Saturate(ulong a) => IsNaN(a) || IsNegative(a) ? 0 : Math.Min(a, One);

    public static ulong Add(ulong a, ulong b, char mode) => Fma(a, One, b, mode);

    public static ulong Subtract(ulong a, ulong b, char mode) => Fma(a, One, b ^ Sign, mode);

    public static ulong Multiply(ulong a, ulong b, char mode)
    {
        if (IsNaN(a) || IsNaN(b)) return NaN;
        var sign = (a ^ b) & Sign;
        if (Magnitude(a) == Infinity || Magnitude(b) == Infinity) return Magnitude(a) == 0 || Magnitude(b) == 0 ? NaN : sign | Infinity;
        var ((x, i), (y, j)) = (Parts(a), Parts(b));
        return x * y == 0 ? sign : Round(sign != 0, x * y, i + j, ReferenceFormat.F32, mode);
    }

    public static ulong Fma(ulong a, ulong b, ulong c, char mode)
    {
        if (IsNaN(a) || IsNaN(b) || IsNaN(c)) return NaN;
        var sign = (a ^ b) & Sign;
        if (Magnitude(a) == Infinity || Magnitude(b) == Infinity)
            return Magnitude(a) == 0 || Magnitude(b) == 0 || Magnitude(c) == Infinity && (c & Sign) != sign ? NaN : sign | Infinity;
        if (Magnitude(c) == Infinity) return c;
        var ((x, i), (y, j), (z, k)) = (Parts(a), Parts(b), Parts(c));
        var product = x * y;
        if (product == 0 && z == 0) return sign == (c & Sign) ? sign : mode == 'm' ? Sign : 0;
        if (product == 0) return c;
        if (z == 0) return Round(sign != 0, product, i + j, ReferenceFormat.F32, mode);
        var (first, second, exponent) = Align(product, i + j, z, k);
        var sum = (sign != 0 ? -(Int128)first : (Int128)first) + (IsNegative(c) ? -(Int128)second : (Int128)second);
        if (sum == 0) return mode == 'm' ? Sign : 0;
        return Round(sum < 0, (UInt128)Int128.Abs(sum), exponent, ReferenceFormat.F32, mode);
    }

    public static ulong Divide(ulong a, ulong b, char mode)
    {
        if (IsNaN(a) || IsNaN(b) || Magnitude(a) == Magnitude(b) && Magnitude(a) is 0 or Infinity) return IsNaN(a) || IsNaN(b) || Magnitude(a) == Magnitude(b) ? NaN : Special(a, b);
        if (Magnitude(a) is 0 or Infinity || Magnitude(b) is 0 or Infinity) return Special(a, b);
        var ((x, i), (y, j)) = (Parts(a), Parts(b));
        var shift = BitOperations.LeadingZeroCount(x) - 1;
        var (quotient, rest) = Math.DivRem(x << shift, y);
        return Round(((a ^ b) & Sign) != 0, quotient << 1 | (rest != 0 ? 1ul : 0), i - j - shift - 1, ReferenceFormat.F32, mode);

        static ulong Special(ulong a, ulong b) => ((a ^ b) & Sign) | (Magnitude(a) == Infinity || Magnitude(b) == 0 ? Infinity : 0);
    }

    public static ulong SquareRoot(ulong a, char mode)
    {
        if (Magnitude(a) == 0) return a;
        if (IsNaN(a) || IsNegative(a)) return NaN;
        if (a == Infinity) return a;
        var (x, i) = Parts(a);
        var shift = BitOperations.LeadingZeroCount(x) - 2;
        if (((i - shift) & 1) != 0) shift--;
        x <<= shift;
        var root = (ulong)Math.Sqrt(x);
        while (root * root > x) root--;
        while ((root + 1) * (root + 1) <= x) root++;
        return Round(false, root << 1 | (root * root == x ? 0ul : 1), (i - shift) / 2 - 1, ReferenceFormat.F32, mode);
    }

    /// <summary>Gives an extreme of two numbers, -0 before +0.</summary>
    public static ulong Extreme(ulong a, ulong b, bool least, bool nan)
    {
        if (IsNaN(a) || IsNaN(b)) return nan || IsNaN(a) && IsNaN(b) ? NaN : IsNaN(a) ? b : a;
        return Place(a) <= Place(b) == least ? a : b;
    }

    /// <summary>Numbers all numbers from the least to the greatest, -0 before +0.</summary>
    public static long Place(ulong a) => IsNegative(a) ? ~(long)Magnitude(a) : (long)Magnitude(a);

    /// <summary>Compares as setp does, by the name of the comparison.</summary>
    public static bool Holds(string comparison, ulong a, ulong b)
    {
        var unordered = IsNaN(a) || IsNaN(b);
        if (comparison is "num" or "nan") return unordered == (comparison == "nan");
        if (unordered) return comparison.EndsWith('u');
        var order = Magnitude(a) == 0 && Magnitude(b) == 0 ? 0 : Place(a).CompareTo(Place(b));
        return comparison[..2] switch { "eq" => order == 0, "ne" => order != 0, "lt" => order < 0, "le" => order <= 0, "gt" => order > 0, _ => order >= 0 };
    }

    /// <summary>Gives a finite number as a whole number and the power of two that it is multiplied with.</summary>
    public static (ulong Number, int Exponent) Parts(ulong a)
    {
        var field = (int)(Magnitude(a) >> 23);
        var fraction = a & 0x7f_ffff;
        return (field == 0 ? fraction : fraction | 0x80_0000, Math.Max(field, 1) - 150);
    }

    /// <summary>Rounds a number that is not zero to a format; its last bit may stand for all that lies below.</summary>
    /// <remarks>A mode is the second letter of its name; 'a' is to the nearest, halves away from zero.</remarks>
    public static ulong Round(bool negative, UInt128 number, int exponent, ReferenceFormat format, char mode)
    {
        var least = 2 - (1 << (format.ExponentBits - 1)) - format.FractionBits;
        var last = Math.Max(exponent + 127 - (int)UInt128.LeadingZeroCount(number) - format.FractionBits, least);
        var drop = last - exponent;
        var kept = drop <= 0 ? number << -drop : drop > 127 ? 0 : number >> drop;
        if (drop > 0)
        {
            var rest = drop > 127 ? number : number - (kept << drop);
            var half = drop > 127 ? UInt128.MaxValue : UInt128.One << (drop - 1);
            var up = mode switch
            {
                'z' => false,
                'm' => negative && rest != 0,
                'p' => !negative && rest != 0,
                'a' => rest >= half,
                _ => rest > half || rest == half && (kept & 1) != 0,
            };
            if (up) kept++;
        }

        // A significand that has its first bit, or got one more, adds to the exponent by itself.
        var bits = ((ulong)(last - least) << format.FractionBits) + (ulong)kept;
        if (bits >= format.Infinity) bits = mode == 'z' || mode == 'm' && !negative || mode == 'p' && negative ? format.Infinity - 1 : format.Infinity;
        return bits | (negative ? format.Sign : 0);
    }

    private static (UInt128 First, UInt128 Second, int Exponent) Align(ulong product, int i, ulong addend, int k)
    {
        if (i >= k)
        {
            var up = Math.Min(i - k, Room);
            return ((UInt128)product << up, Down(addend, i - k - up), i - up);
        }

        var shift = Math.Min(k - i, Room + 24);
        return (Down(product, k - i - shift), (UInt128)addend << shift, k - shift);
    }

    /// <summary>Shifts right, and keeps in the last bit whether anything was lost.</summary>
    private static ulong Down(ulong number, int bits) =>
        bits == 0 ? number : bits > 63 ? 1 : number >> bits | (number << (64 - bits) != 0 ? 1ul : 0);
}
