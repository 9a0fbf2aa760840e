using Broker.Ptx.Verify;

namespace Broker.Ptx.Tests.Verify;

/// <summary>Holds stores against the rules of the exact class: 4 blocks of 32 threads, n = 100, m = 7, buffers of 512 bytes.</summary>
public class WriteRuleTests
{
    private const string Guard = "setp.ge.u32 %p, %i, %n;\n@%p bra END;\n";
    private const string End = "\nEND:";

    public static TheoryData<string, string, string> Cases => new()
    {
        { "one place a thread", "exact", "st.global.u32 [%at], 1;" },
        { "one place too many", "exact-scattered", "st.global.u32 [%at+4], 1;" },
        { "one place too many, guarded", "exact", Guard + "st.global.u32 [%at+4], 1;" + End },
        { "wider than the distance of threads", "exact-scattered", "mad.wide.u32 %rd1, %i, 2, %out;\nst.global.u32 [%rd1], 1;" },
        { "all blocks one place", "exact-scattered", "st.global.u32 [%out], 1;" },
        { "one place a block", "exact", "mad.wide.u32 %rd1, %cx, 4, %out;\nst.global.u32 [%rd1], 1;" },
        { "first block alone", "exact", "setp.ne.u32 %p, %cx, 0;\n@%p bra END;\nst.global.u32 [%out], 1;" + End },
        { "first two blocks", "exact-scattered", "setp.gt.u32 %p, %cx, 1;\n@%p bra END;\nst.global.u32 [%out], 1;" + End },
        { "reversed", "exact", "sub.u32 %r1, 127, %i;\nmad.wide.u32 %rd1, %r1, 4, %out;\nst.global.u32 [%rd1], 1;" },
        { "reversed too far", "exact-scattered", "sub.u32 %r1, 126, %i;\nmad.wide.s32 %rd1, %r1, 4, %out;\nst.global.u32 [%rd1], 1;" },
        { "place loaded", "exact-scattered", "ld.global.u32 %r1, [%in];\nmad.wide.u32 %rd1, %r1, 4, %out;\nst.global.u32 [%rd1], 1;" },
        { "guard loaded", "exact-scattered", "ld.global.u32 %r1, [%in];\nsetp.eq.u32 %p, %r1, 0;\n@%p bra END;\nst.global.u32 [%at], 1;" + End },
        { "value loaded", "exact", "ld.global.u32 %r1, [%in];\nst.global.u32 [%at], %r1;" },
        { "value by a loop of loaded length", "exact", "ld.global.u32 %r1, [%in];\nmov.u32 %r2, 0;\nLOOP:\nadd.u32 %r2, %r2, 1;\nsetp.lt.u32 %p, %r2, %r1;\n@%p bra LOOP;\nst.global.u32 [%at], %r2;" },
        { "store in a loop of loaded length", "exact-scattered", "ld.global.u32 %r1, [%in];\nmov.u32 %r2, 0;\nLOOP:\nst.global.u32 [%at], %r2;\nadd.u32 %r2, %r2, 1;\nsetp.lt.u32 %p, %r2, %r1;\n@%p bra LOOP;" },
        { "square of an index", "exact-scattered", "mul.lo.u32 %r1, %tx, %tx;\nmad.wide.u32 %rd1, %r1, 4, %out;\nst.global.u32 [%rd1], 1;" },
        { "grid-stride loop", "exact", Guard + "mov.u32 %r1, %i;\nLOOP:\nmad.wide.u32 %rd1, %r1, 4, %out;\nst.global.u32 [%rd1], 1;\nadd.u32 %r1, %r1, 128;\nsetp.lt.u32 %p, %r1, %n;\n@%p bra LOOP;" + End },
        { "grid-stride loop in steps of another width", "exact-scattered", Guard + "mov.u32 %r1, %i;\nLOOP:\nmad.wide.u32 %rd1, %r1, 4, %out;\nst.global.u32 [%rd1], 1;\nadd.u32 %r1, %r1, 96;\nsetp.lt.u32 %p, %r1, %n;\n@%p bra LOOP;" + End },
        { "rows of a matrix by quotient and remainder", "exact", Guard + "div.u32 %r1, %i, %m;\nrem.u32 %r2, %i, %m;\nmad.lo.u32 %r3, %r1, %m, %r2;\nmad.wide.u32 %rd1, %r3, 4, %out;\nst.global.u32 [%rd1], 1;" + End },
        { "transposed by quotient and remainder", "exact", "shr.u32 %r1, %tx, 3;\nand.b32 %r2, %tx, 7;\nmad.lo.u32 %r3, %r2, 4, %r1;\nmad.lo.u32 %r4, %cx, 32, %r3;\nmad.wide.u32 %rd1, %r4, 4, %out;\nst.global.u32 [%rd1], 1;" },
        { "two buffers' worth through one", "exact", "st.global.u32 [%at], 1;\nadd.u64 %rd1, %at, 0;\nst.global.u32 [%rd1], 2;" },
        { "neighbour's place", "exact-scattered", Guard + "st.global.u32 [%at], 1;\nst.global.u32 [%at+4], 2;" + End },
        { "in place", "exact", "ld.global.u32 %r1, [%at];\nadd.u32 %r1, %r1, 1;\nst.global.u32 [%at], %r1;" },
        { "in place from the neighbour", "unverifiable", Guard + "ld.global.u32 %r1, [%at+4];\nst.global.u32 [%at], %r1;" + End },
        { "in place from a loaded place", "unverifiable", "ld.global.u32 %r1, [%in];\nmad.wide.u32 %rd1, %r1, 4, %out;\nld.global.u32 %r1, [%rd1];\nst.global.u32 [%at], %r1;" },
        { "one of two buffers", "exact-scattered", "setp.eq.u32 %p, %tx, 0;\nselp.u64 %rd1, %out, %out2, %p;\nst.global.u32 [%rd1], 1;" },
        { "vector", "exact", "setp.gt.u32 %p, %i, 31;\n@%p bra END;\nmad.wide.u32 %rd1, %i, 16, %out;\nst.global.v4.u32 [%rd1], {%r1, %r2, %r3, %r4};" + End },
        { "vector one too far", "exact-scattered", "setp.gt.u32 %p, %i, 32;\n@%p bra END;\nmad.wide.u32 %rd1, %i, 16, %out;\nst.global.v4.u32 [%rd1], {%r1, %r2, %r3, %r4};" + End },
        { "unsigned guard of a signed place", "exact", "sub.u32 %r1, %i, 5;\nsetp.ge.u32 %p, %r1, %n;\n@%p bra END;\nmad.wide.s32 %rd1, %r1, 4, %out;\nst.global.u32 [%rd1], 1;" + End },
        { "signed guard of a signed place", "exact-scattered", "sub.u32 %r1, %i, 5;\nsetp.ge.s32 %p, %r1, %n;\n@%p bra END;\nmad.wide.s32 %rd1, %r1, 4, %out;\nst.global.u32 [%rd1], 1;" + End },
        { "index that comes around", "exact-scattered", "mad.lo.u32 %r1, %i, 67108864, 0;\nshr.u32 %r1, %r1, 20;\nmad.wide.u32 %rd1, %r1, 4, %out;\nst.global.u32 [%rd1], 1;" },
        { "predicates joined", "exact", "setp.lt.u32 %p, %i, %n;\nsetp.lt.u32 %q, %cx, 4;\nand.pred %s, %p, %q;\n@!%s bra END;\nst.global.u32 [%at+112], 1;" + End },
        { "predicates joined the other way", "exact-scattered", "setp.lt.u32 %p, %i, %n;\nsetp.lt.u32 %q, %cx, 4;\nor.pred %s, %p, %q;\n@!%s bra END;\nst.global.u32 [%at+112], 1;" + End },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Store_is_judged_by_the_place_that_it_may_take(string name, string expected, string body)
    {
        var found = Launched.Classify(body);
        Assert.Equal((name, expected), (name, found.Class.Word()));
    }

    [Fact]
    public void Reasons_say_what_is_not_proven_and_what_to_do()
    {
        var reason = Assert.Single(Launched.Classify("st.global.u32 [%at+4], 1;").Reasons);
        Assert.Equal(
            $"line {Launched.FirstLine}: `st.global.u32` is not proven to stay within buffer 'out' of 512 bytes; guard the store so that no thread of this launch leaves the buffer",
            reason.ToString());
    }
}
