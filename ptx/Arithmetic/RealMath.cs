namespace Broker.Ptx.Arithmetic;

/// <summary>Is the floating-point arithmetic of PTX where it differs from that of .NET (PTX ISA 9.7.3).</summary>
/// <remarks>
/// Approximate instructions have a simple model: the exact result in double precision, rounded to float. That is within
/// every bound that the ISA states, and it is not what a GPU gives, bit for bit.
/// </remarks>
internal static class RealMath
{
    public const int CanonicalNaN32 = 0x7fff_ffff;
    public const long CanonicalNaN64 = 0x7fff_ffff_ffff_ffff;

    public static float Canonical(float a) => float.IsNaN(a) ? BitConverter.Int32BitsToSingle(CanonicalNaN32) : a;

    public static double Canonical(double a) => double.IsNaN(a) ? BitConverter.Int64BitsToDouble(CanonicalNaN64) : a;

    public static float CanonicalF32(float a) => Canonical(a);

    public static double CanonicalF64(double a) => Canonical(a);

    /// <summary>Gives zero of the same sign for a subnormal number.</summary>
    public static float Flush(float a)
    {
        var bits = BitConverter.SingleToInt32Bits(a);
        return (bits & 0x7f80_0000) == 0 ? BitConverter.Int32BitsToSingle(bits & int.MinValue) : a;
    }

    // NaN becomes +0.
    public static float Saturate(float a) => a > 0 ? (a < 1 ? a : 1) : 0;

    public static double SaturateF64(double a) => a > 0 ? (a < 1 ? a : 1) : 0;

    public static float Fma(float a, float b, float c) => MathF.FusedMultiplyAdd(a, b, c);

    public static double FmaF64(double a, double b, double c) => Math.FusedMultiplyAdd(a, b, c);

    public static float AddZero(float a, float b) => Rounding.Zero(Rounding.AddOdd(a, b));

    public static float AddDown(float a, float b) => Rounding.Down(Rounding.AddOddDown(a, b));

    public static float AddUp(float a, float b) => Rounding.Up(Rounding.AddOdd(a, b));

    public static float SubtractZero(float a, float b) => AddZero(a, -b);

    public static float SubtractDown(float a, float b) => AddDown(a, -b);

    public static float SubtractUp(float a, float b) => AddUp(a, -b);

    // The product of two floats is exact as a double.
    public static float MultiplyZero(float a, float b) => Rounding.Zero((double)a * b);

    public static float MultiplyDown(float a, float b) => Rounding.Down((double)a * b);

    public static float MultiplyUp(float a, float b) => Rounding.Up((double)a * b);

    public static float FmaZero(float a, float b, float c) => Rounding.Zero(Rounding.AddOdd((double)a * b, c));

    public static float FmaDown(float a, float b, float c) => Rounding.Down(Rounding.AddOddDown((double)a * b, c));

    public static float FmaUp(float a, float b, float c) => Rounding.Up(Rounding.AddOdd((double)a * b, c));

    public static float DivideZero(float a, float b) => Rounding.Zero(Rounding.DivideOdd(a, b));

    public static float DivideDown(float a, float b) => Rounding.Down(Rounding.DivideOdd(a, b));

    public static float DivideUp(float a, float b) => Rounding.Up(Rounding.DivideOdd(a, b));

    public static float Reciprocal(float a) => 1 / a;

    public static double ReciprocalF64(double a) => 1 / a;

    public static float ReciprocalZero(float a) => DivideZero(1, a);

    public static float ReciprocalDown(float a) => DivideDown(1, a);

    public static float ReciprocalUp(float a) => DivideUp(1, a);

    public static float SquareRoot(float a) => MathF.Sqrt(a);

    public static double SquareRootF64(double a) => Math.Sqrt(a);

    public static float SquareRootZero(float a) => Rounding.Zero(Rounding.SquareRootOdd(a));

    public static float SquareRootDown(float a) => Rounding.Down(Rounding.SquareRootOdd(a));

    public static float SquareRootUp(float a) => Rounding.Up(Rounding.SquareRootOdd(a));

    /// <summary>Divides as <c>div.approx</c> does where it is not a division: by what is above 2^126 (PTX ISA 9.7.3.8).</summary>
    public static float DivideApproximately(float a, float b)
    {
        const float Limit = 8.507059e37f;
        if (!(MathF.Abs(b) > Limit) || float.IsInfinity(b)) return a / b;
        return float.IsInfinity(a) ? float.NaN : a * MathF.CopySign(0, b);
    }

    // Only the upper half of the operand counts, and the lower half of the result is zero (PTX ISA 9.7.3.14).
    public static double ReciprocalOfUpperHalf(double a) => UpperHalf(1 / UpperHalf(a));

    public static double ReciprocalSquareRootOfUpperHalf(double a) => UpperHalf(1 / Math.Sqrt(UpperHalf(a)));

    public static float ReciprocalSquareRoot(float a) => (float)(1 / Math.Sqrt(a));

    public static double ReciprocalSquareRootF64(double a) => 1 / Math.Sqrt(a);

    public static float Sine(float a) => (float)Math.Sin(a);

    public static float Cosine(float a) => (float)Math.Cos(a);

    public static float HyperbolicTangent(float a) => (float)Math.Tanh(a);

    public static float Exponential2(float a) => (float)Math.Pow(2, a);

    public static float Logarithm2(float a) => (float)Math.Log2(a);

    // One NaN gives the other operand, and -0 is less than +0.
    public static float Min(float a, float b) => a < b ? a : b < a ? b : MinOfEqual(a, b);

    public static float Max(float a, float b) => a > b ? a : b > a ? b : MaxOfEqual(a, b);

    public static double MinF64(double a, double b) => double.MinNumber(a, b);

    public static double MaxF64(double a, double b) => double.MaxNumber(a, b);

    public static float MinNaN(float a, float b) => MathF.Min(a, b);

    public static float MaxNaN(float a, float b) => MathF.Max(a, b);

    /// <summary>Gives a number that is not NaN the sign in which two others differ.</summary>
    public static float XorSign(float a, float b, float c)
    {
        if (float.IsNaN(a)) return a;
        var sign = (BitConverter.SingleToInt32Bits(b) ^ BitConverter.SingleToInt32Bits(c)) & int.MinValue;
        return BitConverter.Int32BitsToSingle((BitConverter.SingleToInt32Bits(a) & int.MaxValue) | sign);
    }

    public static float CopySign(float sign, float magnitude) => MathF.CopySign(magnitude, sign);

    public static double CopySignF64(double sign, double magnitude) => Math.CopySign(magnitude, sign);

    /// <summary>Clears the lower half of a number, and flushes it where it is subnormal.</summary>
    private static double UpperHalf(double a)
    {
        if (double.IsNaN(a)) return a;
        var bits = BitConverter.DoubleToInt64Bits(a) & ~(long)uint.MaxValue;
        return BitConverter.Int64BitsToDouble((bits & 0x7ff0_0000_0000_0000) == 0 ? bits & long.MinValue : bits);
    }

    private static float MinOfEqual(float a, float b) => float.MinNumber(a, b);

    private static float MaxOfEqual(float a, float b) => float.MaxNumber(a, b);
}
