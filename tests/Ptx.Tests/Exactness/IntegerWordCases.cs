using static Broker.Ptx.Tests.Exactness.WordCase;

namespace Broker.Ptx.Tests.Exactness;

/// <summary>Lists the instructions on integers and bits of 32 bits; their references have 64 bits, or take words apart.</summary>
internal static class IntegerWordCases
{
    private static readonly string[] Comparisons = ["eq", "ne", "lt", "le", "gt", "ge", "lo", "ls", "hi", "hs"];
    private static readonly byte[] Tables = [0x00, 0x01, 0x1b, 0x2d, 0x3a, 0x6c, 0x80, 0x96, 0xb4, 0xca, 0xe8, 0xfe, 0xff];

    private static readonly (string Name, Func<int, int, int> Choose)[] ByteModes =
    [
        ("f4e", (place, i) => place + i),
        ("b4e", (place, i) => (place - i) & 7),
        ("rc8", (place, _) => place),
        ("ecl", (place, i) => Math.Max(i, place)),
        ("ecr", (place, i) => Math.Min(i, place)),
        ("rc16", (place, i) => (place & 1) * 2 + (i & 1)),
    ];

    public static IEnumerable<WordCase> All => [.. Sums, .. Products, .. Carries, .. Logic, .. Fields, .. Halves, .. Dots, .. Tests];

    private static IEnumerable<WordCase> Sums =>
    [
        .. from sign in (char[])['s', 'u']
           from test in (WordCase[])
           [
               Bits($"add.{sign}32", 2, (a, b, _) => Low(a + b)),
               Bits($"sub.{sign}32", 2, (a, b, _) => Low(a - b)),
               Bits($"min.{sign}32", 2, (a, b, _) => Low((ulong)Math.Min(Number(a, sign), Number(b, sign)))),
               Bits($"max.{sign}32", 2, (a, b, _) => Low((ulong)Math.Max(Number(a, sign), Number(b, sign)))),
               Bits($"sad.{sign}32", 3, (a, b, c) => Low((ulong)Math.Abs(Number(a, sign) - Number(b, sign)) + c)),
               // By zero the ISA leaves the result open; a GPU gives all ones, and the dividend for a rest.
               Bits($"div.{sign}32", 2, (a, b, _) => b == 0 ? uint.MaxValue : Low((ulong)(Number(a, sign) / Number(b, sign)))),
               Bits($"rem.{sign}32", 2, (a, b, _) => b == 0 ? a : Low((ulong)(Number(a, sign) % Number(b, sign)))),
               Bits($"div.{sign}32 by numbers", 1, (a, _, _) => Low((ulong)(Number(a, sign) / 7)) ^ Low((ulong)(Number(a, sign) % 1000)) ^ Low((ulong)(Number(a, sign) / 0x4000_0001))) with
               {
                   Body = $"div.{sign}32 %t0, %v0, 7;\nrem.{sign}32 %t1, %v0, 1000;\ndiv.{sign}32 %t2, %v0, 1073741825;\nxor.b32 %t0, %t0, %t1;\nxor.b32 %v1, %t0, %t2;",
               },
           ]
           select test,
        Bits("add.sat.s32", 2, (a, b, _) => Clamped(Signed(a) + Signed(b))),
        Bits("sub.sat.s32", 2, (a, b, _) => Clamped(Signed(a) - Signed(b))),
        Bits("neg.s32", 1, (a, _, _) => Low(0 - a)),
        Bits("abs.s32", 1, (a, _, _) => Low((ulong)Math.Abs(Signed(a)))),
        Bits("min.relu.s32", 2, (a, b, _) => (ulong)Math.Max(0, Math.Min(Signed(a), Signed(b)))),
        Bits("max.relu.s32", 2, (a, b, _) => (ulong)Math.Max(0, Math.Max(Signed(a), Signed(b)))),
    ];

    private static IEnumerable<WordCase> Products =>
    [
        .. from sign in (char[])['s', 'u']
           from test in (WordCase[])
           [
               Bits($"mul.lo.{sign}32", 2, (a, b, _) => Low(a * b)),
               Bits($"mul.hi.{sign}32", 2, (a, b, _) => High(a, b, sign)),
               Bits($"mul.wide.{sign}32", 2, (a, b, _) => Product(a, b, sign), 64),
               Bits($"mad.lo.{sign}32", 3, (a, b, c) => Low(a * b + c)),
               Bits($"mad.hi.{sign}32", 3, (a, b, c) => Low(High(a, b, sign) + c)),
               Bits($"mad.wide.{sign}32", 3, (a, b, c) => Product(a, b, sign) + c, 64) with { Widths = [32, 32, 64] },
               Bits($"mul24.lo.{sign}32", 2, (a, b, _) => Low((ulong)Product24(a, b, sign))),
               Bits($"mul24.hi.{sign}32", 2, (a, b, _) => Low((ulong)(Product24(a, b, sign) >> 16))),
               Bits($"mad24.lo.{sign}32", 3, (a, b, c) => Low((ulong)Product24(a, b, sign) + c)),
               Bits($"mad24.hi.{sign}32", 3, (a, b, c) => Low((ulong)(Product24(a, b, sign) >> 16) + c)),
           ]
           select test,
        Bits("mad.hi.sat.s32", 3, (a, b, c) => Clamped(Signed(High(a, b, 's')) + Signed(c))),
        Bits("mad24.hi.sat.s32", 3, (a, b, c) => Clamped((Product24(a, b, 's') >> 16) + Signed(c))),
    ];

    /// <summary>Lists pairs of instructions, of which the second takes the carry of the first: the result has both.</summary>
    private static IEnumerable<WordCase> Carries =>
    [
        Pair("add.cc, addc", "add.cc.u32 %t0, %v0, %v1;\naddc.u32 %t1, %v2, %v1;", (a, b, c) => Low(a + b) | Low(c + b + (a + b >> 32)) << 32),
        Pair("add.cc, addc.cc, addc", "add.cc.s32 %t0, %v0, %v1;\naddc.cc.s32 %t0, %v1, %v2;\naddc.s32 %t1, %v2, %v0;", (a, b, c) => Low(b + c + (a + b >> 32)) | Low(c + a + (b + c + (a + b >> 32) >> 32)) << 32),
        Pair("sub.cc, subc", "sub.cc.u32 %t0, %v0, %v1;\nsubc.u32 %t1, %v2, %v1;", (a, b, c) => Low(a - b) | Low(c - b - (a < b ? 1ul : 0)) << 32),
        Pair("sub.cc, subc.cc, subc", "sub.cc.u32 %t0, %v0, %v1;\nsubc.cc.u32 %t0, %v1, %v2;\nsubc.u32 %t1, %v2, %v0;", (a, b, c) =>
        {
            var borrow = a < b ? 1ul : 0;
            return Low(b - c - borrow) | Low(c - a - (b < c + borrow ? 1ul : 0)) << 32;
        }),
        Pair("mad.lo.cc, madc.hi", "mad.lo.cc.u32 %t0, %v0, %v1, %v2;\nmadc.hi.u32 %t1, %v0, %v1, %v2;", (a, b, c) => Low(a * b + c) | Low((a * b >> 32) + c + (Low(a * b) + c >> 32)) << 32),
        .. from sign in (char[])['s', 'u']
           select Pair($"mad.hi.cc.{sign}32, madc.hi.cc, madc.lo.cc, madc.hi", $"mad.hi.cc.{sign}32 %t2, %v0, %v1, %v2;\nmadc.hi.cc.{sign}32 %t0, %v1, %v2, %v0;\nmadc.lo.cc.{sign}32 %t2, %v0, %v1, %v2;\nmadc.hi.{sign}32 %t1, %v0, %v2, %v1;", (a, b, c) =>
           {
               var first = Low(High(a, b, sign)) + c;
               var second = Low(High(b, c, sign)) + a + (first >> 32);
               var third = Low(a * b) + c + (second >> 32);
               return Low(second) | Low(High(a, c, sign) + b + (third >> 32)) << 32;
           }),
        Pair("mad.hi.cc, madc.lo", "mad.hi.cc.s32 %t0, %v0, %v1, %v2;\nmadc.lo.s32 %t1, %v0, %v1, %v2;", (a, b, c) => Low(High(a, b, 's') + c) | Low(a * b + c + (High(a, b, 's') + c >> 32)) << 32),
    ];

    private static IEnumerable<WordCase> Logic =>
    [
        Bits("and.b32", 2, (a, b, _) => a & b),
        Bits("or.b32", 2, (a, b, _) => a | b),
        Bits("xor.b32", 2, (a, b, _) => a ^ b),
        Bits("not.b32", 1, (a, _, _) => Low(~a)),
        Bits("cnot.b32", 1, (a, _, _) => a == 0 ? 1ul : 0),
        .. Tables.Select(table => Bits($"lop3.b32 0x{table:x2}", 3, (a, b, c) => Lop3(a, b, c, table)) with { Body = $"lop3.b32 %v3, %v0, %v1, %v2, 0x{table:x2};" }),
        .. from how in (string[])["or", "and"]
           from table in (byte[])[0x80, 0x96, 0xe8]
           select Pair($"lop3.{how}.b32 0x{table:x2}", $"and.b32 %t2, %v0, 1;\nsetp.ne.u32 %s, %t2, 0;\nlop3.{how}.b32 %t0|%p, %v0, %v1, %v2, 0x{table:x2}, %s;\nselp.b32 %t1, 1, 0, %p;", (a, b, c) =>
           {
               var result = Lop3(a, b, c, table);
               return result | ((how == "or" ? result != 0 || (a & 1) != 0 : result != 0 && (a & 1) != 0) ? 1ul << 32 : 0);
           }),
        Bits("shl.b32", 2, (a, b, _) => b > 31 ? 0 : Low(a << (int)b)),
        Bits("shr.u32", 2, (a, b, _) => b > 31 ? 0 : a >> (int)b),
        Bits("shr.b32", 2, (a, b, _) => b > 31 ? 0 : a >> (int)b),
        Bits("shr.s32", 2, (a, b, _) => Low((ulong)(Signed(a) >> (int)Math.Min(b, 31)))),
        Bits("shf.l.wrap.b32", 3, (a, b, c) => (b << 32 | a) << (int)(c & 31) >> 32),
        Bits("shf.r.wrap.b32", 3, (a, b, c) => Low((b << 32 | a) >> (int)(c & 31))),
        Bits("shf.l.clamp.b32", 3, (a, b, c) => c > 31 ? a : (b << 32 | a) << (int)c >> 32),
        Bits("shf.r.clamp.b32", 3, (a, b, c) => c > 31 ? b : Low((b << 32 | a) >> (int)c)),
        .. ByteModes.Select(mode => Bits($"prmt.b32.{mode.Name}", 3, (a, b, c) => Permuted(a, b, i => mode.Choose((int)(c & 3), i)))),
        Bits("prmt.b32", 3, (a, b, c) => Permuted(a, b, i => (int)(c >> (4 * i) & 15))),
        Bits("slct.u32.s32", 3, (a, b, c) => Signed(c) >= 0 ? a : b),
        Bits("slct.f32.s32", 3, (a, b, c) => Signed(c) >= 0 ? a : b),
        Bits("slct.b64.s32", 3, (a, b, c) => Signed(c) >= 0 ? a : b, 64) with { Widths = [64, 64, 32] },
        Bits("slct.f64.s32", 3, (a, b, c) => Signed(c) >= 0 ? a : b, 64) with { Widths = [64, 64, 32] },
        Bits("selp.f32", 3, (a, b, c) => (c & 1) != 0 ? a : b) with { Body = "and.b32 %t0, %v2, 1;\nsetp.ne.u32 %p, %t0, 0;\nselp.f32 %v3, %v0, %v1, %p;" },
    ];

    private static IEnumerable<WordCase> Fields =>
    [
        Bits("clz.b32", 1, (a, _, _) => (ulong)(31 - TopBit(a))),
        Bits("popc.b32", 1, (a, _, _) => (ulong)Ones(a)),
        Bits("brev.b32", 1, (a, _, _) => Enumerable.Range(0, 32).Aggregate(0ul, (r, i) => r | (a >> i & 1) << (31 - i))),
        Bits("bfind.u32", 1, (a, _, _) => Low((ulong)TopBit(a))),
        Bits("bfind.s32", 1, (a, _, _) => Low((ulong)TopBit(Low(Signed(a) < 0 ? ~a : a)))),
        Bits("bfind.shiftamt.u32", 1, (a, _, _) => a == 0 ? uint.MaxValue : (ulong)(31 - TopBit(a))),
        Bits("bfind.shiftamt.s32", 1, (a, _, _) => TopBit(Low(Signed(a) < 0 ? ~a : a)) is var top and >= 0 ? (ulong)(31 - top) : uint.MaxValue),
        Bits("bfe.u32", 3, (a, b, c) => (b & 255) > 31 ? 0 : a >> (int)(b & 255) & Mask(c & 255)),
        Bits("bfe.s32", 3, Extract),
        Bits("bfi.b32", 3, (a, b, c) => Insert(a, b, c & 255, (c >> 8) & 255)) with { Body = "shr.u32 %t0, %v2, 8;\nbfi.b32 %v3, %v0, %v1, %v2, %t0;" },
        Bits("bmsk.clamp.b32", 2, (a, b, _) => a > 31 ? 0 : Low(Mask(b) << (int)a)),
        Bits("bmsk.wrap.b32", 2, (a, b, _) => Low(Mask(b & 31) << (int)(a & 31))),
        Bits("fns.b32", 3, (a, b, c) => NthSet(a, b, Signed(c))),
        .. from type in (string[])["u16", "s16"]
           select Bits($"cvt.pack.sat.{type}.s32", 2, (a, b, _) => Packed(a, type) << 16 | Packed(b, type)),
        .. from type in (string[])["u8", "s8", "u4", "s4", "u2", "s2"]
           let bits = type[1] - '0'
           select Bits($"cvt.pack.sat.{type}.s32.b32", 3, (a, b, c) => Low(c << (2 * bits) | Packed(a, type) << bits | Packed(b, type))),
        Bits("szext.clamp.u32", 2, (a, b, _) => a & Mask(b)),
        Bits("szext.wrap.u32", 2, (a, b, _) => a & Mask(b & 31)),
        Bits("szext.clamp.s32", 2, (a, b, _) => Extended(a, Math.Min(b, 32))),
        Bits("szext.wrap.s32", 2, (a, b, _) => Extended(a, b & 31)),
    ];

    private static IEnumerable<WordCase> Halves =>
    [
        Bits("add.u16x2", 2, (a, b, _) => Each(a, b, (x, y) => x + y)),
        Bits("add.s16x2", 2, (a, b, _) => Each(a, b, (x, y) => x + y)),
        Bits("min.s16x2", 2, (a, b, _) => Each(a, b, Math.Min)),
        Bits("max.s16x2", 2, (a, b, _) => Each(a, b, Math.Max)),
        Bits("min.u16x2", 2, (a, b, _) => Each(a, b, (x, y) => Math.Min(x & 0xffff, y & 0xffff))),
        Bits("max.u16x2", 2, (a, b, _) => Each(a, b, (x, y) => Math.Max(x & 0xffff, y & 0xffff))),
        Bits("min.relu.s16x2", 2, (a, b, _) => Each(a, b, (x, y) => Math.Max(0, Math.Min(x, y)))),
        Bits("max.relu.s16x2", 2, (a, b, _) => Each(a, b, (x, y) => Math.Max(0, Math.Max(x, y)))),
    ];

    private static IEnumerable<WordCase> Dots =>
        from a in (char[])['s', 'u']
        from b in (char[])['s', 'u']
        from test in (WordCase[])
        [
            Bits($"dp4a.{a}32.{b}32", 3, (x, y, z) => Low((ulong)(Part(x, 0, 8, a) * Part(y, 0, 8, b) + Part(x, 8, 8, a) * Part(y, 8, 8, b) + Part(x, 16, 8, a) * Part(y, 16, 8, b) + Part(x, 24, 8, a) * Part(y, 24, 8, b)) + z)),
            Bits($"dp2a.lo.{a}32.{b}32", 3, (x, y, z) => Low((ulong)(Part(x, 0, 16, a) * Part(y, 0, 8, b) + Part(x, 16, 16, a) * Part(y, 8, 8, b)) + z)),
            Bits($"dp2a.hi.{a}32.{b}32", 3, (x, y, z) => Low((ulong)(Part(x, 0, 16, a) * Part(y, 16, 8, b) + Part(x, 16, 16, a) * Part(y, 24, 8, b)) + z)),
        ]
        select test;

    private static IEnumerable<WordCase> Tests =>
        from type in (string[])["u32", "s32", "b32"]
        let names = Comparisons[..(type == "u32" ? 10 : type == "s32" ? 6 : 2)]
        from test in (WordCase[])
        [
            Bits($"setp.*.{type}", 2, (a, b, _) => Gather(names, a, b, type[0]) | (~Gather(names, a, b, type[0]) & ((1ul << names.Length) - 1)) << 16) with
            {
                Body = Gathering(names, c => $"setp.{c}.{type} %p|%q, %v0, %v1;\nselp.b32 %t0, 1, 0, %p;\nselp.b32 %t2, 65536, 0, %q;\nor.b32 %t0, %t0, %t2;"),
            },
            Bits($"set.*.u32.{type}", 2, (a, b, _) => Gather(names, a, b, type[0])) with { Body = Gathering(names, c => $"set.{c}.u32.{type} %t0, %v0, %v1;\nand.b32 %t0, %t0, 1;") },
            .. from half in (string[])["f16", "bf16"]
               let one = half == "f16" ? 0x3c00 : 0x3f80
               select Bits($"set.*.{half}.{type}", 2, (a, b, _) => Gather(names, a, b, type[0])) with { Body = $".reg .b16 %h;\n{Gathering(names, c => $"set.{c}.{half}.{type} %h, %v0, %v1;\nsetp.eq.u16 %p, %h, {one};\nselp.b32 %t0, 1, 0, %p;")}" },
            Bits($"set.*.f32.{type}", 2, (a, b, _) => Gather(names, a, b, type[0])) with { Body = Gathering(names, c => $"set.{c}.f32.{type} %t0, %v0, %v1;\nshr.u32 %t0, %t0, 29;") },
        ]
        select test;

    private static string Gathering(string[] names, Func<string, string> line) =>
        $"mov.b32 %t1, 0;\n{string.Join('\n', names.Select((c, i) => $"{line(c)}\nshl.b32 %t0, %t0, {i};\nor.b32 %t1, %t1, %t0;"))}\nmov.b32 %v2, %t1;";

    private static ulong Gather(string[] names, ulong a, ulong b, char sign)
    {
        var (bits, order) = (0ul, Number(a, sign).CompareTo(Number(b, sign)));
        for (var i = 0; i < names.Length; i++)
            bits |= (names[i] switch { "eq" => order == 0, "ne" => order != 0, "lt" or "lo" => order < 0, "le" or "ls" => order <= 0, "gt" or "hi" => order > 0, _ => order >= 0 }) ? 1ul << i : 0;
        return bits;
    }

    private static WordCase Pair(string name, string body, WordReference expected) => Bits(name, 3, expected, 64) with { Body = body + "\nmov.b64 %v3, {%t0, %t1};" };

    private static ulong Low(ulong a) => a & uint.MaxValue;

    private static long Signed(ulong a) => (int)(uint)a;

    private static long Number(ulong a, char sign) => sign == 's' ? Signed(a) : (long)a;

    private static ulong Clamped(long a) => Low((ulong)Math.Clamp(a, int.MinValue, int.MaxValue));

    private static ulong Product(ulong a, ulong b, char sign) => sign == 's' ? (ulong)(Signed(a) * Signed(b)) : a * b;

    private static ulong High(ulong a, ulong b, char sign) => Product(a, b, sign) >> 32;

    private static long Product24(ulong a, ulong b, char sign) => Part(a, 0, 24, sign) * Part(b, 0, 24, sign);

    private static long Part(ulong word, int start, int bits, char sign)
    {
        var part = (long)(word >> start & ((1ul << bits) - 1));
        return sign == 's' && part >> (bits - 1) != 0 ? part - (1L << bits) : part;
    }

    private static ulong Lop3(ulong a, ulong b, ulong c, byte table)
    {
        var result = 0ul;
        for (var i = 0; i < 8; i++)
            if ((table >> i & 1) != 0)
                result |= ((i & 4) != 0 ? a : ~a) & ((i & 2) != 0 ? b : ~b) & ((i & 1) != 0 ? c : ~c);
        return Low(result);
    }

    private static ulong Permuted(ulong a, ulong b, Func<int, int> choose)
    {
        var (bytes, result) = (b << 32 | a, 0ul);
        for (var i = 0; i < 4; i++)
        {
            var chosen = choose(i);
            var value = bytes >> ((chosen & 7) * 8) & 255;
            // The fourth bit takes the sign in the place of the byte.
            if ((chosen & 8) != 0) value = (value & 128) != 0 ? 255ul : 0;
            result |= value << (i * 8);
        }

        return result;
    }

    private static int TopBit(ulong a) => a == 0 ? -1 : (int)Math.Log2(a);

    private static int Ones(ulong a)
    {
        var count = 0;
        for (; a != 0; a >>= 1) count += (int)(a & 1);
        return count;
    }

    /// <summary>Finds a bit that is set, so many behind a place or, where the number is negative, before it.</summary>
    private static ulong NthSet(ulong mask, ulong start, long n)
    {
        if (start > 31) return uint.MaxValue;
        if (n == 0) return (mask >> (int)start & 1) != 0 ? start : uint.MaxValue;
        for (var place = (int)start; place is >= 0 and < 32; place += Math.Sign(n))
            if ((mask >> place & 1) != 0 && (n -= Math.Sign(n)) == 0)
                return (ulong)place;
        return uint.MaxValue;
    }

    private static ulong Packed(ulong a, string type)
    {
        var bits = int.Parse(type[1..], System.Globalization.CultureInfo.InvariantCulture);
        var (least, most) = type[0] == 's' ? (-(1L << (bits - 1)), (1L << (bits - 1)) - 1) : (0, (1L << bits) - 1);
        return (ulong)Math.Clamp(Signed(a), least, most) & ((1ul << bits) - 1);
    }

    private static ulong Mask(ulong width) => width > 31 ? uint.MaxValue : (1ul << (int)width) - 1;

    private static ulong Extended(ulong a, ulong bits) => bits == 0 ? 0 : Low((ulong)Part(a, 0, (int)bits, 's'));

    private static ulong Extract(ulong a, ulong b, ulong c)
    {
        var (start, length) = (b & 255, c & 255);
        if (length == 0) return 0;
        // What lies above the word is its sign, or the sign of the field where it ends within.
        var result = 0ul;
        var sign = a >> (int)Math.Min(start + length - 1, 31) & 1;
        for (var i = 0ul; i < 32; i++) result |= (i < length && start + i < 32 ? a >> (int)(start + i) & 1 : sign) << (int)i;
        return result;
    }

    private static ulong Insert(ulong a, ulong b, ulong start, ulong length)
    {
        for (var i = 0ul; i < length && start + i < 32; i++) b = (b & ~(1ul << (int)(start + i))) | (i < 32 ? a >> (int)i & 1 : 0) << (int)(start + i);
        return b;
    }

    private static ulong Each(ulong a, ulong b, Func<long, long, long> function) =>
        (ulong)function(Part(a, 0, 16, 's'), Part(b, 0, 16, 's')) & 0xffff | ((ulong)function(Part(a, 16, 16, 's'), Part(b, 16, 16, 's')) & 0xffff) << 16;
}
