namespace Broker.Ptx.Arithmetic;

/// <summary>Is the integer arithmetic of PTX where it differs from that of .NET (PTX ISA 9.7.1).</summary>
internal static class IntegerMath
{
    // The result of a division by zero is unspecified; the quotient of the GPUs is all ones, the remainder the dividend.
    public static int DivideS32(int a, int b) => b == 0 ? -1 : b == -1 ? -a : a / b;

    public static uint DivideU32(uint a, uint b) => b == 0 ? uint.MaxValue : a / b;

    public static long DivideS64(long a, long b) => b == 0 ? -1 : b == -1 ? -a : a / b;

    public static ulong DivideU64(ulong a, ulong b) => b == 0 ? ulong.MaxValue : a / b;

    public static int RemainderS32(int a, int b) => b == 0 ? a : b == -1 ? 0 : a % b;

    public static uint RemainderU32(uint a, uint b) => b == 0 ? a : a % b;

    public static long RemainderS64(long a, long b) => b == 0 ? a : b == -1 ? 0 : a % b;

    public static ulong RemainderU64(ulong a, ulong b) => b == 0 ? a : a % b;

    public static int HighS32(int a, int b) => (int)((long)a * b >> 32);

    public static uint HighU32(uint a, uint b) => (uint)((ulong)a * b >> 32);

    public static long HighS64(long a, long b) => Math.BigMul(a, b, out _);

    public static ulong HighU64(ulong a, ulong b) => Math.BigMul(a, b, out _);

    public static int HighS16(int a, int b) => a * b >> 16;

    public static int HighU16(int a, int b) => (int)((uint)(a * b) >> 16);

    public static int LowS24(int a, int b) => (a << 8 >> 8) * (b << 8 >> 8);

    public static uint LowU24(uint a, uint b) => (a & 0xff_ffff) * (b & 0xff_ffff);

    public static int HighS24(int a, int b) => (int)((long)(a << 8 >> 8) * (b << 8 >> 8) >> 16);

    public static uint HighU24(uint a, uint b) => (uint)((ulong)(a & 0xff_ffff) * (b & 0xff_ffff) >> 16);

    public static int AddSaturated(int a, int b) => (int)Math.Clamp((long)a + b, int.MinValue, int.MaxValue);

    public static int SubtractSaturated(int a, int b) => (int)Math.Clamp((long)a - b, int.MinValue, int.MaxValue);

    public static int Relu(int a) => a < 0 ? 0 : a;

    public static int AddHalves(int a, int b) => Halves(a + b, (a >>> 16) + (b >>> 16));

    public static int MinS16Halves(int a, int b) => Halves(MinS32((short)a, (short)b), MinS32(a >> 16, b >> 16));

    public static int MaxS16Halves(int a, int b) => Halves(MaxS32((short)a, (short)b), MaxS32(a >> 16, b >> 16));

    public static int MinU16Halves(int a, int b) => Halves(MinS32((ushort)a, (ushort)b), MinS32(a >>> 16, b >>> 16));

    public static int MaxU16Halves(int a, int b) => Halves(MaxS32((ushort)a, (ushort)b), MaxS32(a >>> 16, b >>> 16));

    public static int ReluHalves(int a) => Halves(Relu((short)a), Relu(a >> 16));

    private static int Halves(int low, int high) => (low & 0xffff) | high << 16;

    public static int AbsS32(int a) => a < 0 ? -a : a;

    public static long AbsS64(long a) => a < 0 ? -a : a;

    public static int MinS32(int a, int b) => a < b ? a : b;

    public static uint MinU32(uint a, uint b) => a < b ? a : b;

    public static long MinS64(long a, long b) => a < b ? a : b;

    public static ulong MinU64(ulong a, ulong b) => a < b ? a : b;

    public static int MaxS32(int a, int b) => a > b ? a : b;

    public static uint MaxU32(uint a, uint b) => a > b ? a : b;

    public static long MaxS64(long a, long b) => a > b ? a : b;

    public static ulong MaxU64(ulong a, ulong b) => a > b ? a : b;

    public static int DistanceS32(int a, int b, int c) => c + (a < b ? b - a : a - b);

    public static uint DistanceU32(uint a, uint b, uint c) => c + (a < b ? b - a : a - b);

    public static long DistanceS64(long a, long b, long c) => c + (a < b ? b - a : a - b);

    public static ulong DistanceU64(ulong a, ulong b, ulong c) => c + (a < b ? b - a : a - b);

    /// <summary>Gives the carry out of a sum, for which the carry in need not be known.</summary>
    public static uint Carry32(uint a, uint b, uint sum) => ((a & b) | ((a | b) & ~sum)) >> 31;

    public static uint Carry64(ulong a, ulong b, ulong sum) => (uint)(((a & b) | ((a | b) & ~sum)) >> 63);

    public static uint Borrow32(uint a, uint b, uint difference) => ((~a & b) | ((~a | b) & difference)) >> 31;

    public static uint Borrow64(ulong a, ulong b, ulong difference) => (uint)(((~a & b) | ((~a | b) & difference)) >> 63);

    public static int DotS32S32(int a, int b, int c) => c + Dot(a, b, true, true);

    public static int DotU32U32(int a, int b, int c) => c + Dot(a, b, false, false);

    public static int DotS32U32(int a, int b, int c) => c + Dot(a, b, true, false);

    public static int DotU32S32(int a, int b, int c) => c + Dot(a, b, false, true);

    public static int PairLowS32S32(int a, int b, int c) => c + DotOfPairs(a, b, true, true);

    public static int PairLowU32U32(int a, int b, int c) => c + DotOfPairs(a, b, false, false);

    public static int PairLowS32U32(int a, int b, int c) => c + DotOfPairs(a, b, true, false);

    public static int PairLowU32S32(int a, int b, int c) => c + DotOfPairs(a, b, false, true);

    public static int PairHighS32S32(int a, int b, int c) => c + DotOfPairs(a, b >> 16, true, true);

    public static int PairHighU32U32(int a, int b, int c) => c + DotOfPairs(a, b >> 16, false, false);

    public static int PairHighS32U32(int a, int b, int c) => c + DotOfPairs(a, b >> 16, true, false);

    public static int PairHighU32S32(int a, int b, int c) => c + DotOfPairs(a, b >> 16, false, true);

    /// <summary>Clamps two integers to so many bits with a sign, the first above the second, and both below the third.</summary>
    public static int PackSigned(int a, int b, int rest, int bits) =>
        Pack(Math.Clamp(a, -1 << (bits - 1), (1 << (bits - 1)) - 1), Math.Clamp(b, -1 << (bits - 1), (1 << (bits - 1)) - 1), rest, bits);

    public static int PackUnsigned(int a, int b, int rest, int bits) =>
        Pack(Math.Clamp(a, 0, (1 << bits) - 1), Math.Clamp(b, 0, (1 << bits) - 1), rest, bits);

    private static int Pack(int a, int b, int rest, int bits)
    {
        var mask = (1 << bits) - 1;
        return (bits < 16 ? rest << (2 * bits) : 0) | (a & mask) << bits | (b & mask);
    }

    private static int Dot(int a, int b, bool signedA, bool signedB)
    {
        var sum = 0;
        for (var shift = 0; shift < 32; shift += 8)
            sum += (signedA ? (sbyte)(a >> shift) : (byte)(a >> shift)) * (signedB ? (sbyte)(b >> shift) : (byte)(b >> shift));
        return sum;
    }

    /// <summary>Multiplies two halves of a word with two bytes of another.</summary>
    private static int DotOfPairs(int a, int b, bool signedA, bool signedB)
    {
        var sum = 0;
        for (var i = 0; i < 2; i++)
            sum += (signedA ? (short)(a >> (16 * i)) : (ushort)(a >> (16 * i))) * (signedB ? (sbyte)(b >> (8 * i)) : (byte)(b >> (8 * i)));
        return sum;
    }
}
