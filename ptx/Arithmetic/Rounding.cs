namespace Broker.Ptx.Arithmetic;

/// <summary>Rounds as asked, from results that were first rounded to odd.</summary>
/// <remarks>
/// A double rounded to odd holds enough of a float result for every later rounding to be right (Boldo and Melquiond, 2008):
/// the last bit of an inexact double is set, so that it never looks like a float or like the middle of two.
/// </remarks>
internal static class Rounding
{
    public static float Zero(double odd) => odd > 0 ? Down(odd) : Up(odd);

    public static float Down(double odd)
    {
        var nearest = (float)odd;
        return nearest > odd ? MathF.BitDecrement(nearest) : nearest;
    }

    public static float Up(double odd)
    {
        var nearest = (float)odd;
        return nearest < odd ? MathF.BitIncrement(nearest) : nearest;
    }

    public static double AddOdd(double a, double b)
    {
        var sum = a + b;
        if (!double.IsFinite(sum)) return sum;
        var rest = sum - a;
        var error = (a - (sum - rest)) + (b - rest);
        return Odd(sum, error);
    }

    public static double DivideOdd(double a, double b)
    {
        var quotient = a / b;
        if (!double.IsFinite(quotient) || quotient == 0 || !double.IsFinite(b)) return quotient;
        var rest = Math.FusedMultiplyAdd(-quotient, b, a);
        return Odd(quotient, rest * Math.Sign(b));
    }

    public static double SquareRootOdd(double a)
    {
        var root = Math.Sqrt(a);
        return double.IsFinite(root) ? Odd(root, Math.FusedMultiplyAdd(-root, root, a)) : root;
    }

    /// <summary>Makes the last bit of an inexact result odd, stepping towards the error where it must.</summary>
    private static double Odd(double value, double error)
    {
        if (error == 0 || (BitConverter.DoubleToInt64Bits(value) & 1) != 0) return value;
        return error > 0 ? Math.BitIncrement(value) : Math.BitDecrement(value);
    }

    /// <summary>Rounds the sum of two equal magnitudes of opposite sign: -0 when rounding down, else +0.</summary>
    public static double AddOddDown(double a, double b)
    {
        var sum = AddOdd(a, b);
        return sum == 0 && (double.IsNegative(a) || double.IsNegative(b)) ? -0.0 : sum;
    }
}
