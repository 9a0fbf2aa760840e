namespace Broker.Ptx.Arithmetic;

/// <summary>Is f64 arithmetic in the directed rounding modes, for which .NET has nothing: it is done on integers (PTX ISA 9.7.3).</summary>
internal static class DirectedF64
{
    public static double AddZero(double a, double b) => Fma(a, 1, b, RoundingMode.Zero);

    public static double AddDown(double a, double b) => Fma(a, 1, b, RoundingMode.Down);

    public static double AddUp(double a, double b) => Fma(a, 1, b, RoundingMode.Up);

    public static double SubtractZero(double a, double b) => AddZero(a, -b);

    public static double SubtractDown(double a, double b) => AddDown(a, -b);

    public static double SubtractUp(double a, double b) => AddUp(a, -b);

    public static double MultiplyZero(double a, double b) => Multiply(a, b, RoundingMode.Zero);

    public static double MultiplyDown(double a, double b) => Multiply(a, b, RoundingMode.Down);

    public static double MultiplyUp(double a, double b) => Multiply(a, b, RoundingMode.Up);

    public static double FmaZero(double a, double b, double c) => Fma(a, b, c, RoundingMode.Zero);

    public static double FmaDown(double a, double b, double c) => Fma(a, b, c, RoundingMode.Down);

    public static double FmaUp(double a, double b, double c) => Fma(a, b, c, RoundingMode.Up);

    public static double DivideZero(double a, double b) => Divide(a, b, RoundingMode.Zero);

    public static double DivideDown(double a, double b) => Divide(a, b, RoundingMode.Down);

    public static double DivideUp(double a, double b) => Divide(a, b, RoundingMode.Up);

    public static double ReciprocalZero(double a) => DivideZero(1, a);

    public static double ReciprocalDown(double a) => DivideDown(1, a);

    public static double ReciprocalUp(double a) => DivideUp(1, a);

    public static double SquareRootZero(double a) => SquareRoot(a, RoundingMode.Zero);

    public static double SquareRootDown(double a) => SquareRoot(a, RoundingMode.Down);

    public static double SquareRootUp(double a) => SquareRoot(a, RoundingMode.Up);

    private static double Multiply(double a, double b, RoundingMode mode) =>
        IsOrdinary(a) && IsOrdinary(b) ? Product(a, b).Round(mode) : a * b;

    private static double Fma(double a, double b, double c, RoundingMode mode)
    {
        if (!double.IsFinite(a) || !double.IsFinite(b) || !double.IsFinite(c)) return Math.FusedMultiplyAdd(a, b, c);
        if (a == 0 || b == 0)
        {
            // The product is a zero with a sign; of two zeros that differ the sum is -0 only when rounding down.
            var zero = a * b;
            return c != 0 ? c : double.IsNegative(zero) == double.IsNegative(c) ? c : mode == RoundingMode.Down ? -0.0 : 0.0;
        }

        return (c == 0 ? Product(a, b) : WideReal.Add(Product(a, b), WideReal.Of(c), mode)).Round(mode);
    }

    private static WideReal Product(double a, double b)
    {
        var (x, y) = (WideReal.Of(a), WideReal.Of(b));
        return new WideReal(x.Negative != y.Negative, x.Significand * y.Significand, x.Exponent + y.Exponent, false);
    }

    private static double Divide(double a, double b, RoundingMode mode)
    {
        if (!IsOrdinary(a) || !IsOrdinary(b)) return a / b;
        var (x, y) = (WideReal.Of(a).Shifted(WideReal.Bits - 1), WideReal.Of(b));
        var (quotient, rest) = UInt128.DivRem(x.Significand, y.Significand);
        return new WideReal(x.Negative != y.Negative, quotient, x.Exponent - y.Exponent, rest != 0).Round(mode);
    }

    private static double SquareRoot(double a, RoundingMode mode)
    {
        if (!IsOrdinary(a) || a < 0) return Math.Sqrt(a);
        var x = WideReal.Of(a).Shifted(WideReal.Bits - 2);
        if ((x.Exponent & 1) != 0) x = new WideReal(false, x.Significand << 1, x.Exponent - 1, false);
        // The double is right to 53 bits, so that one step of Newton's is right to the last or next to it.
        var root = (UInt128)Math.Sqrt((double)x.Significand);
        root = (root + x.Significand / root) >> 1;
        while (root * root > x.Significand) root--;
        while ((root + 1) * (root + 1) <= x.Significand) root++;
        return new WideReal(false, root, x.Exponent / 2, root * root != x.Significand).Round(mode);
    }

    private static bool IsOrdinary(double a) => double.IsFinite(a) && a != 0;
}
