using Broker.Ptx.Verify;

namespace Broker.Ptx.Tests.Verify;

public class ClassifierTests
{
    /// <summary>Each rule, with an instruction just inside it and one just outside.</summary>
    public static TheoryData<string, string, string> Cases => new()
    {
        { "square root rounded", "exact", "sqrt.rn.f32 %f1, %f2;" },
        { "square root approximate", "same-arch", "sqrt.approx.f32 %f1, %f2;" },
        { "division rounded", "exact", "div.rn.f32 %f1, %f2, %f3;" },
        { "division full", "same-arch", "div.full.f32 %f1, %f2, %f3;" },
        { "exponential", "same-arch", "ex2.approx.f32 %f1, %f2;" },
        { "sleep", "unverifiable", "nanosleep.u32 10;" },
        { "fence", "exact", "membar.gl;" },
        { "lane", "exact", "mov.u32 %r2, %laneid;" },
        { "warp number", "unverifiable", "mov.u32 %r2, %warpid;" },
        { "load", "exact", "ld.global.u32 %r2, [%in];" },
        { "volatile load", "unverifiable", "ld.volatile.global.u32 %r2, [%in];" },
        { "acquiring load", "unverifiable", "ld.acquire.gpu.global.u32 %r2, [%in];" },
        { "volatile load of shared memory", "unverifiable", "ld.volatile.shared.u32 %r2, [tile];" },
        { "volatile load of local memory", "exact", "ld.volatile.local.u32 %r2, [mine];" },
        { "load from where no buffer is", "unverifiable", "ld.global.u32 %r2, [%rd8];" },
        { "load of a module variable", "exact", "ld.global.u32 %r2, [counter];" },
        { "store to a module variable", "unverifiable", "st.global.u32 [counter], %r2;" },
        { "store to an input", "unverifiable", "add.u64 %rd1, %at, 0;\nsub.u64 %rd1, %rd1, %out;\nadd.u64 %rd1, %rd1, %in;\nst.global.u32 [%rd1], 1;" },
        { "load of a constant", "exact", "ld.const.u32 %r2, [limit];" },
        { "store of a matrix", "unverifiable", "stmatrix.sync.aligned.m8n8.x1.shared.b16 [tile], {%r2};" },
        { "asynchronous copy", "unverifiable", "cp.async.ca.shared.global [tile], [%in], 4;" },
        { "end of a group of copies", "unverifiable", "cp.async.wait_all;" },
        { "load of a fragment", "unverifiable", "wmma.load.a.sync.aligned.row.m8n8k32.shared.s4 {%r2}, [tile];" },
        { "store of a fragment", "unverifiable", "wmma.store.d.sync.aligned.row.m8n8k32.shared.s32 [tile], {%r2, %r3};" },
        { "product of fragments", "unverifiable", "wmma.mma.sync.aligned.row.col.m8n8k32.s32.s4.s4.s32 {%r2, %r3}, {%r4}, {%r5}, {%r6, %r7};" },
        { "product of halves, four at once", "unverifiable", "mma.sync.aligned.m8n8k4.row.col.f32.f16.f16.f32 {%f1, %f2, %f3, %f4, %f5, %f6, %f7, %f8}, {%r2, %r3}, {%r4, %r5}, {%f1, %f2, %f3, %f4, %f5, %f6, %f7, %f8};" },
        { "two floats at once", "exact", "fma.rn.f32x2 %rd1, %rd2, %rd3, %rd4;" },
        { "vector of floating-point additions", "unverifiable", "red.global.add.v2.f32 [%out], {%f1, %f2};" },
        { "memory of a stack", "unverifiable", "alloca.u64 %rd1, 16;" },
        { "fence between proxies", "unverifiable", "fence.proxy.async;" },
        { "barrier in shared memory", "unverifiable", "mbarrier.init.shared.b64 [tile], 1;" },
        { "question about a barrier", "unverifiable", "mbarrier.test_wait.parity.shared.b64 %p, [tile], 0;" },
        { "hint with a policy", "unverifiable", "ld.global.L2::cache_hint.u32 %r2, [%in], %rd1;" },
        { "memory that may be forgotten", "unverifiable", "discard.global.L2 [%out], 128;" },
        { "integer addition, result unused", "exact-commutative", "atom.global.add.u32 %r8, [%out], 1;" },
        { "integer reduction", "exact-commutative", "red.global.max.s32 [%out], 1;" },
        { "integer addition, result used", "unverifiable", "atom.global.add.u32 %r2, [%out], 1;\nadd.u32 %r3, %r2, 1;" },
        { "integer addition in shared memory, result unused", "exact", "atom.shared.add.u32 %r8, [tile], 1;" },
        { "integer addition in shared memory, result used", "unverifiable", "atom.shared.add.u32 %r2, [tile], 1;\nadd.u32 %r3, %r2, 1;" },
        { "two operations in shared memory", "unverifiable", "red.shared.add.u32 [tile], 1;\nred.shared.max.u32 [tile], 1;" },
        { "floating-point addition", "tolerant", "red.global.add.f32 [%out], %f1;" },
        { "floating-point addition in shared memory", "tolerant", "red.shared.add.f32 [tile], %f1;" },
        { "exchange", "unverifiable", "atom.global.exch.b32 %r8, [%out], 1;" },
        { "compare and swap", "unverifiable", "atom.global.cas.b32 %r8, [%out], 0, 1;" },
        { "wrapping increment", "unverifiable", "red.global.inc.u32 [%out], 7;" },
        { "two operations on a buffer", "unverifiable", "red.global.add.u32 [%out], 1;\nred.global.max.u32 [%out+4], 1;" },
        { "two additions to a buffer", "exact-commutative", "red.global.add.u32 [%out], 1;\nred.global.add.u32 [%out+4], 1;" },
        { "load from a buffer that is added to", "unverifiable", "red.global.add.u32 [%out], 1;\nld.global.u32 %r2, [%out+4];" },
        { "store to a buffer that is added to", "unverifiable", "red.global.add.u32 [%out], 1;\nst.global.u32 [%out+4], 2;" },
        { "addition beside a load of another buffer", "exact-commutative", "red.global.add.u32 [%out], 1;\nld.global.u32 %r2, [%in];" },
        { "weakest of several", "tolerant", "red.global.add.f32 [%out], %f1;\nex2.approx.f32 %f1, %f2;\nred.shared.add.u32 [tile], 1;" },
    };

    /// <summary>What may be done with an address, and what may not.</summary>
    public static TheoryData<string, string, string> Addresses => new()
    {
        { "added to", "exact", "add.u64 %rd1, %in, 8;\nld.global.u32 %r2, [%rd1];" },
        { "added to another", "unverifiable", "add.u64 %rd1, %in, %out;" },
        { "difference within a buffer", "exact", "add.u64 %rd1, %in, 8;\nsub.u64 %rd2, %rd1, %in;" },
        { "difference of two buffers", "unverifiable", "sub.u64 %rd2, %out, %in;" },
        { "compared within a buffer", "exact", "add.u64 %rd1, %in, 8;\nsetp.lt.u64 %p, %rd1, %in;" },
        { "compared with another", "unverifiable", "setp.lt.u64 %p, %out, %in;" },
        { "compared with nothing", "exact", "setp.ne.u64 %p, %in, 0;" },
        { "compared with a number", "unverifiable", "setp.ne.u64 %p, %in, 4096;" },
        { "ordered against nothing", "unverifiable", "setp.gt.u64 %p, %in, 0;" },
        { "low bits", "exact", "and.b64 %rd1, %in, 255;" },
        { "higher bits", "unverifiable", "and.b64 %rd1, %in, 256;" },
        { "multiplied", "unverifiable", "mul.lo.u64 %rd1, %in, 3;" },
        { "shortened", "unverifiable", "cvt.u32.u64 %r2, %in;" },
        { "shortened, of shared memory", "exact", "mov.u64 %rd1, tile;\ncvt.u32.u64 %r2, %rd1;\nld.shared.u32 %r3, [%r2];" },
        { "taken apart", "unverifiable", "mov.b64 {%r2, %r3}, %in;" },
        { "half of it loaded", "unverifiable", "ld.param.u32 %r2, [in+4];" },
        { "stored", "unverifiable", "st.shared.u64 [tile], %in;" },
        { "kept in local memory", "exact", "st.local.u64 [mine], %in;\nld.local.u64 %rd1, [mine];\nld.global.u32 %r2, [%rd1];" },
        { "kept, and then data", "unverifiable", "st.local.u64 [mine], %in;\nld.local.u64 %rd1, [mine];\nmul.lo.u64 %rd2, %rd1, 3;" },
        { "kept, and half of it data", "unverifiable", "st.local.u64 [mine], %in;\nld.local.u32 %r1, [mine+4];" },
        { "kept beside what is data", "exact", "st.local.u64 [mine], %in;\nst.local.u64 [mine+8], 5;\nld.local.u64 %rd1, [mine+8];\nmul.lo.u64 %rd2, %rd1, 3;" },
        { "kept where it cannot be told", "unverifiable", "mov.u64 %rd3, mine;\nst.local.u64 [%rd3], %in;\nld.local.u64 %rd1, [mine+8];\nmul.lo.u64 %rd2, %rd1, 3;" },
        { "kept, and data from where it cannot be told", "unverifiable", "st.local.u64 [mine], %in;\nmov.u64 %rd3, mine;\nld.local.u64 %rd1, [%rd3+8];\nmul.lo.u64 %rd2, %rd1, 3;" },
        { "chosen from two", "exact", "selp.u64 %rd1, %in, %in2, %p;\nld.global.u32 %r2, [%rd1];" },
        { "generic", "exact", "ld.u32 %r2, [%in];" },
        { "space asked for", "exact", "isspacep.global %p, %in;" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Kernel_has_the_class_of_its_weakest_instruction(string name, string expected, string body) =>
        Assert.Equal((name, expected), (name, Launched.Classify(body).Class.Word()));

    [Theory]
    [MemberData(nameof(Addresses))]
    public void An_address_is_used_as_an_address_only(string name, string expected, string body) =>
        Assert.Equal((name, expected), (name, Launched.Classify(body).Class.Word()));

    [Fact]
    public void Reason_names_line_and_remedy()
    {
        var reason = Assert.Single(Launched.Classify("ex2.approx.f32 %f1, %f2;").Reasons);
        Assert.Equal($"line {Launched.FirstLine}: `ex2.approx.f32` is approximate; it comes from expf or exp2f; include exact_math.cuh", reason.ToString());
    }

    [Fact]
    public void Launch_that_does_not_fit_is_refused() =>
        Assert.Throws<ArgumentException>(() => Launched.Classify("", threads: 2048));
}
