using Broker.Ptx.Verify;

namespace Broker.Ptx.Tests.Verify;

/// <summary>Holds kernels that look harmless against what two machines could do differently.</summary>
public class SoundnessTests
{
    private const string Zeros = "mov.f64 %d1, 0d0000000000000000; mov.f64 %d2, %d1; mov.f64 %d3, %d1; mov.f64 %d4, %d1; mov.b16 %h2, 0;";
    private const string ByIndex = "mad.wide.u32 %rd1, %r1, 4, %out;\nst.global.u32 [%rd1], 1;";

    /// <summary>Addresses that become data, or say where a machine keeps its memory.</summary>
    public static TheoryData<string, string, string> Addresses => new()
    {
        { "carry of a sum", "unverifiable", "add.cc.u64 %rd1, %in, -140000000000000;\naddc.u64 %rd2, 0, 0;" },
        { "borrow of a difference", "unverifiable", "add.u64 %rd1, %in, 8;\nsub.cc.u64 %rd1, %in, %rd1;\nsubc.u64 %rd2, 0, 0;" },
        { "low half, as a number of 64 bits", "unverifiable", "cvt.u64.u32 %rd1, %in;\nsub.u64 %rd2, %rd1, %in;" },
        { "half of a parameter, by its address", "unverifiable", "mov.u64 %rd1, in;\nld.param.u32 %r2, [%rd1+4];" },
        { "half of what local memory keeps", "unverifiable", "st.local.u64 [mine], %in;\nld.local.u32 %r2, [mine+4];" },
        { "other half of what local memory keeps", "exact", "st.local.u64 [mine], %in;\nld.local.u32 %r2, [mine+8];" },
        { "half of what local memory keeps, by its address", "unverifiable", "mov.u64 %rd1, mine;\nst.local.u64 [%rd1], %in;\nld.local.u32 %r2, [mine+4];" },
        { "generic address of a number", "unverifiable", "mov.u64 %rd1, 16;\ncvta.shared.u64 %rd1, %rd1;\nmad.wide.u32 %rd9, %i, 4, %out;\nsetp.ne.u32 %p, %tx, 0;\n@!%p st.global.u64 [%rd9], %rd1;" },
        { "number taken for a generic address", "unverifiable", "mov.u64 %rd1, 16;\ncvta.to.shared.u64 %rd1, %rd1;\nmad.wide.u32 %rd9, %i, 4, %out;\nsetp.ne.u32 %p, %tx, 0;\n@!%p st.global.u64 [%rd9], %rd1;" },
        { "space of a number", "unverifiable", "mov.u64 %rd1, 140000000000000;\nisspacep.shared %p, %rd1;" },
        { "space of what lies outside the buffer", "unverifiable", "add.u64 %rd1, %in, 140000000000000;\nisspacep.shared %p, %rd1;" },
        { "order far outside the buffer", "unverifiable", "sub.u64 %rd1, %in, 140000000000000;\nsetp.lt.u64 %p, %rd1, %in;" },
        { "a guessed address", "unverifiable", "sub.u64 %rd1, %in, 140000000000000;\nsetp.eq.u64 %p, %rd1, 0;" },
        { "equality within a buffer, wherever", "exact", "sub.u64 %rd1, %in, 140000000000000;\nsetp.eq.u64 %p, %rd1, %in;" },
        { "low bits of shared memory", "unverifiable", "mov.u64 %rd1, tile;\nand.b64 %rd2, %rd1, 255;" },
        { "low bits of shared memory, as it is aligned", "exact", "mov.u64 %rd1, tile;\nand.b64 %rd2, %rd1, 7;" },
        { "low bits of a module variable", "unverifiable", "mov.u64 %rd1, counter;\nand.b64 %rd2, %rd1, 127;" },
        { "low bits beside a shared address", "unverifiable", "mov.u64 %rd1, tile;\nor.b64 %rd2, %rd1, 8;" },
        { "as floating-point numbers", "unverifiable", "mov.b64 %d1, %in;\nadd.rn.f64 %d2, %d1, %d1;\nsub.rn.f64 %d3, %d2, %d1;" },
        { "address that a module variable starts with", "unverifiable", "ld.global.u64 %rd1, [where];\nmad.wide.u32 %rd9, %i, 4, %out;\nsetp.ne.u32 %p, %tx, 0;\n@!%p st.global.u64 [%rd9], %rd1;" },
        { "distance of two shared variables", "unverifiable", "mov.u64 %rd1, tile;\nmov.u64 %rd2, tile2;\nsub.u64 %rd3, %rd2, %rd1;" },
        { "distance within a shared variable", "exact", "mov.u64 %rd1, tile;\nadd.u64 %rd2, %rd1, 4;\nsub.u64 %rd3, %rd2, %rd1;" },
        { "number taken for a place of shared memory", "unverifiable", "mov.u64 %rd1, 16;\nst.shared.u32 [%rd1], 1;" },
        { "chosen by loaded data", "exact-scattered", "ld.global.u32 %r2, [%in];\nsetp.eq.u32 %p, %r2, 0;\nadd.u64 %rd2, %at, 4;\nselp.u64 %rd1, %at, %rd2, %p;\nst.global.u32 [%rd1], 1;" },
        { "least of loaded data", "exact-scattered", "ld.global.u32 %r2, [%in];\nmin.u32 %r1, %r2, %i;\n" + ByIndex },
    };

    /// <summary>Places that a register cannot hold, or a loop does not reach as often as it seems.</summary>
    public static TheoryData<string, string, string> Places => new()
    {
        { "product that comes around", "exact-scattered", "mul.lo.u32 %r1, %i, 1073741824;\nshr.u32 %r1, %r1, 28;\n" + ByIndex },
        { "sum that comes around", "exact-scattered", "add.u32 %r1, %i, 4294967290;\n" + ByIndex },
        { "through 64 bits", "exact-scattered", "sub.u32 %r1, %i, 6;\ncvt.u64.u32 %rd5, %r1;\nshl.b64 %rd6, %rd5, 2;\nadd.u64 %rd1, %rd6, %out;\nst.global.u32 [%rd1], 1;" },
        { "negated twice", "exact", "neg.s32 %r1, %i;\ncvt.s64.s32 %rd5, %r1;\nneg.s64 %rd6, %rd5;\nshl.b64 %rd7, %rd6, 2;\nadd.u64 %rd1, %rd7, %out;\nst.global.u32 [%rd1], 1;" },
        { "negated, unsigned", "exact-scattered", "neg.s32 %r1, %i;\ncvt.u64.u32 %rd5, %r1;\nneg.s64 %rd6, %rd5;\nshl.b64 %rd7, %rd6, 2;\nadd.u64 %rd1, %rd7, %out;\nst.global.u32 [%rd1], 1;" },
        { "cut to eight bits", "exact-scattered", "add.u32 %r1, %i, 200;\ncvt.u8.u32 %r1, %r1;\n" + ByIndex },
        { "shortened", "exact-scattered", "mul.wide.u32 %rd5, %i, 1073741824;\ncvt.u32.u64 %r1, %rd5;\nshr.u32 %r1, %r1, 28;\n" + ByIndex },
        { "two counters that meet", "exact-scattered", "mov.u32 %r1, 0;\nmov.u32 %r2, 9;\nLOOP:\nmad.lo.u32 %r3, %cx, 16, %r1;\nmad.wide.u32 %rd1, %r3, 4, %out;\nst.global.u32 [%rd1], 1;\nadd.u32 %r1, %r1, 2;\nadd.u32 %r2, %r2, 1;\nsetp.ne.u32 %p, %r1, %r2;\n@%p bra LOOP;" },
        { "a bound that comes around", "exact-scattered", "mov.u32 %r1, 0;\nmov.u32 %r2, 3500;\nLOOP:\nmad.lo.u32 %r3, %cx, 16, %r1;\nmad.wide.u32 %rd1, %r3, 4, %out;\nst.global.u32 [%rd1], 1;\nadd.u32 %r1, %r1, 1;\nsub.u32 %r2, %r2, 1000;\nsetp.lt.u32 %p, %r1, %r2;\n@%p bra LOOP;" },
        { "two blocks by one byte", "exact-scattered", "mad.wide.u32 %rd1, %cx, 3, %out;\nst.global.u8 [%rd1], 1;\nst.global.u8 [%rd1+1], 1;\nst.global.u8 [%rd1+2], 1;\nst.global.u8 [%rd1+3], 1;" },
        { "three bytes a block", "exact", "mad.wide.u32 %rd1, %cx, 3, %out;\nst.global.u8 [%rd1], 1;\nst.global.u8 [%rd1+1], 1;\nst.global.u8 [%rd1+2], 1;" },
        { "two widths", "exact-scattered", "mad.wide.u32 %rd1, %cx, 4, %out;\nst.global.u32 [%rd1], 1;\nmad.wide.u32 %rd2, %cx, 2, %out;\nst.global.u16 [%rd2+16], 1;\nst.global.u16 [%rd2+14], 1;" },
        { "words of 64 bits too near", "exact-scattered", "st.global.u64 [%at], 1;" },
        { "read of a neighbour's byte, generic", "unverifiable", "st.global.u32 [%at], 1;\nsub.u64 %rd5, %at, %out;\nxor.b64 %rd6, %rd5, 4;\nadd.u64 %rd1, %rd6, %out;\nld.u8 %r1, [%rd1];" },
        { "uncached read of what is written", "unverifiable", "ld.global.nc.u32 %r1, [%at];\nst.global.u32 [%at], 1;\nld.global.nc.u32 %r2, [%at];" },
        { "register that nobody wrote", "unverifiable", ".reg .u32 %left;\nst.global.u32 [%at], %left;" },
        { "branch of a register that nobody wrote", "unverifiable", ".reg .pred %left;\n@%left bra END;\nst.global.u32 [%at], 1;\nEND:" },
        { "borrow by its like", "exact", "sub.cc.u32 %r1, %i, 5;\nsubc.u32 %r2, 0, 0;" },
        { "borrow for a carry", "unverifiable", "sub.cc.u32 %r1, %i, 5;\naddc.u32 %r2, 0, 0;" },
        { "carry for a borrow", "unverifiable", "add.cc.u32 %r1, %i, 5;\nsubc.u32 %r2, 0, 0;" },
        { "borrow or carry, by the way", "unverifiable", "add.cc.u32 %r1, %i, 5;\nsetp.eq.u32 %p, %i, 3;\n@%p sub.cc.u32 %r1, %i, 5;\naddc.u32 %r2, 0, 0;" },
        { "carry that nobody made", "unverifiable", "addc.u32 %r1, %i, 0;" },
        { "vote of a register that nobody wrote", "unverifiable", ".reg .pred %left;\nvote.sync.ballot.b32 %r1, %left, -1;" },
        { "volatile store", "unverifiable", "st.volatile.global.u32 [%at], 1;" },
        { "write through to the system", "unverifiable", "st.global.wt.u32 [%at], 1;" },
        { "shuffle without members", "unverifiable", "shfl.down.b32 %r2, %i, 1, 31;" },
        { "vote without members", "unverifiable", "vote.ballot.b32 %r2, %p;" },
        { "elected lane", "unverifiable", "elect.sync %r2|%p, -1;" },
        { "lanes that are here", "unverifiable", "activemask.b32 %r2;" },
        { "number of processors", "unverifiable", "mov.u32 %r2, %nsmid;" },
        { "processor", "unverifiable", "mov.u32 %r2, %smid;" },
        { "clock", "unverifiable", "mov.u32 %r2, %clock;" },
        { "grid", "unverifiable", "mov.u64 %rd2, %gridid;" },
        { "approximate where nobody comes", "same-arch", "setp.ne.u32 %p, %tx, %tx;\n@%p ex2.approx.ftz.f32 %f1, %f2;" },
        { "approximate in half precision", "same-arch", "tanh.approx.f16 %h1, %h2;" },
        { "product of matrices of halves", "same-arch", "mma.sync.aligned.m16n8k8.row.col.f32.f16.f16.f32 {%f1, %f2, %f3, %f4}, {%r1, %r2}, {%r3}, {%f1, %f2, %f3, %f4};" },
        { "product of matrices of doubles", "unverifiable", "mma.sync.aligned.m8n8k4.row.col.f64.f64.f64.f64 {%d1, %d2}, {%d3}, {%d4}, {%d1, %d2};" },
        { "product of matrices of bytes", "exact", "mma.sync.aligned.m8n8k16.row.col.s32.s8.s8.s32 {%r1, %r2}, {%r3}, {%r4}, {%r1, %r2};" },
        { "reciprocal of a double", "same-arch", "rcp.approx.ftz.f64 %d1, %d2;" },
    };

    [Theory]
    [MemberData(nameof(Addresses))]
    [MemberData(nameof(Places))]
    public void Kernel_is_no_better_than_what_two_machines_would_agree_on(string name, string expected, string body)
    {
        var text = Launched.Text(".reg .f64 %d<9>; .reg .b16 %h<9>; .shared .align 8 .b8 tile2[64]; " + Zeros + "\n" + body)
            .Replace(".visible", ".global .u64 where = generic(counter); .visible", StringComparison.Ordinal);
        var found = Launched.Classify("", text: text);
        Assert.True(expected == found.Class.Word(), $"{name}: {found.Class.Word()}: {string.Join("\n", found.Reasons)}");
    }

    [Fact]
    public void Address_of_a_function_is_a_machines_own()
    {
        var text = Launched.Text("mov.u64 %rd1, helper;\nst.global.u64 [%at], %rd1;")
            .Replace(".visible", ".func helper() { ret; }\n.visible", StringComparison.Ordinal);
        var found = Launched.Classify("", text: text);
        Assert.Equal("unverifiable", found.Class.Word());
        Assert.Contains(found.Reasons, r => r.Cause.Contains("address of a function", StringComparison.Ordinal));
    }
}
