namespace Broker.Ptx.Arithmetic;

/// <summary>Is what atomic instructions put in place of the old value (PTX ISA 9.7.13).</summary>
internal static unsafe class AtomicMath
{
    public static uint Increment(uint old, uint bound) => old >= bound ? 0 : old + 1;

    public static uint Decrement(uint old, uint bound) => old == 0 || old > bound ? bound : old - 1;

    public static int AddF32(int old, int value) =>
        BitConverter.SingleToInt32Bits(RealMath.Canonical(BitConverter.Int32BitsToSingle(old) + BitConverter.Int32BitsToSingle(value)));

    public static long AddF64(long old, long value) =>
        BitConverter.DoubleToInt64Bits(RealMath.Canonical(BitConverter.Int64BitsToDouble(old) + BitConverter.Int64BitsToDouble(value)));

    public static int AddHalves(int old, int value) =>
        HalfMath.Add(old & 0xffff, value & 0xffff) | HalfMath.Add(old >>> 16, value >>> 16) << 16;

    public static int AddBrains(int old, int value) =>
        BrainMath.Add(old & 0xffff, value & 0xffff) | BrainMath.Add(old >>> 16, value >>> 16) << 16;

    public static int MinHalves(int old, int value) =>
        HalfMath.Min(old & 0xffff, value & 0xffff) | HalfMath.Min(old >>> 16, value >>> 16) << 16;

    public static int MaxHalves(int old, int value) =>
        HalfMath.Max(old & 0xffff, value & 0xffff) | HalfMath.Max(old >>> 16, value >>> 16) << 16;

    public static int MinBrains(int old, int value) =>
        BrainMath.Min(old & 0xffff, value & 0xffff) | BrainMath.Min(old >>> 16, value >>> 16) << 16;

    public static int MaxBrains(int old, int value) =>
        BrainMath.Max(old & 0xffff, value & 0xffff) | BrainMath.Max(old >>> 16, value >>> 16) << 16;

    public static int FetchAdd32(int* place, int value) => Interlocked.Add(ref *place, value) - value;

    public static long FetchAdd64(long* place, long value) => Interlocked.Add(ref *place, value) - value;

    public static int Exchange32(int* place, int value) => Interlocked.Exchange(ref *place, value);

    public static long Exchange64(long* place, long value) => Interlocked.Exchange(ref *place, value);

    public static int CompareExchange16(ushort* place, int value, int expected) =>
        Interlocked.CompareExchange(ref *place, (ushort)value, (ushort)expected);

    public static int CompareExchange32(int* place, int value, int expected) => Interlocked.CompareExchange(ref *place, value, expected);

    public static long CompareExchange64(long* place, long value, long expected) => Interlocked.CompareExchange(ref *place, value, expected);
}
