using System.Numerics;

namespace Broker.Ptx.Arithmetic;

/// <summary>Is the bit manipulation of PTX (PTX ISA 9.7.1 and 9.7.8): shifts clamp where those of .NET wrap.</summary>
internal static class BitMath
{
    public static int ShiftLeft16(int a, uint count) => count > 15 ? 0 : a << (int)count;

    public static int ShiftLeft32(int a, uint count) => count > 31 ? 0 : a << (int)count;

    public static long ShiftLeft64(long a, uint count) => count > 63 ? 0 : a << (int)count;

    public static int ShiftRightU16(int a, uint count) => count > 15 ? 0 : a >> (int)count;

    public static uint ShiftRightU32(uint a, uint count) => count > 31 ? 0 : a >> (int)count;

    public static ulong ShiftRightU64(ulong a, uint count) => count > 63 ? 0 : a >> (int)count;

    public static int ShiftRightS32(int a, uint count) => a >> (int)Math.Min(count, 31);

    public static long ShiftRightS64(long a, uint count) => a >> (int)Math.Min(count, 63);

    // A funnel shift by 32 gives the other word whole; the shifts of 64 bits below do that by themselves.
    public static uint FunnelLeftClamp(uint low, uint high, uint count) => (uint)((Join(low, high) << (int)Math.Min(count, 32)) >> 32);

    public static uint FunnelLeftWrap(uint low, uint high, uint count) => (uint)((Join(low, high) << (int)(count & 31)) >> 32);

    public static uint FunnelRightClamp(uint low, uint high, uint count) => (uint)(Join(low, high) >> (int)Math.Min(count, 32));

    public static uint FunnelRightWrap(uint low, uint high, uint count) => (uint)(Join(low, high) >> (int)(count & 31));

    public static uint ExtractU32(uint a, uint start, uint length)
    {
        start &= 0xff;
        length &= 0xff;
        return start > 31 ? 0 : a >> (int)start & Mask32(length);
    }

    public static ulong ExtractU64(ulong a, uint start, uint length)
    {
        start &= 0xff;
        length &= 0xff;
        return start > 63 ? 0 : a >> (int)start & Mask64(length);
    }

    public static int ExtractS32(int a, uint start, uint length) => (int)ExtractSigned(a, start & 0xff, length & 0xff, 31);

    public static long ExtractS64(long a, uint start, uint length) => ExtractSigned(a, start & 0xff, length & 0xff, 63);

    /// <summary>Puts the low bits of <paramref name="a"/> into a field of <paramref name="b"/>.</summary>
    public static uint Insert32(uint a, uint b, uint start, uint length)
    {
        start &= 0xff;
        if (start > 31) return b;
        var mask = Mask32(length & 0xff) << (int)start;
        return (b & ~mask) | (a << (int)start & mask);
    }

    public static ulong Insert64(ulong a, ulong b, uint start, uint length)
    {
        start &= 0xff;
        if (start > 63) return b;
        var mask = Mask64(length & 0xff) << (int)start;
        return (b & ~mask) | (a << (int)start & mask);
    }

    public static uint Reverse32(uint a)
    {
        a = (a >> 1 & 0x5555_5555) | (a & 0x5555_5555) << 1;
        a = (a >> 2 & 0x3333_3333) | (a & 0x3333_3333) << 2;
        a = (a >> 4 & 0x0f0f_0f0f) | (a & 0x0f0f_0f0f) << 4;
        return System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(a);
    }

    public static ulong Reverse64(ulong a) => (ulong)Reverse32((uint)a) << 32 | Reverse32((uint)(a >> 32));

    public static int LeadingZeros32(uint a) => BitOperations.LeadingZeroCount(a);

    public static int LeadingZeros64(ulong a) => BitOperations.LeadingZeroCount(a);

    public static int Population32(uint a) => BitOperations.PopCount(a);

    public static int Population64(ulong a) => BitOperations.PopCount(a);

    // bfind counts from bit 0 and gives all ones where there is no such bit; a negative number is searched for a zero.
    public static int FindU32(uint a) => 31 - BitOperations.LeadingZeroCount(a);

    public static int FindU64(ulong a) => 63 - BitOperations.LeadingZeroCount(a);

    public static int FindS32(int a) => FindU32((uint)(a ^ a >> 31));

    public static int FindS64(long a) => FindU64((ulong)(a ^ a >> 63));

    public static int FindShiftU32(uint a) => a == 0 ? -1 : BitOperations.LeadingZeroCount(a);

    public static int FindShiftU64(ulong a) => a == 0 ? -1 : BitOperations.LeadingZeroCount(a);

    public static int FindShiftS32(int a) => FindShiftU32((uint)(a ^ a >> 31));

    public static int FindShiftS64(long a) => FindShiftU64((ulong)(a ^ a >> 63));

    /// <summary>Sets so many bits from a position on; what is past the top is lost.</summary>
    public static uint MaskClamp(uint start, uint width) => start > 31 ? 0 : Mask32(width) << (int)start;

    public static uint MaskWrap(uint start, uint width) => MaskClamp(start & 31, width & 31);

    public static uint ExtendU32Clamp(uint a, uint width) => a & Mask32(width);

    public static uint ExtendU32Wrap(uint a, uint width) => a & Mask32(width & 31);

    public static int ExtendS32Clamp(int a, uint width) => width > 31 ? a : width == 0 ? 0 : a << (int)(32 - width) >> (int)(32 - width);

    public static int ExtendS32Wrap(int a, uint width) => ExtendS32Clamp(a, width & 31);

    /// <summary>Finds the n-th set bit from a position on, upwards or downwards; all ones where there is none (PTX ISA 9.7.1.18).</summary>
    public static int FindNthSet(uint mask, uint position, int n)
    {
        if (n == 0) return position < 32 && (mask >> (int)position & 1) != 0 ? (int)position : -1;
        var left = Math.Abs((long)n);
        for (long i = position; i is >= 0 and < 32; i += Math.Sign(n))
            if ((mask >> (int)i & 1) != 0 && --left == 0)
                return (int)i;
        return -1;
    }

    /// <summary>Picks four of the eight bytes of two words, each by a nibble whose top bit spreads the sign instead.</summary>
    public static uint Permute(uint a, uint b, uint selector)
    {
        var bytes = Join(a, b);
        uint result = 0;
        for (var i = 0; i < 4; i++)
        {
            var pick = selector >> (4 * i) & 0xf;
            var value = (uint)(bytes >> (int)(8 * (pick & 7)) & 0xff);
            if ((pick & 8) != 0) value = (value & 0x80) != 0 ? 0xffu : 0;
            result |= value << (8 * i);
        }

        return result;
    }

    public static uint PermuteForward(uint a, uint b, uint selector)
    {
        var start = selector & 3;
        return Permute(a, b, start | (start + 1) << 4 | (start + 2) << 8 | (start + 3) << 12);
    }

    public static uint PermuteBackward(uint a, uint b, uint selector)
    {
        var start = selector & 3;
        return Permute(a, b, start | (start + 7 & 7) << 4 | (start + 6 & 7) << 8 | (start + 5 & 7) << 12);
    }

    public static uint PermuteReplicate(uint a, uint b, uint selector) => Permute(a, b, (selector & 3) * 0x1111);

    public static uint PermuteClampLeft(uint a, uint b, uint selector)
    {
        var least = selector & 3;
        return Permute(a, b, least | Math.Max(least, 1) << 4 | Math.Max(least, 2) << 8 | 3u << 12);
    }

    public static uint PermuteClampRight(uint a, uint b, uint selector)
    {
        var most = selector & 3;
        return Permute(a, b, Math.Min(most, 1) << 4 | Math.Min(most, 2) << 8 | most << 12);
    }

    public static uint PermuteHalves(uint a, uint b, uint selector) => Permute(a, b, (selector & 1) == 0 ? 0x1010u : 0x3232u);

    public static int Select32(int a, int b, int predicate) => predicate != 0 ? a : b;

    public static long Select64(long a, long b, int predicate) => predicate != 0 ? a : b;

    public static float SelectF32(float a, float b, int predicate) => predicate != 0 ? a : b;

    public static double SelectF64(double a, double b, int predicate) => predicate != 0 ? a : b;

    private static ulong Join(uint low, uint high) => (ulong)high << 32 | low;

    private static uint Mask32(uint length) => length > 31 ? uint.MaxValue : (1u << (int)length) - 1;

    private static ulong Mask64(uint length) => length > 63 ? ulong.MaxValue : (1ul << (int)length) - 1;

    // Bits above the top of the word are copies of the sign bit of the field, which is that of the word where the field leaves it.
    private static long ExtractSigned(long a, uint start, uint length, uint top)
    {
        if (length == 0) return 0;
        var sign = a >> (int)Math.Min(start + length - 1, top) & 1;
        var field = start > top ? 0 : a >> (int)start;
        var kept = start > top ? 0 : Math.Min(length, top + 1 - start);
        if (kept > 63) return field;
        var mask = (1L << (int)kept) - 1;
        return (field & mask) | (sign != 0 ? ~mask : 0);
    }
}
