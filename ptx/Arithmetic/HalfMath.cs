namespace Broker.Ptx.Arithmetic;

/// <summary>Is arithmetic on f16 numbers, which the engine holds as their bits (PTX ISA 9.7.4).</summary>
internal static class HalfMath
{
    public const int CanonicalNaN = 0x7fff;

    private const int One = 0x3c00, Infinity = 0x7c00;

    public static float ToF32(int a) => (float)Value(a);

    public static double ToF64(int a) => (double)Value(a);

    public static int FromF32(float a) => Bits((Half)a);

    public static int FromF64(double a) => Bits((Half)a);

    public static int FromF64Zero(double a) => NarrowFormat.Half.Round(a, RoundingMode.Zero);

    public static int FromF64Down(double a) => NarrowFormat.Half.Round(a, RoundingMode.Down);

    public static int FromF64Up(double a) => NarrowFormat.Half.Round(a, RoundingMode.Up);

    // A float holds sums and products of halves well enough that rounding twice is rounding once (Figueroa, 1995).
    public static int Add(int a, int b) => FromF32(ToF32(a) + ToF32(b));

    public static int Subtract(int a, int b) => FromF32(ToF32(a) - ToF32(b));

    public static int Multiply(int a, int b) => FromF32(ToF32(a) * ToF32(b));

    // The exact sum may need more bits than a double has, so it is rounded to odd on the way.
    public static int Fma(int a, int b, int c) => FromF64(Rounding.AddOdd(ToF64(a) * ToF64(b), ToF64(c)));

    public static int Abs(int a) => a & 0x7fff;

    public static int Negate(int a) => a ^ 0x8000;

    public static int Flush(int a) => (a & Infinity) == 0 ? a & 0x8000 : a;

    // NaN becomes +0.
    public static int Saturate(int a) => a is > 0 and <= Infinity ? Math.Min(a, One) : 0;

    /// <summary>Gives +0 for what is below it, and one NaN for all.</summary>
    public static int Relu(int a) => IsNaN(a) ? CanonicalNaN : (a & 0x8000) != 0 ? 0 : a;

    public static int SaturateFinite(int a) => (a & 0x7fff) == Infinity ? a - 1 : a;

    public static int Min(int a, int b) => IsNaN(a) || IsNaN(b) ? OtherThanNaN(a, b) : Order(a) < Order(b) ? a : b;

    public static int Max(int a, int b) => IsNaN(a) || IsNaN(b) ? OtherThanNaN(a, b) : Order(a) > Order(b) ? a : b;

    public static int MinNaN(int a, int b) => IsNaN(a) || IsNaN(b) ? CanonicalNaN : Min(a, b);

    public static int MaxNaN(int a, int b) => IsNaN(a) || IsNaN(b) ? CanonicalNaN : Max(a, b);

    public static int MinXorSign(int a, int b) => XorSign(a, b, Min(Abs(a), Abs(b)));

    public static int MaxXorSign(int a, int b) => XorSign(a, b, Max(Abs(a), Abs(b)));

    public static int MinNaNXorSign(int a, int b) => XorSign(a, b, MinNaN(Abs(a), Abs(b)));

    public static int MaxNaNXorSign(int a, int b) => XorSign(a, b, MaxNaN(Abs(a), Abs(b)));

    public static int Exponential2(int a) => FromF64(Math.Pow(2, ToF64(a)));

    public static int HyperbolicTangent(int a) => FromF64(Math.Tanh(ToF64(a)));

    public static bool IsNaN(int a) => (a & 0x7fff) > Infinity;

    /// <summary>Orders the numbers of a format of 16 bits by their bits: -0 is less than +0.</summary>
    public static int Order(int a) => (a & 0x8000) != 0 ? ~(a & 0x7fff) : a;

    public static int XorSign(int a, int b, int magnitude) =>
        magnitude == CanonicalNaN ? magnitude : (magnitude & 0x7fff) | ((a ^ b) & 0x8000);

    private static int OtherThanNaN(int a, int b) => !IsNaN(a) ? a : !IsNaN(b) ? b : CanonicalNaN;

    private static Half Value(int a) => BitConverter.UInt16BitsToHalf((ushort)a);

    private static int Bits(Half a) => Half.IsNaN(a) ? CanonicalNaN : BitConverter.HalfToUInt16Bits(a);
}
