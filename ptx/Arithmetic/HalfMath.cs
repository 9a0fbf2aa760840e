namespace Broker.Ptx.Arithmetic;

/// <summary>Is arithmetic on half-precision numbers, which the engine holds as their bits (PTX ISA 9.7.4).</summary>
internal static class HalfMath
{
    private const int CanonicalNaN = 0x7fff;

    public static float ToF32(int a) => (float)Value(a);

    public static double ToF64(int a) => (double)Value(a);

    public static int FromF32(float a) => Bits((Half)a);

    public static int FromF64(double a) => Bits((Half)a);

    // A float holds sums and products of halves well enough that rounding twice is rounding once (Figueroa, 1995).
    public static int Add(int a, int b) => FromF32(ToF32(a) + ToF32(b));

    public static int Subtract(int a, int b) => FromF32(ToF32(a) - ToF32(b));

    public static int Multiply(int a, int b) => FromF32(ToF32(a) * ToF32(b));

    // The exact sum may need more bits than a double has, so it is rounded to odd on the way.
    public static int Fma(int a, int b, int c) => FromF64(Rounding.AddOdd(ToF64(a) * ToF64(b), ToF64(c)));

    public static int Abs(int a) => a & 0x7fff;

    public static int Negate(int a) => a ^ 0x8000;

    public static float BrainToF32(int a) => BitConverter.Int32BitsToSingle(a << 16);

    public static int BrainFromF32(float a)
    {
        if (float.IsNaN(a)) return CanonicalNaN;
        var bits = BitConverter.SingleToUInt32Bits(a);
        return (int)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
    }

    private static Half Value(int a) => BitConverter.UInt16BitsToHalf((ushort)a);

    private static int Bits(Half a) => Half.IsNaN(a) ? CanonicalNaN : BitConverter.HalfToUInt16Bits(a);
}
