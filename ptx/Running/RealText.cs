using System.Globalization;
using System.Numerics;

namespace Broker.Ptx.Running;

/// <summary>Writes floating-point numbers as C's printf does, exactly and rounded to even (C11 7.21.6.1).</summary>
internal static class RealText
{
    private const int MantissaBits = 52;
    private const int ExponentBias = 1075;

    /// <summary>Writes the magnitude of a number; its sign is the caller's.</summary>
    /// <param name="keepPoint">Whether a point without digits after it stays, and the zeros of <c>%g</c>.</param>
    public static string Write(double value, char conversion, int? precision, bool keepPoint)
    {
        value = Math.Abs(value);
        if (double.IsNaN(value)) return "nan";
        if (double.IsInfinity(value)) return "inf";
        return conversion switch
        {
            'f' => Fixed(value, precision ?? 6, keepPoint),
            'e' => Scientific(value, precision ?? 6, keepPoint),
            'g' => Shorter(value, Math.Max(precision ?? 6, 1), keepPoint),
            _ => Hexadecimal(value, precision, keepPoint),
        };
    }

    private static string Fixed(double value, int precision, bool keepPoint)
    {
        var digits = Scaled(value, precision).ToString(CultureInfo.InvariantCulture).PadLeft(precision + 1, '0');
        return WithPoint(digits[..^precision], digits[^precision..], keepPoint);
    }

    private static string Scientific(double value, int precision, bool keepPoint)
    {
        var (digits, exponent) = Digits(value, precision);
        var sign = exponent < 0 ? '-' : '+';
        return $"{WithPoint(digits[..1], digits[1..], keepPoint)}e{sign}{Math.Abs(exponent).ToString("00", CultureInfo.InvariantCulture)}";
    }

    private static string Shorter(double value, int precision, bool keepZeros)
    {
        var exponent = Digits(value, precision - 1).Exponent;
        var scientific = exponent < -4 || exponent >= precision;
        var text = scientific ? Scientific(value, precision - 1, keepZeros) : Fixed(value, precision - 1 - exponent, keepZeros);
        var end = scientific ? text.IndexOf('e') : text.Length;
        return keepZeros || !text.Contains('.') ? text : text[..end].TrimEnd('0').TrimEnd('.') + text[end..];
    }

    private static string Hexadecimal(double value, int? precision, bool keepPoint)
    {
        var bits = BitConverter.DoubleToUInt64Bits(value);
        var (exponent, mantissa) = ((int)(bits >> MantissaBits), bits & ((1UL << MantissaBits) - 1));
        var whole = exponent == 0 ? mantissa : mantissa | 1UL << MantissaBits;
        exponent = value == 0 ? 0 : Math.Max(exponent, 1) - 1023;
        var kept = precision ?? 13;
        if (kept < 13)
        {
            var dropped = 4 * (13 - kept);
            whole = (ulong)Round(whole, BigInteger.One << dropped) << dropped;
        }

        var digits = (whole & ((1UL << MantissaBits) - 1)).ToString("x13", CultureInfo.InvariantCulture).PadRight(kept, '0')[..kept];
        if (precision is null) digits = digits.TrimEnd('0');
        return $"0x{WithPoint((whole >> MantissaBits).ToString(CultureInfo.InvariantCulture), digits, keepPoint)}p{exponent.ToString("+0;-0", CultureInfo.InvariantCulture)}";
    }

    private static string WithPoint(string whole, string fraction, bool keepPoint) => fraction.Length > 0 || keepPoint ? $"{whole}.{fraction}" : whole;

    /// <summary>Gives one digit more than the precision, and the power of ten of the first.</summary>
    private static (string Digits, int Exponent) Digits(double value, int precision)
    {
        if (value == 0) return (new string('0', precision + 1), 0);
        for (var exponent = (int)Math.Floor(Math.Log10(value)); ;)
        {
            var digits = Scaled(value, precision - exponent).ToString(CultureInfo.InvariantCulture);
            if (digits.Length == precision + 1) return (digits, exponent);
            // The logarithm was off by one, or the digits were rounded up to a power of ten.
            exponent += digits.Length > precision + 1 ? 1 : -1;
        }
    }

    /// <summary>Multiplies by a power of ten and rounds to an integer, ties to even.</summary>
    private static BigInteger Scaled(double value, int power)
    {
        var bits = BitConverter.DoubleToUInt64Bits(value);
        var field = (int)(bits >> MantissaBits);
        BigInteger number = (bits & ((1UL << MantissaBits) - 1)) | (field == 0 ? 0 : 1UL << MantissaBits);
        var exponent = Math.Max(field, 1) - ExponentBias;
        var divisor = BigInteger.One;
        if (exponent >= 0) number <<= exponent;
        else divisor <<= -exponent;
        if (power >= 0) number *= BigInteger.Pow(10, power);
        else divisor *= BigInteger.Pow(10, -power);
        return Round(number, divisor);
    }

    private static BigInteger Round(BigInteger number, BigInteger divisor)
    {
        var quotient = BigInteger.DivRem(number, divisor, out var rest);
        var half = (rest * 2).CompareTo(divisor);
        return half > 0 || half == 0 && !quotient.IsEven ? quotient + 1 : quotient;
    }
}
