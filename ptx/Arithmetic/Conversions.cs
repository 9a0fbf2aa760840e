using System.Numerics;

namespace Broker.Ptx.Arithmetic;

/// <summary>Is the conversion between numbers of different types (PTX ISA 9.7.9.21).</summary>
/// <remarks>
/// To an integer, numbers out of range saturate; NaN gives 0, but only its top bit set where the source is f64 or the target has
/// 64 bits. The casts of .NET saturate too, and give 0 for NaN.
/// </remarks>
internal static class Conversions
{
    public static float RoundEven(float a) => MathF.Round(a);

    public static float Truncate(float a) => MathF.Truncate(a);

    public static float Floor(float a) => MathF.Floor(a);

    public static float Ceiling(float a) => MathF.Ceiling(a);

    public static double RoundEvenF64(double a) => Math.Round(a);

    public static double TruncateF64(double a) => Math.Truncate(a);

    public static double FloorF64(double a) => Math.Floor(a);

    public static double CeilingF64(double a) => Math.Ceiling(a);

    public static int F32ToS32(float a) => (int)a;

    public static uint F32ToU32(float a) => (uint)a;

    public static long F32ToS64(float a) => float.IsNaN(a) ? long.MinValue : (long)a;

    public static ulong F32ToU64(float a) => float.IsNaN(a) ? 1ul << 63 : (ulong)a;

    public static int F64ToS32(double a) => double.IsNaN(a) ? int.MinValue : (int)a;

    public static uint F64ToU32(double a) => double.IsNaN(a) ? 1u << 31 : (uint)a;

    public static long F64ToS64(double a) => double.IsNaN(a) ? long.MinValue : (long)a;

    public static ulong F64ToU64(double a) => double.IsNaN(a) ? 1ul << 63 : (ulong)a;

    public static int F32ToS16(float a) => Math.Clamp((int)a, short.MinValue, short.MaxValue);

    public static int F32ToU16(float a) => Math.Clamp((int)a, 0, ushort.MaxValue);

    public static int F32ToS8(float a) => Math.Clamp((int)a, sbyte.MinValue, sbyte.MaxValue);

    public static int F32ToU8(float a) => Math.Clamp((int)a, 0, byte.MaxValue);

    public static int F64ToS16(double a) => double.IsNaN(a) ? short.MinValue : Math.Clamp((int)a, short.MinValue, short.MaxValue);

    public static int F64ToU16(double a) => double.IsNaN(a) ? 1 << 15 : Math.Clamp((int)a, 0, ushort.MaxValue);

    public static int F64ToS8(double a) => double.IsNaN(a) ? sbyte.MinValue : Math.Clamp((int)a, sbyte.MinValue, sbyte.MaxValue);

    public static int F64ToU8(double a) => double.IsNaN(a) ? 1 << 7 : Math.Clamp((int)a, 0, byte.MaxValue);

    public static float S32ToF32(int a) => a;

    public static float U32ToF32(uint a) => (long)a;

    public static float S64ToF32(long a) => a;

    public static float U64ToF32(ulong a) => (long)a >= 0 ? (long)a : 2 * (float)(long)(a >> 1 | a & 1);

    public static double S32ToF64(int a) => a;

    public static double U32ToF64(uint a) => a;

    public static double S64ToF64(long a) => a;

    public static double U64ToF64(ulong a) => (long)a >= 0 ? (long)a : 2 * (double)(long)(a >> 1 | a & 1);

    // With the last bit set where bits were cut off, what is rounded again is rounded once.
    public static double S64ToOdd(long a) => a < 0 ? -U64ToOdd((ulong)-a) : U64ToOdd((ulong)a);

    public static double U64ToOdd(ulong a)
    {
        var shift = Math.Max(64 - BitOperations.LeadingZeroCount(a) - 53, 0);
        var kept = a >> shift;
        return Math.ScaleB((double)(kept << shift == a ? kept : kept | 1), shift);
    }

    public static float S64ToF32Zero(long a) => (float)Narrow(a, 24, false, false);

    public static float S64ToF32Down(long a) => (float)Narrow(a, 24, true, false);

    public static float S64ToF32Up(long a) => (float)Narrow(a, 24, false, true);

    public static double S64ToF64Zero(long a) => Narrow(a, 53, false, false);

    public static double S64ToF64Down(long a) => Narrow(a, 53, true, false);

    public static double S64ToF64Up(long a) => Narrow(a, 53, false, true);

    // Rounding down and to zero are the same for what has no sign.
    public static float U64ToF32Zero(ulong a) => (float)Cut(a, 24, false);

    public static float U64ToF32Up(ulong a) => (float)Cut(a, 24, true);

    public static double U64ToF64Zero(ulong a) => Cut(a, 53, false);

    public static double U64ToF64Up(ulong a) => Cut(a, 53, true);

    public static int ClampToS8(long a) => (int)Math.Clamp(a, sbyte.MinValue, sbyte.MaxValue);

    public static int ClampToU8(long a) => (int)Math.Clamp(a, 0, byte.MaxValue);

    public static int ClampToS16(long a) => (int)Math.Clamp(a, short.MinValue, short.MaxValue);

    public static int ClampToU16(long a) => (int)Math.Clamp(a, 0, ushort.MaxValue);

    public static int ClampToS32(long a) => (int)Math.Clamp(a, int.MinValue, int.MaxValue);

    public static uint ClampToU32(long a) => (uint)Math.Clamp(a, 0, uint.MaxValue);

    public static ulong ClampToU64(long a) => (ulong)Math.Max(a, 0);

    public static long ClampUnsigned(ulong a) => (long)Math.Min(a, long.MaxValue);

    private static double Narrow(long a, int bits, bool down, bool up) =>
        a < 0 ? -Cut((ulong)-a, bits, down) : Cut((ulong)a, bits, up);

    /// <summary>Gives the number with its first bits kept, one more in the last of them where that is asked.</summary>
    private static double Cut(ulong a, int bits, bool away)
    {
        var shift = Math.Max(64 - BitOperations.LeadingZeroCount(a) - bits, 0);
        var kept = a >> shift;
        if (away && kept << shift != a) kept++;
        return Math.ScaleB((double)kept, shift);
    }
}
