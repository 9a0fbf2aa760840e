namespace Broker.Ptx.Arithmetic;

/// <summary>Is arithmetic on bf16 numbers, the upper halves of floats, which the engine holds as their bits (PTX ISA 9.7.4).</summary>
internal static class BrainMath
{
    private const int CanonicalNaN = HalfMath.CanonicalNaN, Infinity = 0x7f80;

    public static float ToF32(int a) => BitConverter.Int32BitsToSingle(a << 16);

    public static double ToF64(int a) => ToF32(a);

    public static int FromF32(float a)
    {
        if (float.IsNaN(a)) return CanonicalNaN;
        var bits = BitConverter.SingleToUInt32Bits(a);
        return (int)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
    }

    public static int FromF64(double a) => NarrowFormat.Brain.Round(a, RoundingMode.Nearest);

    public static int FromF64Zero(double a) => NarrowFormat.Brain.Round(a, RoundingMode.Zero);

    public static int FromF64Down(double a) => NarrowFormat.Brain.Round(a, RoundingMode.Down);

    public static int FromF64Up(double a) => NarrowFormat.Brain.Round(a, RoundingMode.Up);

    // A float holds sums of these well enough that rounding twice is rounding once (Figueroa, 1995).
    public static int Add(int a, int b) => FromF32(ToF32(a) + ToF32(b));

    public static int Subtract(int a, int b) => FromF32(ToF32(a) - ToF32(b));

    // Small products leave the range of a float, which has no more exponents than bf16; a double holds every product.
    public static int Multiply(int a, int b) => FromF64(ToF64(a) * ToF64(b));

    public static int Fma(int a, int b, int c) => FromF64(Rounding.AddOdd(ToF64(a) * ToF64(b), ToF64(c)));

    public static int Flush(int a) => (a & Infinity) == 0 ? a & 0x8000 : a;

    public static int Relu(int a) => IsNaN(a) ? CanonicalNaN : (a & 0x8000) != 0 ? 0 : a;

    public static int SaturateFinite(int a) => (a & 0x7fff) == Infinity ? a - 1 : a;

    public static int Min(int a, int b) => IsNaN(a) || IsNaN(b) ? OtherThanNaN(a, b) : HalfMath.Order(a) < HalfMath.Order(b) ? a : b;

    public static int Max(int a, int b) => IsNaN(a) || IsNaN(b) ? OtherThanNaN(a, b) : HalfMath.Order(a) > HalfMath.Order(b) ? a : b;

    public static int MinNaN(int a, int b) => IsNaN(a) || IsNaN(b) ? CanonicalNaN : Min(a, b);

    public static int MaxNaN(int a, int b) => IsNaN(a) || IsNaN(b) ? CanonicalNaN : Max(a, b);

    public static int MinXorSign(int a, int b) => HalfMath.XorSign(a, b, Min(HalfMath.Abs(a), HalfMath.Abs(b)));

    public static int MaxXorSign(int a, int b) => HalfMath.XorSign(a, b, Max(HalfMath.Abs(a), HalfMath.Abs(b)));

    public static int MinNaNXorSign(int a, int b) => HalfMath.XorSign(a, b, MinNaN(HalfMath.Abs(a), HalfMath.Abs(b)));

    public static int MaxNaNXorSign(int a, int b) => HalfMath.XorSign(a, b, MaxNaN(HalfMath.Abs(a), HalfMath.Abs(b)));

    public static int Exponential2(int a) => Flush(FromF64(Math.Pow(2, ToF64(Flush(a)))));

    public static int HyperbolicTangent(int a) => FromF64(Math.Tanh(ToF64(a)));

    private static bool IsNaN(int a) => (a & 0x7fff) > Infinity;

    private static int OtherThanNaN(int a, int b) => !IsNaN(a) ? a : !IsNaN(b) ? b : CanonicalNaN;
}
