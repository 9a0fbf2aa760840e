using static Broker.Ptx.Tests.Exactness.ReferenceFormat;

namespace Broker.Ptx.Tests.Exactness;

/// <summary>Lists the instructions on 16 bits that have no reference elsewhere: integers, comparisons, and conversions to integers.</summary>
internal static class NarrowWordCases
{
    private static readonly string[] Comparisons = ["eq", "ne", "lt", "le", "gt", "ge", "equ", "neu", "ltu", "leu", "gtu", "geu", "num", "nan"];
    private static readonly string[] Orders = ["eq", "ne", "lt", "le", "gt", "ge"];

    public static IEnumerable<WordCase> All => [.. Integers, .. Bits, .. Reals("f16", F16, ""), .. Reals("f16", F16, ".ftz"), .. Reals("bf16", BF16, ""), .. Conversions];

    private static IEnumerable<WordCase> Integers =>
    [
        .. from sign in (char[])['s', 'u']
           from test in (WordCase[])
           [
               Make($"add.{sign}16", 2, (a, b, _) => a + b),
               Make($"sub.{sign}16", 2, (a, b, _) => a - b),
               Make($"mul.lo.{sign}16", 2, (a, b, _) => a * b),
               Make($"mul.hi.{sign}16", 2, (a, b, _) => (ulong)(Number(a, sign) * Number(b, sign) >> 16)),
               Make($"mad.lo.{sign}16", 3, (a, b, c) => a * b + c),
               Make($"mad.hi.{sign}16", 3, (a, b, c) => (ulong)((Number(a, sign) * Number(b, sign) >> 16) + Number(c, sign))),
               Make($"mul.wide.{sign}16", 2, (a, b, _) => (ulong)(Number(a, sign) * Number(b, sign)), 32),
               Make($"mad.wide.{sign}16", 3, (a, b, c) => (ulong)(Number(a, sign) * Number(b, sign)) + c, 32) with { Widths = [16, 16, 32] },
               Make($"min.{sign}16", 2, (a, b, _) => (ulong)Math.Min(Number(a, sign), Number(b, sign))),
               Make($"max.{sign}16", 2, (a, b, _) => (ulong)Math.Max(Number(a, sign), Number(b, sign))),
               Make($"sad.{sign}16", 3, (a, b, c) => (ulong)Math.Abs(Number(a, sign) - Number(b, sign)) + c),
               Make($"div.{sign}16", 2, (a, b, _) => b == 0 ? ushort.MaxValue : (ulong)(Number(a, sign) / Number(b, sign))),
               Make($"rem.{sign}16", 2, (a, b, _) => b == 0 ? a : (ulong)(Number(a, sign) % Number(b, sign))),
               Gathered($"setp.*.{sign}16", Orders, c => $"setp.{c}.{sign}16 %p, %v0, %v1;", (c, a, b) => Holds(c, Number(a, sign).CompareTo(Number(b, sign)))),
           ]
           select test,
        Make("neg.s16", 1, (a, _, _) => 0 - a),
        Make("abs.s16", 1, (a, _, _) => (ulong)Math.Abs(Number(a, 's'))),
    ];

    private static IEnumerable<WordCase> Bits =>
    [
        Make("and.b16", 2, (a, b, _) => a & b),
        Make("or.b16", 2, (a, b, _) => a | b),
        Make("xor.b16", 2, (a, b, _) => a ^ b),
        Make("not.b16", 1, (a, _, _) => ~a),
        Make("cnot.b16", 1, (a, _, _) => a == 0 ? 1ul : 0),
        Make("shl.b16", 2, (a, b, _) => b > 15 ? 0 : a << (int)b) with { Widths = [16, 32] },
        Make("shr.u16", 2, (a, b, _) => b > 15 ? 0 : a >> (int)b) with { Widths = [16, 32] },
        Make("shr.s16", 2, (a, b, _) => (ulong)(Number(a, 's') >> (int)Math.Min(b, 15))) with { Widths = [16, 32] },
    ];

    private static IEnumerable<WordCase> Reals(string type, ReferenceFormat format, string ftz)
    {
        yield return Gathered($"setp.*{ftz}.{type}", Comparisons, c => $"setp.{c}{ftz}.{type} %p, %v0, %v1;", (c, a, b) => Compare(format, c, Flushed(a), Flushed(b)), format);
        yield return Gathered($"set.*{ftz}.u16.{type}", Comparisons, c => $"set.{c}{ftz}.u16.{type} %h, %v0, %v1;\nsetp.eq.u16 %p, %h, 0xffff;", (c, a, b) => Compare(format, c, Flushed(a), Flushed(b)), format);
        yield return Gathered($"set.*{ftz}.{type}.{type}", Comparisons, c => $"set.{c}{ftz}.{type}.{type} %h, %v0, %v1;\nsetp.eq.u16 %p, %h, {format.One};", (c, a, b) => Compare(format, c, Flushed(a), Flushed(b)), format);
        yield return Pairs($"setp.*{ftz}.{type}x2", Comparisons, c => $"setp.{c}{ftz}.{type}x2 %p|%q, %v0, %v1;", (c, a, b) => Compare(format, c, Flushed(a), Flushed(b)));

        ulong Flushed(ulong a) => ftz.Length > 0 ? format.Flush(a) : a;
    }

    private static IEnumerable<WordCase> Conversions =>
        from format in (ReferenceFormat[])[F16, BF16]
        let name = format == F16 ? "f16" : "bf16"
        from mode in (char[])['n', 'z', 'm', 'p']
        from test in (WordCase[])
        [
            .. from type in (string[])["u8", "s8", "u16", "s16", "u32", "s32", "u64", "s64"]
               let bits = int.Parse(type[1..], System.Globalization.CultureInfo.InvariantCulture)
               select Make($"cvt.r{mode}i.{type}.{name}", 1, (a, _, _) => format.ToInteger(a, bits, type[0] == 's', $"r{mode}i"), Math.Max(bits, 16)),
            Make($"cvt.r{mode}i.{name}.{name}", 1, (a, _, _) => Integral(format, a, $"r{mode}i")),
        ]
        select test with { Reals = [format] };

    private static WordCase Make(string instruction, int operands, WordReference expected, int resultWidth = 16) => new(
        instruction, $"{instruction} %v{operands}, {string.Join(", ", Enumerable.Range(0, operands).Select(i => $"%v{i}"))};", [.. Enumerable.Repeat(16, operands)], resultWidth,
        (a, b, c) => expected(a, b, c) & ulong.MaxValue >> (64 - resultWidth), new ReferenceFormat?[operands]);

    /// <summary>Gathers tests of two operands in one word.</summary>
    private static WordCase Gathered(string name, string[] tests, Func<string, string> line, Func<string, ulong, ulong, bool> holds, ReferenceFormat? format = null) => new(
        name,
        $".reg .b16 %h;\nmov.b32 %t1, 0;\n{string.Join('\n', tests.Select((c, i) => $"{line(c)}\nselp.b32 %t0, {1 << i}, 0, %p;\nor.b32 %t1, %t1, %t0;"))}\nmov.b32 %v2, %t1;",
        [16, 16], 32, (a, b, _) => tests.Index().Aggregate(0ul, (bits, c) => bits | (holds(c.Item, a, b) ? 1ul << c.Index : 0)), [format, format]);

    /// <summary>Gathers tests of two pairs of numbers: those of the lower in the lower half.</summary>
    private static WordCase Pairs(string name, string[] tests, Func<string, string> line, Func<string, ulong, ulong, bool> holds) => new(
        name,
        $"mov.b32 %t1, 0;\n{string.Join('\n', tests.Select((c, i) => $"{line(c)}\nselp.b32 %t0, {1 << i}, 0, %p;\nor.b32 %t1, %t1, %t0;\nselp.b32 %t0, {1 << (i + 16)}, 0, %q;\nor.b32 %t1, %t1, %t0;"))}\nmov.b32 %v2, %t1;",
        [32, 32], 32,
        (a, b, _) => tests.Index().Aggregate(0ul, (bits, c) => bits | (holds(c.Item, a & 0xffff, b & 0xffff) ? 1ul << c.Index : 0) | (holds(c.Item, a >> 16, b >> 16) ? 0x1_0000ul << c.Index : 0)),
        [null, null]);

    private static bool Compare(ReferenceFormat format, string comparison, ulong a, ulong b)
    {
        var unordered = format.IsNaN(a) || format.IsNaN(b);
        if (comparison is "num" or "nan") return unordered == (comparison == "nan");
        if (unordered) return comparison.EndsWith('u');
        return Holds(comparison, Signed(a).CompareTo(Signed(b)));

        long Signed(ulong x) => format.IsNegative(x) ? -(long)format.Magnitude(x) : (long)format.Magnitude(x);
    }

    private static bool Holds(string comparison, int order) =>
        comparison[..2] switch { "eq" => order == 0, "ne" => order != 0, "lt" => order < 0, "le" => order <= 0, "gt" => order > 0, _ => order >= 0 };

    private static ulong Integral(ReferenceFormat format, ulong a, string mode)
    {
        if (format.IsNaN(a)) return format.NaN;
        if (format.IsInfinite(a) || format.Exact(a).Exponent >= 0) return a;
        var whole = (long)format.ToInteger(a, 64, true, mode);
        return whole == 0 ? a & format.Sign : format.FromInteger(whole, "rn");
    }

    private static long Number(ulong a, char sign) => sign == 's' ? (short)a : (long)a;
}
