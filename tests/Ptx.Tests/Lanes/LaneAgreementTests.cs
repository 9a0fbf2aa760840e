namespace Broker.Ptx.Tests.Lanes;

/// <summary>Runs kernels in which it is easy to take the lanes of a vector for more alike than they are.</summary>
public class LaneAgreementTests
{
    /// <summary>Gives bodies that leave a number of 64 bits in %rd1, or one of 32 in %r2.</summary>
    public static TheoryData<string, string> Cases => new()
    {
        { "an index wraps as it is widened", "add.u32 %r2, %r1, 4294967288;\ncvt.u64.u32 %rd1, %r2;" },
        { "the low half of an index of 64 bits wraps", "cvt.u64.u32 %rd1, %r1;\nadd.u64 %rd1, %rd1, 4294967288;\ncvt.u32.u64 %r2, %rd1;\ncvt.u64.u32 %rd1, %r2;" },
        { "a negated index wraps", "add.u32 %r2, %r1, 2147483640;\nneg.s32 %r3, %r2;\ncvt.s64.s32 %rd1, %r3;" },
        { "an index is taken as unsigned and then wraps", "add.u32 %r2, %r1, 2147483640;\ncvt.u32.s32 %r2, %r2;\ncvt.s64.s32 %rd1, %r2;" },
        { "a product wraps as it is widened", "add.u32 %r2, %r1, 4294967288;\nmul.wide.u32 %rd1, %r2, 4;" },
        {
            "lanes wait at different shuffles",
            """
            mov.u32 %r2, 5;
            and.b32 %r3, %r1, 15;
            setp.lt.u32 %p, %r3, 8;
            @%p bra A;
            shfl.sync.idx.b32 %r4, %r1, 8, 31, 0xff00ff00;
            add.u32 %r2, %r2, 10;
            shfl.sync.idx.b32 %r4, %r1, 9, 31, 0xff00ff00;
            add.u32 %r2, %r2, 10;
            bra J;
            A:
            shfl.sync.idx.b32 %r4, %r1, 0, 31, 0x00ff00ff;
            add.u32 %r2, %r2, 100;
            shfl.sync.idx.b32 %r4, %r1, 1, 31, 0x00ff00ff;
            add.u32 %r2, %r2, 100;
            J:
            bar.warp.sync 0xffffffff;
            cvt.u64.u32 %rd1, %r2;
            """
        },
        {
            "some lanes wait on their way, the others further on",
            """
            mov.u32 %r2, 5;
            and.b32 %r3, %r1, 15;
            setp.ge.u32 %p, %r3, 8;
            @%p bra J;
            shfl.sync.idx.b32 %r4, %r1, 0, 31, 0x00ff00ff;
            add.u32 %r2, %r2, 100;
            J:
            shfl.sync.idx.b32 %r4, %r1, 1, 31, 0xffffffff;
            cvt.u64.u32 %rd1, %r2;
            """
        },
        { "a branch leads to the same place either way", "mov.u32 %r2, 1;\nand.b32 %r3, %r1, 1;\nsetp.eq.u32 %p, %r3, 0;\n@%p bra NEXT;\nNEXT:\nadd.u32 %r2, %r2, %r1;\ncvt.u64.u32 %rd1, %r2;" },
        {
            "a carry that all lanes share, beside one of their own",
            "add.cc.u32 %r2, %r1, 4294967290;\naddc.u32 %r3, %r1, 0;\nmov.u32 %r4, 4294967295;\nadd.cc.u32 %r4, %r4, 1;\naddc.u32 %r5, %r1, 0;\nadd.u32 %r3, %r3, %r5;\ncvt.u64.u32 %rd1, %r3;"
        },
        { "some lanes leave, and the others wait", "mov.u32 %r2, 5;\nsetp.ge.u32 %p, %r1, 11;\n@%p exit;\nbar.sync 0;\nmov.u32 %r3, 1;\nst.global.u32 [%rd0], %r3;\nbar.sync 0;\nadd.u32 %r2, %r2, %r1;\ncvt.u64.u32 %rd1, %r2;" },
        { "a carry outlives a barrier", "add.cc.u32 %r2, %r1, 4294967290;\nbar.sync 0;\naddc.u32 %r3, %r1, 0;\ncvt.u64.u32 %rd1, %r3;" },
        {
            "lanes wait at one shuffle in groups",
            """
            mov.u32 %r2, 5;
            shr.u32 %r3, %r1, 2;
            and.b32 %r3, %r3, 7;
            shl.b32 %r3, %r3, 2;
            mov.u32 %r4, 15;
            shl.b32 %r4, %r4, %r3;
            shfl.sync.bfly.b32 %r5, %r1, 1, 31, %r4;
            add.u32 %r2, %r2, 1;
            shfl.sync.bfly.b32 %r5, %r1, 2, 31, %r4;
            add.u32 %r2, %r2, 1;
            bar.warp.sync %r4;
            add.u32 %r2, %r2, %r5;
            cvt.u64.u32 %rd1, %r2;
            """
        },
        {
            "lanes leave a loop of shuffles one after the other",
            """
            mov.u32 %r2, 0;
            and.b32 %r3, %r1, 3;
            LOOP:
            activemask.b32 %r4;
            add.u32 %r2, %r2, 1;
            setp.lt.u32 %p, %r2, %r3;
            @%p bra LOOP;
            add.u32 %r5, %r2, 7;
            bar.warp.sync 0xffffffff;
            cvt.u64.u32 %rd1, %r5;
            """
        },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Vectors_give_what_threads_give(string name, string body)
    {
        uint[]? expected = null;
        foreach (var lanes in (int[])[1, 8, 16])
        {
            var (outcome, content) = Kernel.Run(
                $"mov.u32 %r1, %tid.x;\n{body}\nmad.wide.u32 %rd2, %r1, 8, %out;\nst.global.u64 [%rd2], %rd1;",
                threads: 64,
                bytes: 512,
                options: new RunOptions { Lanes = lanes });
            Assert.Equal((name, lanes, null), (name, lanes, outcome.Fault));
            Assert.Equal((name, lanes, string.Join(' ', expected ??= content)), (name, lanes, string.Join(' ', content)));
        }
    }
}
