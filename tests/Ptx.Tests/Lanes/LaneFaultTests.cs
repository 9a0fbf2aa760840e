namespace Broker.Ptx.Tests.Lanes;

/// <summary>Shows that vectors touch no byte that their threads may not, and name the thread that tried.</summary>
public class LaneFaultTests
{
    private const string ByThread = "mov.u32 %r1, %tid.x;\n";

    /// <summary>Gives bodies in which one thread alone is at fault; which one, and at which line after the fourteenth.</summary>
    public static TheoryData<string, string, FaultKind, uint, int> Cases => new()
    {
        { "side by side, past the end", "setp.gt.u32 %p, %r1, 32;\n@%p ret;\nst.global.u32 [%rd0], %r1;", FaultKind.OutOfBounds, 32, 3 },
        { "64 bits side by side", "setp.gt.u32 %p, %r1, 16;\n@%p ret;\nmad.wide.u32 %rd1, %r1, 8, %out;\ncvt.u64.u32 %rd2, %r1;\nst.global.u64 [%rd1], %rd2;", FaultKind.OutOfBounds, 16, 5 },
        { "before the start", "setp.ne.u32 %p, %r1, 3;\n@%p ret;\nst.global.u32 [%rd0+-16], %r1;", FaultKind.OutOfBounds, 3, 3 },
        { "misaligned", "setp.ne.u32 %p, %r1, 3;\n@%p ret;\nadd.u64 %rd0, %rd0, 2;\nld.global.u32 %r2, [%rd0];", FaultKind.Misaligned, 3, 4 },
        { "apart, past the end", "mul.lo.u32 %r2, %r1, 5;\nrem.u32 %r2, %r2, 32;\nsetp.eq.u32 %p, %r1, 21;\nselp.u32 %r2, 32, %r2, %p;\nmad.wide.u32 %rd1, %r2, 4, %out;\nst.global.u32 [%rd1], %r2;", FaultKind.OutOfBounds, 21, 6 },
        { "apart, one misaligned", "setp.eq.u32 %p, %r1, 9;\nselp.u32 %r2, 6, 8, %p;\ncvt.u64.u32 %rd1, %r2;\nadd.u64 %rd1, %rd1, %out;\nld.global.u32 %r3, [%rd1];", FaultKind.Misaligned, 9, 5 },
        { "apart, of 16 bytes", "setp.eq.u32 %p, %r1, 30;\nselp.u32 %r2, 104, 16, %p;\ncvt.u64.u32 %rd1, %r2;\nadd.u64 %rd1, %rd1, %out;\nld.global.v2.u64 {%rd2, %rd3}, [%rd1];", FaultKind.Misaligned, 30, 5 },
        { "apart, near no buffer", "setp.eq.u32 %p, %r1, 30;\nselp.u64 %rd1, 64, %out, %p;\nst.global.u32 [%rd1], 1;", FaultKind.OutOfBounds, 30, 3 },
        { "shared memory, side by side", ".shared .u32 s[20];\nsetp.ne.u32 %p, %r1, 20;\n@%p ret;\nmov.u32 %r2, s;\nmad.lo.u32 %r2, %r1, 4, %r2;\nst.shared.u32 [%r2], 1;", FaultKind.OutOfBounds, 20, 6 },
        { "shared memory, apart", ".shared .u32 s[20];\nmov.u32 %r2, s;\nrem.u32 %r3, %r1, 20;\nsetp.eq.u32 %p, %r1, 25;\nselp.u32 %r3, 20, %r3, %p;\nmad.lo.u32 %r2, %r3, 4, %r2;\nred.shared.add.u32 [%r2], 1;", FaultKind.OutOfBounds, 25, 7 },
        { "a row of a matrix", ".shared .align 16 .b8 s[32];\nmov.u32 %r2, s;\nsetp.eq.u32 %p, %r1, 21;\nselp.u32 %r3, 8, 16, %p;\nadd.u32 %r2, %r2, %r3;\nldmatrix.sync.aligned.m8n8.x4.shared.b16 {%r4, %r5, %r6, %r7}, [%r2];", FaultKind.Misaligned, 21, 6 },
        { "the same place", "setp.ne.u32 %p, %r1, 13;\n@%p ret;\nst.global.u32 [%out+128], 1;", FaultKind.OutOfBounds, 13, 3 },
        { "a trap", "setp.ne.u32 %p, %r1, 13;\n@%p ret;\ntrap;", FaultKind.Trap, 13, 3 },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_fault_names_its_thread(string name, string body, FaultKind kind, uint thread, int line)
    {
        KernelFault? expected = null;
        foreach (var lanes in (int[])[1, 8, 16])
        {
            var (outcome, _) = Run(body, lanes);
            expected ??= outcome.Fault;
            Assert.Equal((name, lanes, kind, thread, line + 14), (name, lanes, outcome.Fault!.Kind, outcome.Fault.Thread.X, outcome.Fault.Line));
            Assert.Equal(expected, outcome.Fault);
        }
    }

    [Theory]
    [InlineData("0x000000ff")]
    [InlineData("0x00ffff00")]
    public void Lanes_that_a_mask_does_not_name_go_no_further(string mask)
    {
        var body = $"mov.u32 %r2, %tid.x;\nshfl.sync.idx.b32 %r3, %r2, 8, 31, {mask};\nst.global.u32 [%rd0], 7;";
        var (expected, words) = Kernel.Run(body, 32, bytes: 128, options: new RunOptions { Lanes = 1 });
        Assert.NotNull(expected.Fault);
        foreach (var lanes in (int[])[8, 16])
        {
            var (outcome, content) = Kernel.Run(body, 32, bytes: 128, options: new RunOptions { Lanes = lanes });
            Assert.Equal((lanes, expected.Fault), (lanes, outcome.Fault));
            Assert.Equal(words, content);
        }
    }

    /// <summary>Gives bodies that are right only because some lanes rest.</summary>
    public static TheoryData<string, string> Guarded => new()
    {
        { "the last lanes would be past the end", "setp.lt.u32 %p, %r1, 32;\n@%p st.global.u32 [%rd0], %r1;" },
        { "the first lanes would be before the start", "setp.ge.u32 %p, %r1, 5;\n@%p st.global.u32 [%rd0+-20], %r1;" },
        { "the first lanes would be before the start of shared memory", ".shared .u32 s[64];\nmov.u32 %r2, s;\nmad.lo.u32 %r2, %r1, 4, %r2;\nsetp.ge.u32 %p, %r1, 3;\n@%p st.shared.u32 [%r2+-12], %r1;\nbar.sync 0;\nsetp.lt.u32 %p, %r1, 30;\n@%p ld.shared.u32 %r3, [%r2];\n@%p st.global.u32 [%rd0], %r3;" },
        { "bits of a float grow from lane to lane", "mov.b32 %f0, %r1;\nsetp.lt.u32 %p, %r1, 32;\n@%p st.global.f32 [%rd0], %f0;" },
        { "a loop ends at other times", "mov.u32 %r2, 0;\nLOOP:\nsetp.ge.u32 %p, %r2, %r1;\n@%p bra DONE;\nadd.u32 %r2, %r2, 3;\nsetp.lt.u32 %p, %r2, 31;\n@%p bra LOOP;\nDONE:\nmad.wide.u32 %rd1, %r1, 4, %out;\nsetp.lt.u32 %p, %r1, 32;\n@%p st.global.u32 [%rd1], %r2;" },
    };

    [Theory]
    [MemberData(nameof(Guarded))]
    public void Lanes_that_rest_touch_nothing(string name, string body)
    {
        uint[]? expected = null;
        foreach (var lanes in (int[])[1, 8, 16])
        {
            var (outcome, content) = Run(body, lanes);
            expected ??= content;
            Assert.Equal((name, lanes, null), (name, lanes, outcome.Fault));
            Assert.Equal(expected, content);
        }
    }

    [Fact]
    public void Input_is_not_written()
    {
        foreach (var lanes in (int[])[1, 8, 16])
        {
            var (outcome, _) = Kernel.Run("st.global.u32 [%rd0], 1;", threads: 8, writable: false, options: new RunOptions { Lanes = lanes });
            Assert.Equal((lanes, FaultKind.ReadOnly, 0u), (lanes, outcome.Fault!.Kind, outcome.Fault.Thread.X));
        }
    }

    private static (LaunchOutcome Outcome, uint[] Content) Run(string body, int lanes) =>
        Kernel.Run(ByThread + body, threads: 37, bytes: 128, options: new RunOptions { Lanes = lanes });
}
