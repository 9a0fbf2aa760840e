using static Broker.Ptx.Tests.Exactness.WordCase;

namespace Broker.Ptx.Tests.Exactness;

/// <summary>Lists the instructions on f32 whose every bit is known.</summary>
internal static class RealWordCases
{
    private static readonly char[] Modes = ['n', 'z', 'm', 'p'];
    private static readonly string[] Comparisons = ["eq", "ne", "lt", "le", "gt", "ge", "equ", "neu", "ltu", "leu", "gtu", "geu", "num", "nan"];
    private static readonly string[] Properties = ["finite", "infinite", "number", "notanumber", "normal", "subnormal"];

    public static IEnumerable<WordCase> All => [.. Sums, .. Quotients, .. Extremes, .. Signs, .. Tests];

    private static IEnumerable<WordCase> Sums =>
        from mode in Modes
        from ftz in (bool[])[false, true]
        from sat in (bool[])[false, true]
        let suffix = $".r{mode}{(ftz ? ".ftz" : "")}{(sat ? ".sat" : "")}.f32"
        from test in (WordCase[])
        [
            Real("add" + suffix, 2, Finished(ftz, sat, (a, b, _) => WordFloat.Add(a, b, mode))),
            Real("sub" + suffix, 2, Finished(ftz, sat, (a, b, _) => WordFloat.Subtract(a, b, mode))),
            Real("mul" + suffix, 2, Finished(ftz, sat, (a, b, _) => WordFloat.Multiply(a, b, mode))),
            Real("fma" + suffix, 3, Finished(ftz, sat, (a, b, c) => WordFloat.Fma(a, b, c, mode))),
            Real("mad" + suffix, 3, Finished(ftz, sat, (a, b, c) => WordFloat.Fma(a, b, c, mode))),
        ]
        select test;

    private static IEnumerable<WordCase> Quotients =>
        from mode in Modes
        from ftz in (bool[])[false, true]
        let suffix = $".r{mode}{(ftz ? ".ftz" : "")}.f32"
        from test in (WordCase[])
        [
            Real("div" + suffix, 2, Finished(ftz, false, (a, b, _) => WordFloat.Divide(a, b, mode))),
            Real("rcp" + suffix, 1, Finished(ftz, false, (a, _, _) => WordFloat.Divide(WordFloat.One, a, mode))),
            Real("sqrt" + suffix, 1, Finished(ftz, false, (a, _, _) => WordFloat.SquareRoot(a, mode))),
        ]
        select test;

    private static IEnumerable<WordCase> Extremes =>
        from least in (bool[])[true, false]
        from ftz in (bool[])[false, true]
        from nan in (bool[])[false, true]
        let start = $"{(least ? "min" : "max")}{(ftz ? ".ftz" : "")}{(nan ? ".NaN" : "")}"
        from test in (WordCase[])
        [
            Real(start + ".f32", 2, Flushed(ftz, (a, b, _) => WordFloat.Extreme(a, b, least, nan))),
            Real(start + ".xorsign.abs.f32", 2, Flushed(ftz, (a, b, _) => XorSigned(a, b, WordFloat.Extreme(WordFloat.Magnitude(a), WordFloat.Magnitude(b), least, nan)))),
            Real(start + ".f32", 3, Flushed(ftz, (a, b, c) => WordFloat.Extreme(WordFloat.Extreme(a, b, least, nan), c, least, nan))),
            Real(start + ".abs.f32", 3, Flushed(ftz, (a, b, c) => WordFloat.Extreme(WordFloat.Extreme(WordFloat.Magnitude(a), WordFloat.Magnitude(b), least, nan), WordFloat.Magnitude(c), least, nan))),
        ]
        select test;

    private static IEnumerable<WordCase> Signs =>
    [
        Real("abs.f32", 1, (a, _, _) => Canonical(WordFloat.Magnitude(a))),
        Real("abs.ftz.f32", 1, (a, _, _) => Canonical(WordFloat.Magnitude(WordFloat.Flush(a)))),
        Real("neg.f32", 1, (a, _, _) => Canonical(a ^ WordFloat.Sign)),
        Real("neg.ftz.f32", 1, (a, _, _) => Canonical(WordFloat.Flush(a) ^ WordFloat.Sign)),
        Real("copysign.f32", 2, (a, b, _) => (a & WordFloat.Sign) | WordFloat.Magnitude(b)),
        Real("slct.u32.f32", 3, (a, b, c) => WordFloat.Holds("ge", c, 0) ? a : b),
        Real("slct.ftz.u64.f32", 3, (a, b, c) => WordFloat.Holds("ge", WordFloat.Flush(c), 0) ? a : b, 64) with { Widths = [64, 64, 32], Reals = [null, null, ReferenceFormat.F32] },
        Real("slct.f64.f32", 3, (a, b, c) => WordFloat.Holds("ge", c, 0) ? a : b, 64) with { Widths = [64, 64, 32], Reals = [null, null, ReferenceFormat.F32] },
        Real("slct.ftz.f32.f32", 3, (a, b, c) => WordFloat.Holds("ge", WordFloat.Flush(c), 0) ? a : b),
    ];

    /// <summary>Lists kernels that test in every way, with a bit of their result for each.</summary>
    private static IEnumerable<WordCase> Tests =>
    [
        .. from ftz in (bool[])[false, true]
           let modifier = ftz ? ".ftz" : ""
           from test in (WordCase[])
           [
               Whole($"setp.*{modifier}.f32", 2, Comparisons.Select((c, i) => $"setp.{c}{modifier}.f32 %p|%q, %v0, %v1;\n{Bit("%p", i)}{Bit("%q", i + 16)}"),
                   Flushed(ftz, (a, b, _) => Gather(i => WordFloat.Holds(Comparisons[i], a, b)), finish: false)),
               Whole($"setp.*.and{modifier}.f32", 3, Comparisons.Select((c, i) => $"setp.{c}.and{modifier}.f32 %p|%q, %v0, %v1, %s;\n{Bit("%p", i)}{Bit("%q", i + 16)}"),
                   Flushed(ftz, (a, b, c) => Joined(i => WordFloat.Holds(Comparisons[i], a, b), c, (t, s) => t && s), finish: false)),
               Whole($"setp.*.or{modifier}.f32", 3, Comparisons.Select((c, i) => $"setp.{c}.or{modifier}.f32 %p|%q, %v0, %v1, %s;\n{Bit("%p", i)}{Bit("%q", i + 16)}"),
                   Flushed(ftz, (a, b, c) => Joined(i => WordFloat.Holds(Comparisons[i], a, b), c, (t, s) => t || s), finish: false)),
               Whole($"setp.*.xor{modifier}.f32", 3, Comparisons.Select((c, i) => $"setp.{c}.xor{modifier}.f32 %p|%q, %v0, %v1, !%s;\n{Bit("%p", i)}{Bit("%q", i + 16)}"),
                   Flushed(ftz, (a, b, c) => Joined(i => WordFloat.Holds(Comparisons[i], a, b), c, (t, s) => t == s), finish: false)),
               Whole($"set.*{modifier}.u32.f32", 2, Comparisons.Select((c, i) => $"set.{c}{modifier}.u32.f32 %t0, %v0, %v1;\nand.b32 %t0, %t0, {1 << i | 1 << (i + 16)};\nor.b32 %t1, %t1, %t0;"),
                   Flushed(ftz, (a, b, _) => Gather(i => WordFloat.Holds(Comparisons[i], a, b), both: true), finish: false)),
               .. from half in (string[])["f16", "bf16"]
                  let one = half == "f16" ? 0x3c00 : 0x3f80
                  select Whole($"set.*{modifier}.{half}.f32", 2, Comparisons.Select((c, i) => $"set.{c}{modifier}.{half}.f32 %h, %v0, %v1;\nsetp.eq.u16 %p, %h, {one};\nsetp.eq.u16 %q, %h, 0;\n{Bit("%p", i)}{Bit("%q", i + 16)}").Prepend(".reg .b16 %h;"),
                      Flushed(ftz, (a, b, _) => Gather(i => WordFloat.Holds(Comparisons[i], a, b)), finish: false)),
               Whole($"set.*{modifier}.f32.f32", 2, Comparisons.Select((c, i) => $"set.{c}{modifier}.f32.f32 %t0, %v0, %v1;\nsetp.eq.b32 %p, %t0, 0x3f800000;\nsetp.eq.b32 %q, %t0, 0;\n{Bit("%p", i)}{Bit("%q", i + 16)}"),
                   Flushed(ftz, (a, b, _) => Gather(i => WordFloat.Holds(Comparisons[i], a, b)), finish: false)),
           ]
           select test,
        Whole("testp.*.f32", 1, Properties.Select((p, i) => $"testp.{p}.f32 %p, %v0;\n{Bit("%p", i)}"), (a, _, _) =>
        {
            var (power, fraction) = (a >> 23 & 255, a & 0x7f_ffff);
            bool[] found = [power < 255, power == 255 && fraction == 0, power < 255 || fraction == 0, power == 255 && fraction != 0, power is > 0 and < 255, power == 0 && fraction != 0];
            return found.Index().Aggregate(0ul, (bits, f) => bits | (f.Item ? 1ul << f.Index : 0));
        }),
    ];

    /// <summary>Gathers tests in one word; a predicate <c>%s</c> is whether the last of three operands has its first bit.</summary>
    private static WordCase Whole(string name, int operands, IEnumerable<string> lines, WordReference expected) => Real(name, operands, expected) with
    {
        Body = $"mov.b32 %t1, 0;\n{(operands == 3 ? "and.b32 %t2, %v2, 1;\nsetp.ne.u32 %s, %t2, 0;\n" : "")}{string.Join('\n', lines)}\nmov.b32 %v{operands}, %t1;",
    };

    private static string Bit(string predicate, int bit) => $"selp.b32 %t0, {1u << bit}, 0, {predicate};\nor.b32 %t1, %t1, %t0;\n";

    private static ulong Gather(Func<int, bool> holds, bool both = false)
    {
        var bits = 0ul;
        for (var i = 0; i < Comparisons.Length; i++) bits |= holds(i) ? (both ? 0x1_0001ul : 1) << i : both ? 0 : 0x1_0000ul << i;
        return bits;
    }

    /// <summary>Gathers comparisons joined to a predicate, and their opposites joined to it.</summary>
    private static ulong Joined(Func<int, bool> holds, ulong third, Func<bool, bool, bool> join)
    {
        var bits = 0ul;
        for (var i = 0; i < Comparisons.Length; i++)
            bits |= (join(holds(i), (third & 1) != 0) ? 1ul << i : 0) | (join(!holds(i), (third & 1) != 0) ? 0x1_0000ul << i : 0);
        return bits;
    }

    private static WordReference Finished(bool ftz, bool sat, WordReference exact)
    {
        var flushed = Flushed(ftz, exact);
        return sat ? (a, b, c) => WordFloat.Saturate(flushed(a, b, c)) : flushed;
    }

    private static WordReference Flushed(bool ftz, WordReference exact, bool finish = true)
    {
        if (!ftz) return exact;
        // A third operand of a comparison is bits.
        return finish
            ? (a, b, c) => WordFloat.Flush(exact(WordFloat.Flush(a), WordFloat.Flush(b), WordFloat.Flush(c)))
            : (a, b, c) => exact(WordFloat.Flush(a), WordFloat.Flush(b), c);
    }

    private static ulong XorSigned(ulong a, ulong b, ulong magnitude) => WordFloat.IsNaN(magnitude) ? magnitude : magnitude | ((a ^ b) & WordFloat.Sign);

    private static ulong Canonical(ulong a) => WordFloat.IsNaN(a) ? WordFloat.NaN : a;
}
