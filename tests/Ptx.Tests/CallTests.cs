namespace Broker.Ptx.Tests;

public class CallTests
{
    private const string Functions = """
        .func (.param .b32 result) scale(.param .b32 x, .param .align 4 .b8 pair[8])
        {
            .reg .b32 %r<5>;
            .reg .b64 %rd<4>;
            .reg .pred %p;
            ld.param.b32 %r1, [x];
            setp.eq.u32 %p, %r1, 3;
            mov.b64 %rd1, pair;
            ld.param.b32 %r2, [pair];
            ld.param.b32 %r3, [%rd1+4];
            @%p bra ZERO;
            mad.lo.u32 %r4, %r1, %r2, %r3;
            st.param.b32 [result], %r4;
            ret;
        ZERO:
            st.param.b32 [result], 0;
            bar.sync 0;
            ret;
        }
        .extern .func __assertfail(.param .b64 message, .param .b64 file, .param .b32 line, .param .b64 function, .param .b64 bytes);
        """;

    [Fact]
    public void Function_takes_parameters_by_value_and_gives_a_result()
    {
        var (outcome, result) = Run("""
            {
            .param .b32 a0;
            .param .align 4 .b8 a1[8];
            .param .b32 r0;
            st.param.b32 [a0], %r1;
            st.param.b32 [a1], 10;
            st.param.b32 [a1+4], 5;
            call.uni (r0), scale, (a0, a1);
            ld.param.b32 %r2, [r0];
            }
            {
            .param .b32 a0;
            .param .align 4 .b8 a1[8];
            .param .b32 r0;
            st.param.b32 [a0], %r2;
            st.param.v2.b32 [a1], {2, 1};
            call.uni (r0), scale, (a0, a1);
            ld.param.b32 %r2, [r0];
            }
            st.global.u32 [%rd0], %r2;
            """, threads: 3);
        Assert.Equal((LaunchStatus.Completed, null), (outcome.Status, outcome.Fault));
        Assert.Equal([11u, 31u, 51u], result[..3]);
    }

    [Fact]
    public void Guarded_call_is_skipped()
    {
        var (_, result) = Run("""
            .param .b32 a0, r0;
            .param .align 4 .b8 a1[8];
            setp.eq.u32 %p, %r1, 1;
            st.param.b32 [r0], 77;
            @%p call (r0), scale, (a0, a1);
            ld.param.b32 %r2, [r0];
            st.global.u32 [%rd0], %r2;
            """, threads: 2);
        Assert.Equal([77u, 0u], result[..2]);
    }

    [Theory]
    [InlineData(3, null)]
    [InlineData(4, "assertion '' failed at :0 in ")]
    public void A_failed_assertion_ends_the_kernel_at_its_call(uint threads, string? fault)
    {
        var (outcome, result) = Run("""
            .param .b64 message, file, function, bytes;
            .param .b32 line;
            setp.eq.u32 %p, %r1, 3;
            st.global.u32 [%rd0], 7;
            @%p call.uni __assertfail, (message, file, line, function, bytes);
            st.global.u32 [%rd0], 8;
            """, threads);
        Assert.Equal((fault is null ? null : FaultKind.Assertion, fault), (outcome.Fault?.Kind, outcome.Fault?.Message));
        Assert.Equal([8u, 8u, 8u, fault is null ? 0u : 7u], result[..4]);
    }

    [Theory]
    [InlineData("call scale;")]
    [InlineData(".param .b32 a0, r0; .param .b32 a1; call (r0), scale, (a0, a1);")]
    public void Call_that_does_not_fit_its_function_is_malformed(string call)
    {
        var error = Assert.Throws<PtxException>(() => Module.Parse(Text(call))).Errors[0];
        Assert.Contains("does not give what the function takes", error.Message, StringComparison.Ordinal);
    }

    private static string Text(string body) => Kernel.Text(body).Replace(".visible .entry", Functions + "\n.visible .entry", StringComparison.Ordinal);

    private static (LaunchOutcome Outcome, uint[] Out) Run(string body, uint threads)
    {
        using var memory = new DeviceMemory();
        var buffer = memory.Allocate("out", 64);
        var kernel = CompiledKernel.Compile(Module.Parse(Text(body)), "test");
        var outcome = kernel.Run(
            new KernelLaunch(new Dim3(1, 1, 1), new Dim3(threads, 1, 1), 0, Kernel.Parameters(buffer)), memory, new RunOptions(), TestContext.Current.CancellationToken);
        return (outcome, System.Runtime.InteropServices.MemoryMarshal.Cast<byte, uint>(buffer.Span(0, 64)).ToArray());
    }
}
