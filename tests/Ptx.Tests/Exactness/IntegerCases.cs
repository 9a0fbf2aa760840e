using System.Numerics;
using static Broker.Ptx.Tests.Exactness.ExactCase;

namespace Broker.Ptx.Tests.Exactness;

/// <summary>Lists integer instructions with references that take numbers apart bit by bit, or have no width at all.</summary>
internal static class IntegerCases
{
    public static IEnumerable<ExactCase> All =>
    [
        Bits("mul.hi.s32", [32, 32], 32, v => Low(Signed(v[0], 32) * Signed(v[1], 32) >> 32, 32)),
        Bits("mul.hi.u32", [32, 32], 32, v => Low((BigInteger)v[0] * v[1] >> 32, 32)),
        Bits("mul.hi.s64", [64, 64], 64, v => Low(Signed(v[0], 64) * Signed(v[1], 64) >> 64, 64)),
        Bits("mul.hi.u64", [64, 64], 64, v => Low((BigInteger)v[0] * v[1] >> 64, 64)),
        Bits("mad.hi.sat.s32", [32, 32, 32], 32, v => Low(Clamped((Signed(v[0], 32) * Signed(v[1], 32) >> 32) + Signed(v[2], 32), 32), 32)),
        Bits("mad24.lo.s32", [32, 32, 32], 32, v => Low(Signed(v[0], 24) * Signed(v[1], 24) + v[2], 32)),
        Bits("mad24.hi.s32", [32, 32, 32], 32, v => Low((Signed(v[0], 24) * Signed(v[1], 24) >> 16) + v[2], 32)),
        Bits("mad24.hi.u32", [32, 32, 32], 32, v => Low(((BigInteger)(v[0] & 0xff_ffff) * (v[1] & 0xff_ffff) >> 16) + v[2], 32)),
        Bits("mad24.hi.sat.s32", [32, 32, 32], 32, v => Low(Clamped((Signed(v[0], 24) * Signed(v[1], 24) >> 16) + Signed(v[2], 32), 32), 32)),
        .. Dots,
        Bits("add.s16x2", [32, 32], 32, v => (v[0] + v[1] & 0xffff) | ((v[0] >> 16) + (v[1] >> 16) & 0xffff) << 16),
        Bits("min.s16x2", [32, 32], 32, v => Low(BigInteger.Min(Signed(v[0], 16), Signed(v[1], 16)), 16) | Low(BigInteger.Min(Signed(v[0] >> 16, 16), Signed(v[1] >> 16, 16)), 16) << 16),
        Bits("max.u16x2", [32, 32], 32, v => Math.Max(v[0] & 0xffff, v[1] & 0xffff) | Math.Max(v[0] >> 16, v[1] >> 16) << 16),
        Bits("max.relu.s32", [32, 32], 32, v => Low(BigInteger.Max(0, BigInteger.Max(Signed(v[0], 32), Signed(v[1], 32))), 32)),
        Bits("bmsk.clamp.b32", [32, 32], 32, v => Field(Math.Min(v[0], 32), Math.Min(v[1], 32))),
        Bits("bmsk.wrap.b32", [32, 32], 32, v => Field(v[0] % 32, v[1] % 32)),
        Bits("szext.clamp.s32", [32, 32], 32, v => Low(Signed(v[0], (int)Math.Min(v[1], 32)), 32)),
        Bits("szext.wrap.u32", [32, 32], 32, v => v[0] & Field(0, v[1] % 32)),
        Bits("fns.b32", [32, 32, 32], 32, v => NthSet(v[0], v[1], (int)v[2])),
        Bits("cvt.pack.sat.s16.s32", [32, 32], 32, v => Low(Clamped(Signed(v[0], 32), 16), 16) << 16 | Low(Clamped(Signed(v[1], 32), 16), 16)),
        Bits("cvt.pack.sat.s8.s32.b32", [32, 32, 32], 32, v => (v[2] << 16 & uint.MaxValue) | Low(Clamped(Signed(v[0], 32), 8), 8) << 8 | Low(Clamped(Signed(v[1], 32), 8), 8)),
    ];

    private static IEnumerable<ExactCase> Dots =>
        from a in new[] { 's', 'u' }
        from b in new[] { 's', 'u' }
        from test in new[]
        {
            Bits($"dp4a.{a}32.{b}32", [32, 32, 32], 32, v => Low(Parts(v[0], 8, a, 0, 4).Zip(Parts(v[1], 8, b, 0, 4), (x, y) => x * y).Aggregate((BigInteger)v[2], (s, p) => s + p), 32)),
            Bits($"dp2a.lo.{a}32.{b}32", [32, 32, 32], 32, v => Low(Parts(v[0], 16, a, 0, 2).Zip(Parts(v[1], 8, b, 0, 2), (x, y) => x * y).Aggregate((BigInteger)v[2], (s, p) => s + p), 32)),
            Bits($"dp2a.hi.{a}32.{b}32", [32, 32, 32], 32, v => Low(Parts(v[0], 16, a, 0, 2).Zip(Parts(v[1], 8, b, 2, 2), (x, y) => x * y).Aggregate((BigInteger)v[2], (s, p) => s + p), 32)),
        }
        select test;

    private static IEnumerable<BigInteger> Parts(ulong word, int bits, char sign, int first, int count) =>
        Enumerable.Range(first, count).Select(i => sign == 's' ? Signed(word >> (i * bits), bits) : Signed(word >> (i * bits), bits) & ((BigInteger.One << bits) - 1));

    /// <summary>Gives the number that so many low bits stand for, the first of them for a sign.</summary>
    private static BigInteger Signed(ulong a, int bits)
    {
        if (bits == 0) return 0;
        var number = (BigInteger)a & ((BigInteger.One << bits) - 1);
        return number >> (bits - 1) == 0 ? number : number - (BigInteger.One << bits);
    }

    private static BigInteger Clamped(BigInteger a, int bits) => BigInteger.Clamp(a, -(BigInteger.One << (bits - 1)), (BigInteger.One << (bits - 1)) - 1);

    private static ulong Low(BigInteger a, int bits) => (ulong)(a & ((BigInteger.One << bits) - 1));

    private static ulong Field(ulong start, ulong width) =>
        Enumerable.Range(0, 32).Where(i => (ulong)i >= start && (ulong)i < start + width).Aggregate(0ul, (mask, i) => mask | 1ul << i);

    private static ulong NthSet(ulong mask, ulong start, int n)
    {
        var up = Enumerable.Range(0, 32).Where(i => (mask >> i & 1) != 0);
        var found = n switch
        {
            0 => up.Where(i => (ulong)i == start),
            > 0 => up.Where(i => (ulong)i >= start).Skip(n - 1),
            // From outside the word nothing is found.
            _ => start > 31 ? [] : up.Reverse().Where(i => (ulong)i <= start).Skip((int)Math.Min(-(long)n - 1, 32)),
        };
        return (ulong)found.Select(i => (long)i).DefaultIfEmpty(-1).First() & uint.MaxValue;
    }
}
