namespace Broker.Ptx.Tests;

public class PrintTests
{
    private const string Declarations = """
        .extern .func (.param .b32 func_retval0) vprintf(.param .b64 vprintf_param_0, .param .b64 vprintf_param_1);
        .extern .func __assertfail(.param .b64 message, .param .b64 file, .param .b32 line, .param .b64 function, .param .b64 bytes) .noreturn;
        .global .align 1 .b8 format[15] = {98, 108, 111, 99, 107, 32, 37, 117, 32, 37, 115, 33, 10, 0, 88};
        .global .align 1 .b8 open[3] = {46, 46, 46};
        .const .align 1 .b8 word[4] = {122, 119, 101, 105};
        .global .align 1 .b8 zero[2] = {120, 0};
        """;

    /// <summary>Prints "block N word!" and a line end: the format is in global memory, the word in shared.</summary>
    private const string Print = """
        .local .align 8 .b8 depot[16];
        .shared .align 1 .b8 s[4];
        st.shared.u8 [s], 111;
        st.shared.u8 [s+1], 107;
        mov.u64 %rd1, s;
        cvta.shared.u64 %rd1, %rd1;
        mov.u64 %rd2, depot;
        cvta.local.u64 %rd2, %rd2;
        mov.u32 %r2, %ctaid.x;
        st.u32 [%rd2], %r2;
        st.u64 [%rd2+8], %rd1;
        mov.u64 %rd3, format;
        {
        .param .b64 p0, p1;
        .param .b32 r0;
        st.param.b64 [p0], %rd3;
        st.param.b64 [p1], %rd2;
        call.uni (r0), vprintf, (p0, p1);
        ld.param.b32 %r3, [r0];
        }
        """;

    [Fact]
    public void Kernel_prints_and_learns_how_many_arguments_it_gave()
    {
        var (outcome, lines, result) = Run(Print + "\nst.global.u32 [%rd0], %r3;", threads: 2);
        Assert.Equal((LaunchStatus.Completed, null), (outcome.Status, outcome.Fault));
        Assert.Equal(["block 0 ok!", "block 0 ok!"], lines);
        Assert.Equal([2u, 2u, 0u], result[..3]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void Lines_come_in_the_order_of_the_blocks(int maxThreads)
    {
        // The first blocks work longest.
        var (outcome, lines, _) = Run($"""
            {Print}
            mov.u32 %r4, 20;
            sub.u32 %r4, %r4, %r2;
            mul.lo.u32 %r4, %r4, 20000;
            LOOP:
            sub.u32 %r4, %r4, 1;
            setp.gt.s32 %p, %r4, 0;
            @%p bra LOOP;
            """, threads: 1, blocks: 21, maxThreads: maxThreads);
        Assert.Equal(LaunchStatus.Completed, outcome.Status);
        Assert.Equal(Enumerable.Range(0, 21).Select(i => $"block {i} ok!"), lines);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void Output_is_cut_at_its_limit(int maxThreads)
    {
        var (outcome, lines, _) = Run(Print, threads: 1, blocks: 200, maxThreads: maxThreads, bytes: 40);
        Assert.Equal(LaunchStatus.Completed, outcome.Status);
        Assert.Equal(["block 0 ok!", "block 1 ok!", "block 2 ok!", "bloc", "cut: a launch may print 40 bytes"], lines);
    }

    [Theory]
    [InlineData(4, new[] { "cut: a launch may print 36 bytes" })]
    [InlineData(3, new string[0])]
    public void Output_of_one_block_is_cut_at_the_limit_and_no_sooner(uint threads, string[] cut)
    {
        var (_, lines, _) = Run(Print, threads, bytes: 36);
        Assert.Equal(["block 0 ok!", "block 0 ok!", "block 0 ok!", .. cut], lines);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void What_was_printed_before_a_fault_is_heard_and_no_more(int maxThreads)
    {
        var (outcome, lines, _) = Run(Print + "\nsetp.eq.u32 %p, %r2, 3;\n@%p trap;", threads: 1, blocks: 50, maxThreads: maxThreads);
        Assert.Equal(FaultKind.Trap, outcome.Fault!.Kind);
        Assert.Equal(["block 0 ok!", "block 1 ok!", "block 2 ok!", "block 3 ok!"], lines);
    }

    [Fact]
    public void Blocks_that_ended_before_an_earlier_one_failed_are_not_heard()
    {
        var (outcome, lines, _) = Run($"""
            {Print}
            setp.ne.u32 %p, %r2, 0;
            @%p ret;
            mov.u32 %r4, 0;
            LOOP:
            add.u32 %r4, %r4, 1;
            setp.lt.u32 %p, %r4, 20000000;
            @%p bra LOOP;
            trap;
            """, threads: 1, blocks: 9, maxThreads: 4);
        Assert.Equal((FaultKind.Trap, new Dim3(0, 0, 0)), (outcome.Fault!.Kind, outcome.Fault.Block));
        Assert.Equal(["block 0 ok!"], lines);
    }

    [Fact]
    public void Text_without_a_line_end_is_a_line_at_the_end()
    {
        var (_, lines, _) = Run(Print.Replace("mov.u64 %rd3, format", "mov.u64 %rd3, zero", StringComparison.Ordinal), threads: 3, blocks: 2);
        Assert.Equal(["xxxxxx"], lines);
    }

    [Theory]
    [InlineData("mov.u64 %rd3, open;", "vprintf at line 37 reads 1 bytes at address 0x200001103, where no buffer is")]
    [InlineData("mov.u64 %rd3, 64;", "vprintf at line 37 reads 1 bytes at address 0x40, where no buffer is")]
    [InlineData("mov.u64 %rd3, format; mov.u64 %rd2, 8;", "vprintf at line 37 reads 4 bytes at address 0x8, where no buffer is")]
    public void What_cannot_be_read_is_a_fault(string place, string message)
    {
        var (outcome, _, _) = Run(Print.Replace("mov.u64 %rd3, format;", place, StringComparison.Ordinal), threads: 1);
        Assert.Equal((FaultKind.OutOfBounds, message), (outcome.Fault!.Kind, outcome.Fault.Message));
    }

    [Fact]
    public void Nobody_has_to_listen()
    {
        using var memory = new DeviceMemory();
        var buffer = memory.Allocate("out", 64);
        var outcome = CompiledKernel.Compile(Module.Parse(Text(Print)), "test").Run(
            new KernelLaunch(new Dim3(3, 1, 1), new Dim3(1, 1, 1), 0, Kernel.Parameters(buffer)), memory, new RunOptions(), TestContext.Current.CancellationToken);
        Assert.Equal(LaunchStatus.Completed, outcome.Status);
    }

    [Fact]
    public void Failed_assertion_says_what_failed_and_where()
    {
        var (outcome, _, _) = Run("""
            mov.u64 %rd1, zero;
            mov.u64 %rd2, format+11;
            setp.eq.u32 %p, %r1, 1;
            @!%p bra DONE;
            {
            .param .b64 message, file, function, bytes;
            .param .b32 line;
            st.param.b64 [message], %rd1;
            st.param.b64 [file], %rd2;
            st.param.b32 [line], 4000000000;
            st.param.b64 [function], %rd1;
            st.param.b64 [bytes], 1;
            call.uni __assertfail, (message, file, line, function, bytes);
            }
            DONE:
            """, threads: 2);
        Assert.Equal((FaultKind.Assertion, 32, new Dim3(1, 0, 0), "assertion 'x' failed at !\n:4000000000 in x"), (outcome.Fault!.Kind, outcome.Fault.Line, outcome.Fault.Thread, outcome.Fault.Message));
    }

    private static string Text(string body) => Kernel.Text(body).Replace(".visible .entry", Declarations + "\n.visible .entry", StringComparison.Ordinal);

    private static (LaunchOutcome Outcome, List<string> Lines, uint[] Out) Run(string body, uint threads, uint blocks = 1, int maxThreads = 1, int bytes = 1 << 20)
    {
        using var memory = new DeviceMemory();
        var buffer = memory.Allocate("out", 64);
        var lines = new List<string>();
        var options = new RunOptions { MaxThreads = maxThreads, Printed = lines.Add, PrintedBytes = bytes };
        var outcome = CompiledKernel.Compile(Module.Parse(Text(body)), "test").Run(
            new KernelLaunch(new Dim3(blocks, 1, 1), new Dim3(threads, 1, 1), 0, Kernel.Parameters(buffer)), memory, options, TestContext.Current.CancellationToken);
        return (outcome, lines, System.Runtime.InteropServices.MemoryMarshal.Cast<byte, uint>(buffer.Span(0, 64)).ToArray());
    }
}
