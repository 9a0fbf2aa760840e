using System.Numerics;
using static Broker.Ptx.Tests.Exactness.ExactCase;

namespace Broker.Ptx.Tests.Exactness;

/// <summary>Lists integer instructions of 64 bits with references that have no width at all.</summary>
internal static class IntegerCases
{
    public static IEnumerable<ExactCase> All =>
    [
        Bits("mul.hi.s64", [64, 64], 64, v => Low(Signed(v[0]) * Signed(v[1]) >> 64)),
        Bits("mul.hi.u64", [64, 64], 64, v => Low((BigInteger)v[0] * v[1] >> 64)),
    ];

    private static BigInteger Signed(ulong a) => (long)a;

    private static ulong Low(BigInteger a) => (ulong)(a & ulong.MaxValue);
}
