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

    private const string Pointers = """
        .func (.param .b32 r) twice(.param .b32 x)
        {
            .reg .b32 %r;
            ld.param.b32 %r, [x];
            add.u32 %r, %r, %r;
            st.param.b32 [r], %r;
            ret;
        }
        .func (.param .b32 r) minus(.param .b32 x)
        {
            .reg .b32 %r;
            ld.param.b32 %r, [x];
            neg.s32 %r, %r;
            st.param.b32 [r], %r;
            ret;
        }
        .func (.param .b32 r) unfit(.param .b64 x) { trap; }
        .func (.reg .u32 sum, .reg .pred %odd) add3(.reg .u32 a, .reg .u32 b, .param .b32 c)
        {
            .reg .u32 %t;
            ld.param.u32 %t, [c];
            add.u32 sum, a, b;
            add.u32 sum, sum, %t;
            and.b32 %t, sum, 1;
            setp.ne.u32 %odd, %t, 0;
            ret;
        }
        .func (.param .b32 r) minus2(.param .b32 x);
        .func (.param .b32 r) hidden(.param .b32 x) { trap; }
        .func (.param .b32 r) again(.param .b32 x)
        {
            .reg .b32 %r;
            .reg .b64 %f;
            .reg .pred %p;
            .param .b32 y, s;
            ld.param.b32 %r, [x];
            setp.eq.u32 %p, %r, 0;
            @%p ret;
            mov.b64 %f, again;
            type: .callprototype (.param .b32 _) _ (.param .b32 _);
            call (s), %f, (y), type;
            ret;
        }
        .alias minus2, minus;
        .global .u64 table[3] = {twice, generic(minus), unfit};
        .const .u64 fixed_table[2] = {minus, twice};
        """;

    [Fact]
    public void Pointer_leads_to_the_function_whose_address_it_holds()
    {
        var (outcome, result) = Run("""
            mov.u64 %rd1, table;
            mad.wide.u32 %rd1, %r1, 8, %rd1;
            ld.global.u64 %rd2, [%rd1];
            {
            .param .b32 p;
            .param .b32 r;
            st.param.b32 [p], 21;
            prototype: .callprototype (.param .b32 _) _ (.param .b32 _);
            call (r), %rd2, (p), prototype;
            ld.param.b32 %r2, [r];
            }
            ld.const.u64 %rd2, [fixed_table+8];
            {
            .param .b32 p;
            .param .b32 r;
            st.param.b32 [p], %r2;
            setp.eq.u32 %p, %r1, 1;
            targets: .calltargets minus, twice;
            @%p call.uni (r), %rd2, (p), targets;
            @%p ld.param.b32 %r2, [r];
            }
            st.global.u32 [%rd0], %r2;
            """, threads: 2);
        Assert.Equal((LaunchStatus.Completed, null), (outcome.Status, outcome.Fault));
        Assert.Equal([42u, unchecked((uint)-42)], result[..2]);
    }

    [Theory]
    [InlineData("ld.global.u64 %rd2, [table+16];", "0x4000040")]
    [InlineData("mov.u64 %rd2, 0;", "0x0")]
    [InlineData("mov.u64 %rd2, 0x4000070;", "0x4000070")] // The function is there, but nobody takes its address.
    public void Pointer_to_no_fitting_function_is_a_fault(string load, string address)
    {
        var (outcome, _) = Run($"{load}\n.param .b32 p, r;\ntype: .callprototype (.param .b32 _) _ (.param .b32 _);\ncall (r), %rd2, (p), type;", threads: 1);
        Assert.Equal(FaultKind.BadCall, outcome.Fault!.Kind);
        Assert.StartsWith($"call at line {outcome.Fault.Line} through a pointer to {address}, where no function is", outcome.Fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Function_that_calls_itself_through_a_pointer_is_a_fault()
    {
        var (outcome, _) = Run(".param .b32 p, r;\nst.param.b32 [p], 1;\ncall (r), again, (p);", threads: 1);
        Assert.Equal(FaultKind.BadCall, outcome.Fault?.Kind);
        Assert.Contains("through a pointer to 0x4000080,", outcome.Fault!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Function_is_reached_by_its_alias_and_through_a_register()
    {
        var (outcome, result) = Run("""
            .param .b32 p, r;
            st.param.b32 [p], 5;
            call (r), minus2, (p);
            ld.param.b32 %r2, [r];
            st.global.u32 [%out], %r2;
            mov.b64 %rd1, twice;
            type: .callprototype (.param .b32 _) _ (.param .b32 _);
            call (%r3), %rd1, (%r2), type;
            st.global.u32 [%out+4], %r3;
            """, threads: 1);
        Assert.Equal((LaunchStatus.Completed, null), (outcome.Status, outcome.Fault));
        Assert.Equal([unchecked((uint)-5), unchecked((uint)-10)], result[..2]);
    }

    [Fact]
    public void Parameters_may_be_registers_and_arguments_numbers()
    {
        var (outcome, result) = Run("""
            .param .b32 c;
            st.param.b32 [c], 100;
            mov.u32 %r2, 7;
            call (%r2, %p), add3, (%r2, 20, c);
            selp.u32 %r3, 1, 2, %p;
            call (_, %q), add3, (%r2, %r2, 1000);
            selp.u32 %r4, 1, 2, %q;
            st.global.v2.u32 [%out], {%r2, %r3};
            st.global.u32 [%out+8], %r4;
            """, threads: 1);
        Assert.Equal((LaunchStatus.Completed, null), (outcome.Status, outcome.Fault));
        Assert.Equal([127u, 1u, 2u], result[..3]);
    }

    [Theory]
    [InlineData("call (%r2), add3, (%r2, 20, %r3);")]
    [InlineData("call (%r2, %p), add3, (%r2, 20);")]
    [InlineData(".param .b32 c; call (%r2, %p), add3, (c, 20, c);")]
    public void Arguments_that_do_not_fit_registers_are_malformed(string call) =>
        Assert.Contains("does not give what the function takes", Assert.Throws<PtxException>(() => Module.Parse(Text(call))).Errors[0].Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("mov.u64 %rd1, test;", "the address of the kernel 'test'")]
    public void What_calls_cannot_do_yet_is_refused(string body, string message)
    {
        var error = Assert.Single(Module.Parse(Text(body)).CheckSupported());
        Assert.Equal(message, error.Message);
    }

    [Fact]
    public void Functions_and_prototypes_stand_in_the_canonical_text()
    {
        var once = Module.Parse(Text("type: .callprototype (.param .b32 _) _ (.param .b32 _) .noreturn;\nlist: .calltargets minus, twice;")).Canonicalise();
        Assert.Contains("\ttype: .callprototype (.param .b32 _) _ (.param .b32 _) .noreturn;\n\tlist: .calltargets minus, twice;\n", once.Text, StringComparison.Ordinal);
        Assert.Contains(".alias minus2, minus;\n.global .u64 table[3] = {twice, generic(minus), unfit};\n", once.Text, StringComparison.Ordinal);
        Assert.Contains(".func (.reg .u32 sum, .reg .pred %odd) add3(.reg .u32 a, .reg .u32 b, .param .b32 c)\n", once.Text, StringComparison.Ordinal);
        Assert.Equal(once, Module.Parse(once.Text).Canonicalise());
    }

    private static string Text(string body) => Kernel.Text(body).Replace(".visible .entry", Functions + "\n" + Pointers + "\n.visible .entry", StringComparison.Ordinal);

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
