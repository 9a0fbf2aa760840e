namespace Broker.Ptx.Arithmetic;

/// <summary>Is the conversion to and from the formats that only tensor cores compute with (PTX ISA 5.2.3).</summary>
internal static class TensorMath
{
    // A tf32 stands at the top of its register.
    private const int TensorShift = 13, TensorInfinity = 0x7f80_0000;

    public static int ToTensorNearest(float a) => ToTensor(a, RoundingMode.Nearest);

    public static int ToTensorZero(float a) => ToTensor(a, RoundingMode.Zero);

    public static int ToTensorAway(float a) => ToTensor(a, RoundingMode.NearestAway);

    public static int SaturateFinite(int a) => (a & int.MaxValue) == TensorInfinity ? a - (1 << TensorShift) : a;

    public static int Relu(int a) => a < 0 ? 0 : a;

    public static int ToE4M3(float a) => ToByte(a, NarrowFormat.E4M3);

    public static int ToE5M2(float a) => ToByte(a, NarrowFormat.E5M2);

    // NaN has no sign here, and stays.
    public static int ToE4M3Relu(float a) => a <= 0 ? 0 : ToE4M3(a);

    public static int ToE5M2Relu(float a) => a <= 0 ? 0 : ToE5M2(a);

    public static int HalfFromE4M3(int a) => HalfMath.FromF64(NarrowFormat.E4M3.Value(a));

    public static int HalfFromE5M2(int a) => HalfMath.FromF64(NarrowFormat.E5M2.Value(a));

    private static int ToTensor(float a, RoundingMode mode) =>
        float.IsNaN(a) ? RealMath.CanonicalNaN32 : NarrowFormat.Tensor.Round(a, mode) << TensorShift;

    /// <summary>Rounds to the nearest; what is out of range becomes the largest number.</summary>
    private static int ToByte(float a, NarrowFormat format)
    {
        if (float.IsNaN(a)) return format.NaN;
        var largest = format.Largest | (float.IsNegative(a) ? 0x80 : 0);
        if (float.IsInfinity(a)) return largest;
        var bits = format.Round(a, RoundingMode.Nearest);
        return (bits & 0x7f) > format.Largest ? largest : bits;
    }
}
