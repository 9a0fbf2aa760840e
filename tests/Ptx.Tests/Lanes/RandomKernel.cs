using System.Globalization;
using System.Text;

namespace Broker.Ptx.Tests.Lanes;

/// <summary>Writes kernels that branch, loop, exchange and compute at random, but touch no byte that they may not.</summary>
/// <remarks>Each thread leaves what its registers hold in a row of its own; the same seed gives the same text.</remarks>
internal sealed class RandomKernel
{
    public const int InputWords = 256;
    public const int RowWords = 16;

    private const int MaxDepth = 3;

    private static readonly string[] IntegerForms =
    [
        "add.u32 {0}, {1}, {2};", "sub.s32 {0}, {1}, {2};", "mul.lo.u32 {0}, {1}, {2};", "mad.lo.s32 {0}, {1}, {2}, {0};", "and.b32 {0}, {1}, {2};",
        "or.b32 {0}, {1}, {2};", "xor.b32 {0}, {1}, {2};", "shl.b32 {0}, {1}, 3;", "shr.u32 {0}, {1}, 5;", "shr.s32 {0}, {1}, {2};", "shl.b32 {0}, {1}, {2};",
        "min.s32 {0}, {1}, {2};", "max.u32 {0}, {1}, {2};", "mul.hi.u32 {0}, {1}, {2};", "lop3.b32 {0}, {1}, {2}, {0}, 0x96;", "popc.b32 {0}, {1};",
        "shf.l.wrap.b32 {0}, {1}, {2}, 7;", "bfe.u32 {0}, {1}, 4, 9;", "dp4a.s32.s32 {0}, {1}, {2}, {0};", "add.u32 {0}, {1}, 17;", "prmt.b32 {0}, {1}, {2}, 0x2541;",
        "neg.s32 {0}, {1};", "abs.s32 {0}, {1};", "sad.u32 {0}, {1}, {2}, {0};", "mul.lo.u32 {0}, {1}, 12;", "mov.u32 {0}, {1};", "cvt.u32.u16 {0}, %h0;", "cvt.s32.s8 {0}, {1};",
        "add.u32 {0}, {1}, 4294967290;", "add.u32 {0}, {1}, 2147483640;", "cvt.u32.s32 {0}, {1};",
    ];

    private static readonly string[] WideForms =
    [
        "mul.wide.u32 {0}, {2}, 4;", "mul.wide.s32 {0}, {2}, {3};", "add.u64 {0}, {0}, {1};", "cvt.u64.u32 {0}, {2};", "cvt.s64.s32 {0}, {2};", "shl.b64 {0}, {1}, 9;",
        "shr.s64 {0}, {1}, {2};", "xor.b64 {0}, {0}, {1};", "mad.wide.u32 {0}, {2}, 12, {1};", "mul.lo.u64 {0}, {0}, {1};", "min.u64 {0}, {0}, {1};", "sub.s64 {0}, {1}, {0};",
        "cvt.u32.u64 {2}, {1};", "cvt.s32.s64 {2}, {1};\ncvt.s64.s32 {0}, {2};", "add.u64 {0}, {1}, 4294967290;",
    ];

    private static readonly string[] RealForms =
    [
        "add.f32 {0}, {1}, {2};", "sub.ftz.f32 {0}, {1}, {2};", "mul.rn.f32 {0}, {1}, {2};", "fma.rn.f32 {0}, {1}, {2}, {0};", "min.f32 {0}, {1}, {2};",
        "max.ftz.f32 {0}, {1}, {2};", "div.rn.f32 {0}, {1}, {2};", "sqrt.rn.f32 {0}, {1};", "neg.f32 {0}, {1};", "abs.f32 {0}, {1};", "add.sat.f32 {0}, {1}, {2};",
        "cvt.rn.f32.s32 {0}, %r1;", "cvt.rn.f32.u32 {0}, %r2;", "cvt.rmi.f32.f32 {0}, {1};", "mov.b32 {0}, %r3;", "rcp.rn.f32 {0}, {1};", "add.rz.f32 {0}, {1}, {2};", "cvt.rn.f32.f64 {0}, %d0;",
    ];

    private static readonly string[] OtherForms =
    [
        "add.f64 %d0, %d1, %d0;", "fma.rn.f64 %d1, %d0, %d1, %d0;", "cvt.f64.f32 %d1, %f1;", "cvt.rzi.s32.f32 %r4, %f2;", "cvt.rni.u32.f32 %r5, %f3;", "mov.b32 %r6, %f0;",
        "mov.b64 %x1, %d0;", "cvt.u16.u32 %h0, %r2;", "add.u16 %h0, %h0, %h0;", "cvt.rn.f64.s32 %d0, %r1;", "mov.b64 {{%r0, %r3}}, %x2;", "mov.b64 %x0, {{%r5, %r4}};", "max.f64 %d0, %d0, %d1;",
        "add.cc.u32 %r1, %r2, %r3;\naddc.u32 %r4, %r5, %r6;", "add.cc.u32 %t5, %t0, 4294967290;\naddc.u32 %r2, %r5, %r6;", "sub.cc.u32 %r4, %r3, %r2;", "addc.u32 %r0, %r1, 1;", "and.pred %p1, %p2, %p3;", "xor.pred %p2, %p1, %p3;", "not.pred %p3, %p1;", "slct.s32.s32 %r2, %r3, %r4, %r5;",
    ];

    private readonly Random _random;
    private readonly StringBuilder _text = new();
    private int _labels;
    private int _counters;

    private RandomKernel(int seed) => _random = new Random(seed);

    public static string Write(int seed)
    {
        var kernel = new RandomKernel(seed);
        kernel.Body();
        return kernel._text.ToString();
    }

    private void Body()
    {
        _text.Append("""
            .version 8.0
            .target sm_80
            .address_size 64
            .shared .align 16 .b8 room[4096];
            .visible .entry test(.param .u64 out, .param .u64 in, .param .u32 n)
            {
            .reg .pred %p<5>;
            .reg .b16 %h<2>;
            .reg .u32 %r<8>, %t<8>, %c<64>;
            .reg .u64 %x<4>, %a<6>;
            .reg .f32 %f<5>;
            .reg .f64 %d<2>;
            ld.param.u64 %a0, [out];
            ld.param.u64 %a1, [in];
            ld.param.u32 %t0, [n];
            mov.u32 %r0, %tid.x;
            mov.u32 %r1, %tid.y;
            mov.u32 %r2, %ctaid.x;
            mov.u32 %t1, %ntid.x;
            mad.lo.u32 %t2, %r1, %t1, %r0;
            mov.u32 %t3, %ntid.y;
            mul.lo.u32 %t3, %t3, %t1;
            mad.lo.u32 %t4, %r2, %t3, %t2;
            mov.u32 %r3, %t2;
            mov.u32 %r4, %laneid;
            mov.u32 %r5, %t0;
            mul.wide.u32 %a2, %t2, 4;
            mov.u64 %a3, room;
            add.u64 %a3, %a3, %a2;
            st.shared.u32 [%a3], %t4;
            bar.sync 0;

            """);
        for (var i = 0; i < 12; i++) Statement(0);
        _text.Append("""
            mad.wide.u32 %a4, %t4, 64, %a0;
            st.global.v4.u32 [%a4], {%r0, %r1, %r2, %r3};
            st.global.u32 [%a4+16], %r4;
            st.global.u32 [%a4+20], %r5;
            st.global.u64 [%a4+24], %x0;
            st.global.f32 [%a4+32], %f0;
            st.global.f32 [%a4+36], %f1;
            st.global.f64 [%a4+40], %d0;
            st.global.u64 [%a4+48], %x1;
            st.global.u16 [%a4+56], %h0;
            selp.u32 %r7, 1, 0, %p1;
            st.global.u32 [%a4+60], %r7;
            ret;
            }
            """);
    }

    private void Statement(int depth)
    {
        switch (_random.Next(depth < MaxDepth ? 22 : 15))
        {
            case < 5: Add(Pick(IntegerForms), R(), R(), R()); break;
            case < 7: Add(Pick(WideForms), X(), X(), R(), R()); break;
            case < 10: Add(Pick(RealForms), F(), F(), F()); break;
            case 10: Add(Pick(OtherForms)); break;
            case 11: Add("setp.{1}.{2} {0}, {3}, {4};", P(), Pick("lt", "ge", "eq", "ne"), Pick("u32", "s32"), R(), R()); break;
            case 12: Add("setp.{1}.f32 {0}, {2}, {3};", P(), Pick("lt", "geu", "equ", "num", "ne"), F(), F()); break;
            case 13: Load(); break;
            case 14: Add("@{0}{1} {2}", Pick("", "!"), P(), string.Format(CultureInfo.InvariantCulture, Pick(IntegerForms[..22]), R(), R(), R())); break;
            case < 18: If(depth); break;
            case < 20: Loop(depth); break;
            default: Exchange(depth); break;
        }
    }

    private void Load()
    {
        switch (_random.Next(5))
        {
            case 0:
                Add("and.b32 %t5, {0}, 255;\nmul.wide.u32 %a4, %t5, 4;\nadd.u64 %a4, %a4, %a1;\nld.global.u32 {1}, [%a4];", R(), R());
                break;
            case 1:
                Add("and.b32 %t5, {0}, 63;\nmul.wide.u32 %a4, %t5, 16;\nadd.u64 %a4, %a4, %a1;\nld.global.v4.f32 {{{1}, {2}, _, %f4}}, [%a4];", R(), "%f0", "%f2");
                break;
            case 2: Add("ld.global.f32 {0}, [%a1+{1}];", F(), 4 * _random.Next(InputWords)); break;
            case 3:
                Add("and.b32 %t5, %t2, 63;\nmul.wide.u32 %a4, %t2, 4;\nsetp.lt.u32 %p4, %t2, 200;\nadd.u64 %a4, %a4, %a1;\n@%p4 ld.global.u32 {0}, [%a4+{1}];", R(), 4 * _random.Next(56));
                break;
            default: Add("and.b32 %t5, {0}, 1020;\ncvt.u64.u32 %a4, %t5;\nadd.u64 %a4, %a4, %a1;\nld.global.s8 {1}, [%a4];", R(), R()); break;
        }
    }

    private void If(int depth)
    {
        var (otherwise, end) = (Label(), Label());
        Add("@{0}{1} bra {2};", Pick("", "!"), P(), otherwise);
        Statements(depth);
        Add("bra {0};\n{1}:", end, otherwise);
        if (_random.Next(2) == 0) Statements(depth);
        Add("{0}:", end);
    }

    private void Loop(int depth)
    {
        if (_counters > 60) return;
        var (start, end) = (Label(), Label());
        var counter = $"%c{_counters++}";
        var bound = $"%c{_counters++}";
        Add(_random.Next(2) == 0 ? "mov.u32 {0}, 3;" : "and.b32 {0}, {1}, 7;", bound, R());
        Add("mov.u32 {0}, 0;\n{1}:", counter, start);
        Statements(depth);
        if (_random.Next(3) == 0) Add("@{0} bra {1};", P(), end);
        Statements(depth);
        Add("add.u32 {0}, {0}, 1;\nsetp.lt.u32 %p4, {0}, {1};\n@%p4 bra {2};\n{3}:", counter, bound, start, end);
    }

    /// <summary>Lets threads see each other's numbers, where all of them come by.</summary>
    private void Exchange(int depth)
    {
        if (depth > 0)
        {
            Add("and.b32 %t5, {0}, 15;\nmad.lo.u32 %t5, %t5, 4, 4032;\nred.shared.add.u32 [%t5], {1};", R(), R());
            return;
        }

        switch (_random.Next(5))
        {
            case 0:
                Part();
                break;
            case 1:
                Add("bar.sync 0;\nst.shared.u32 [%a3], {0};\nbar.sync 0;\nadd.u32 %t5, %t2, {1};\nrem.u32 %t5, %t5, %t3;\nmul.wide.u32 %a4, %t5, 4;\nmov.u64 %a5, room;\nadd.u64 %a5, %a5, %a4;\nld.shared.u32 {2}, [%a5];", R(), _random.Next(1, 40), R());
                break;
            case 2: Add("shfl.sync.bfly.b32 {0}|%p3, {1}, {2}, 31, 0xffffffff;", R(), R(), 1 << _random.Next(5)); break;
            case 3: Add("vote.sync.ballot.b32 {0}, {1}, 0xffffffff;", R(), P()); break;
            default: Add("bar.red.popc.u32 {0}, 0, {1};", R(), P()); break;
        }
    }

    /// <summary>Lets the threads of a warp part, and exchange on either way with those that took the same.</summary>
    private void Part()
    {
        var (otherwise, end) = (Label(), Label());
        var predicate = P();
        Add("vote.sync.ballot.b32 %t6, {0}, 0xffffffff;\nnot.b32 %t7, %t6;\n@!{0} bra {1};", predicate, otherwise);
        Meet("%t6");
        Add("bra {0};\n{1}:", end, otherwise);
        if (_random.Next(3) > 0) Meet("%t7");
        Add("{0}:", end);

        void Meet(string mask)
        {
            for (var i = _random.Next(1, 3); i > 0; i--)
            {
                Add("shfl.sync.bfly.b32 {0}, {1}, {2}, 31, {3};", R(), R(), 1 << _random.Next(5), mask);
                Add(Pick(IntegerForms), R(), R(), R());
            }
        }
    }

    private void Statements(int depth)
    {
        for (var i = _random.Next(1, 4); i > 0; i--) Statement(depth + 1);
    }

    private void Add(string form, params object[] arguments) => _text.Append(CultureInfo.InvariantCulture, $"{string.Format(CultureInfo.InvariantCulture, form, arguments)}\n");

    private string Label() => $"L{_labels++}";

    private string Pick(params string[] choices) => choices[_random.Next(choices.Length)];

    private string R() => $"%r{_random.Next(7)}";

    private string X() => $"%x{_random.Next(3)}";

    private string F() => $"%f{_random.Next(4)}";

    private string P() => $"%p{_random.Next(4)}";
}
