using System.Numerics;
using static Broker.Ptx.Tests.Exactness.ExactCase;
using static Broker.Ptx.Tests.Exactness.ReferenceFormat;

namespace Broker.Ptx.Tests.Exactness;

/// <summary>Lists the instructions whose every bit is known, with a reference for each.</summary>
internal static class ExactCases
{
    private static readonly string[] Modes = ["rn", "rz", "rm", "rp"];

    public static IEnumerable<ExactCase> All =>
        [.. Arithmetic, .. Halves("f16", F16), .. Halves("bf16", BF16), .. Conversions, .. IntegerCases.All];

    private static IEnumerable<ExactCase> Arithmetic =>
    [
        .. Modes.SelectMany(mode => new[]
        {
            Real($"add.{mode}.f64", F64, 2, v => F64.Add(v[0], v[1], mode)),
            Real($"sub.{mode}.f64", F64, 2, v => F64.Add(v[0], Negated(F64, v[1]), mode)),
            Real($"mul.{mode}.f64", F64, 2, v => F64.Multiply(v[0], v[1], mode)),
            Real($"fma.{mode}.f64", F64, 3, v => F64.Fma(v[0], v[1], v[2], mode)),
            Real($"div.{mode}.f64", F64, 2, v => F64.Divide(v[0], v[1], mode)),
            Real($"rcp.{mode}.f64", F64, 1, v => F64.Divide(F64.One, v[0], mode)),
            Real($"sqrt.{mode}.f64", F64, 1, v => F64.SquareRoot(v[0], mode)),
        }),
        Real($"min.f64", F64, 2, v => F64.Minimum(v[0], v[1], false)),
        Real($"max.f64", F64, 2, v => F64.Maximum(v[0], v[1], false)),
    ];

    private static IEnumerable<ExactCase> Halves(string type, ReferenceFormat format) =>
    [
        Real($"add.{type}", format, 2, v => format.Add(v[0], v[1], "rn")),
        Real($"sub.{type}", format, 2, v => format.Add(v[0], Negated(format, v[1]), "rn")),
        Real($"mul.rn.{type}", format, 2, v => format.Multiply(v[0], v[1], "rn")),
        Real($"fma.rn.{type}", format, 3, v => format.Fma(v[0], v[1], v[2], "rn")),
        Real($"fma.rn.relu.{type}", format, 3, v => Relu(format, format.Fma(v[0], v[1], v[2], "rn"))),
        Real($"abs.{type}", format, 1, v => format.Magnitude(v[0])),
        Real($"neg.{type}", format, 1, v => format.Negate(v[0])),
        Real($"set.lt.u32.{type}", format, 2, v => Less(format, v[0], v[1]) ? uint.MaxValue : 0, 32),
        Real($"set.geu.{type}.{type}", format, 2, v => Less(format, v[0], v[1]) ? 0 : format.One),
        .. type == "f16" ? FlushedHalves : [],
        .. Extremes(type, format, ""),
        .. Pairs(type, format),
    ];

    private static IEnumerable<ExactCase> Extremes(string type, ReferenceFormat format, string ftz) =>
        from nan in (bool[])[false, true]
        let suffix = $"{ftz}{(nan ? ".NaN" : "")}"
        from test in (ExactCase[])
        [
            Real($"min{suffix}.{type}", format, 2, v => format.Minimum(Flushed(format, ftz, v[0]), Flushed(format, ftz, v[1]), nan)),
            Real($"max{suffix}.{type}", format, 2, v => format.Maximum(Flushed(format, ftz, v[0]), Flushed(format, ftz, v[1]), nan)),
            Real($"min{suffix}.xorsign.abs.{type}", format, 2, v => XorSigned(format, v[0], v[1], format.Minimum(format.Magnitude(Flushed(format, ftz, v[0])), format.Magnitude(Flushed(format, ftz, v[1])), nan))),
            Real($"max{suffix}.xorsign.abs.{type}", format, 2, v => XorSigned(format, v[0], v[1], format.Maximum(format.Magnitude(Flushed(format, ftz, v[0])), format.Magnitude(Flushed(format, ftz, v[1])), nan))),
        ]
        select test;

    private static IEnumerable<ExactCase> FlushedHalves =>
    [
        .. Extremes("f16", F16, ".ftz"),
        Real("add.ftz.f16", F16, 2, v => F16.Flush(F16.Add(F16.Flush(v[0]), F16.Flush(v[1]), "rn"))),
        Real("mul.ftz.sat.f16", F16, 2, v => Saturated(F16, F16.Flush(F16.Multiply(F16.Flush(v[0]), F16.Flush(v[1]), "rn")))),
        Real("fma.rn.ftz.relu.f16", F16, 3, v => Relu(F16, F16.Flush(F16.Fma(F16.Flush(v[0]), F16.Flush(v[1]), F16.Flush(v[2]), "rn")))),
    ];

    private static IEnumerable<ExactCase> Pairs(string type, ReferenceFormat format) =>
    [
        Bits($"add.{type}x2", [32, 32], 32, v => Each(v, h => format.Add(h[0], h[1], "rn"))),
        Bits($"mul.{type}x2", [32, 32], 32, v => Each(v, h => format.Multiply(h[0], h[1], "rn"))),
        Bits($"fma.rn.{type}x2", [32, 32, 32], 32, v => Each(v, h => format.Fma(h[0], h[1], h[2], "rn"))),
        Bits($"min.{type}x2", [32, 32], 32, v => Each(v, h => format.Minimum(h[0], h[1], false))),
        Bits($"neg.{type}x2", [32], 32, v => Each(v, h => format.Negate(h[0]))),
        Bits($"set.lt.u32.{type}x2", [32, 32], 32, v => Each(v, h => Less(format, h[0], h[1]) ? ushort.MaxValue : 0ul)),
    ];

    private static IEnumerable<ExactCase> Conversions =>
    [
        .. Modes.SelectMany(mode => (ExactCase[])
        [
            Real($"cvt.{mode}.f16.f64", F64, 1, v => F16.ConvertFrom(F64, v[0], mode), 16),
            Real($"cvt.{mode}.bf16.f64", F64, 1, v => BF16.ConvertFrom(F64, v[0], mode), 16),
            Real($"cvt.{mode}.bf16.f16", F16, 1, v => BF16.ConvertFrom(F16, v[0], mode), 16),
            Real($"cvt.{mode}.f16.bf16", BF16, 1, v => F16.ConvertFrom(BF16, v[0], mode), 16),
            .. FromIntegers(mode),
        ]),
        .. new[] { "rni", "rzi", "rmi", "rpi" }.SelectMany(ToIntegers),
        Real("cvt.f32.f16", F16, 1, v => F32.ConvertFrom(F16, v[0], "rn"), 32),
        Real("cvt.f64.f16", F16, 1, v => F64.ConvertFrom(F16, v[0], "rn"), 64),
        Real("cvt.f32.bf16", BF16, 1, v => F32.ConvertFrom(BF16, v[0], "rn"), 32),
        Real("cvt.f64.f32", F32, 1, v => F64.ConvertFrom(F32, v[0], "rn"), 64),
        Real("cvt.rn.satfinite.e5m2x2.f32", F32, 2, v => Finite(E5M2, E5M2.ConvertFrom(F32, v[0], "rn")) << 8 | Finite(E5M2, E5M2.ConvertFrom(F32, v[1], "rn")), 16),
        Real("cvt.rn.satfinite.e4m3x2.f32", F32, 2, v => E4M3(v[0]) << 8 | E4M3(v[1]), 16),
        Bits("cvt.rn.satfinite.e5m2x2.f16x2", [32], 16, v => Finite(E5M2, E5M2.ConvertFrom(F16, v[0] >> 16, "rn")) << 8 | Finite(E5M2, E5M2.ConvertFrom(F16, v[0] & 0xffff, "rn"))),
        Bits("cvt.rn.f16x2.e5m2x2", [16], 32, v => F16.ConvertFrom(E5M2, v[0] >> 8, "rn") << 16 | F16.ConvertFrom(E5M2, v[0] & 0xff, "rn")),
    ];

    private static ExactCase[] FromIntegers(string mode) =>
    [
        Bits($"cvt.{mode}.f16.s32", [32], 16, v => F16.FromInteger((int)v[0], mode)),
        Bits($"cvt.{mode}.f16.u64", [64], 16, v => F16.FromInteger(v[0], mode)),
        Bits($"cvt.{mode}.bf16.s64", [64], 16, v => BF16.FromInteger((long)v[0], mode)),
        Bits($"cvt.{mode}.f64.s64", [64], 64, v => F64.FromInteger((long)v[0], mode)),
        Bits($"cvt.{mode}.f64.u64", [64], 64, v => F64.FromInteger(v[0], mode)),
    ];

    private static IEnumerable<ExactCase> ToIntegers(string mode) =>
    [
        Real($"cvt.{mode}.s16.f16", F16, 1, v => F16.ToInteger(v[0], 16, true, mode) & 0xffff),
        Real($"cvt.{mode}.u32.bf16", BF16, 1, v => BF16.ToInteger(v[0], 32, false, mode), 32),
        Real($"cvt.{mode}.s32.f64", F64, 1, v => F64.ToInteger(v[0], 32, true, mode) & uint.MaxValue, 32),
        Real($"cvt.{mode}.u64.f64", F64, 1, v => F64.ToInteger(v[0], 64, false, mode)),
    ];

    private static ulong Flushed(ReferenceFormat format, string ftz, ulong a) => ftz.Length > 0 ? format.Flush(a) : a;

    private static ulong Negated(ReferenceFormat format, ulong a) => format.IsNaN(a) ? a : format.Negate(a);

    private static ulong Relu(ReferenceFormat format, ulong a) => !format.IsNaN(a) && format.IsNegative(a) ? 0 : a;

    private static ulong Saturated(ReferenceFormat format, ulong a) =>
        format.IsNaN(a) || format.IsNegative(a) ? 0 : Math.Min(a, format.One);

    private static ulong Finite(ReferenceFormat format, ulong a) => format.IsInfinite(a) ? a - 1 : a;

    private static ulong XorSigned(ReferenceFormat format, ulong a, ulong b, ulong magnitude) =>
        format.IsNaN(magnitude) ? magnitude : magnitude | ((a ^ b) & format.Sign);

    private static bool Less(ReferenceFormat format, ulong a, ulong b)
    {
        if (format.IsNaN(a) || format.IsNaN(b) || format.IsZero(a) && format.IsZero(b)) return false;
        return Signed(a) < Signed(b);

        long Signed(ulong x) => format.IsNegative(x) ? -(long)format.Magnitude(x) : (long)format.Magnitude(x);
    }

    /// <summary>Rounds to four bits of exponent and three of fraction, where the last exponent holds numbers too: a wider format, cut off above.</summary>
    private static ulong E4M3(ulong a)
    {
        if (F32.IsNaN(a)) return 0x7f;
        var wide = new ReferenceFormat(3, 5);
        // The wider format has 8 for one where this one has 7, so a 256th of the number has the same bits there; below its normal numbers a step is the same too.
        var bits = F32.IsInfinite(a) ? 0x7e : NarrowMagnitude(F32.Exact(a));
        return (F32.IsNegative(a) ? 0x80ul : 0) | Math.Min(bits, 0x7e);

        ulong NarrowMagnitude((BigInteger Number, int Exponent) exact) =>
            exact.Number.IsZero ? 0 : wide.Round(BigInteger.Abs(exact.Number), exact.Exponent - 8, "rn");
    }

    /// <summary>Applies a function to the lower halves and to the upper halves.</summary>
    private static ulong Each(ulong[] values, Func<ulong[], ulong> function) =>
        function([.. values.Select(v => v & 0xffff)]) | function([.. values.Select(v => v >> 16)]) << 16;
}
