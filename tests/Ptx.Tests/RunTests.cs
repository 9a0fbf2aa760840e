namespace Broker.Ptx.Tests;

public class RunTests
{
    private const string EndlessLoop = "LOOP:\nadd.u32 %r2, %r2, 1;\nbra LOOP;";

    [Theory]
    [InlineData(EndlessLoop)]
    [InlineData("LOOP:\nbra LOOP;")]
    public void Endless_loop_ends_with_its_budget(string body)
    {
        var (outcome, _) = Kernel.Run(body, options: new RunOptions { StepBudgetPerBlock = 1_000_000 });
        Assert.Equal((LaunchStatus.Faulted, FaultKind.StepBudget, 15), (outcome.Status, outcome.Fault!.Kind, outcome.Fault.Line));
        Assert.Equal("the block ran more than 1000000 instructions; it was at line 15", outcome.Fault.Message);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    public void Budget_that_ends_at_a_label_alone_ends_at_the_line_behind_it(int lanes)
    {
        var (outcome, _) = Kernel.Run("A:\nB:\nbra C;\nC:\nadd.u32 %r2, %r2, 1;\nbra A;", threads: 32, bytes: 128, options: new RunOptions { Lanes = lanes, StepBudgetPerBlock = 1000 });
        Assert.Equal((FaultKind.StepBudget, 16), (outcome.Fault!.Kind, outcome.Fault.Line));
    }

    [Fact]
    public void Budget_is_met_exactly()
    {
        // Seven instructions a thread: the four of the frame, the two below, and the return.
        const string Body = "mov.u32 %r2, 1;\nst.global.u32 [%rd0], %r2;";
        Assert.Equal((LaunchStatus.Completed, 28L), (Run(28).Status, Run(28).Steps));
        Assert.Equal(FaultKind.StepBudget, Run(27).Fault!.Kind);

        static LaunchOutcome Run(long budget) => Kernel.Run(Body, options: new RunOptions { StepBudgetPerBlock = budget }).Outcome;
    }

    [Fact]
    public async Task Cancellation_is_noticed_inside_a_loop_and_says_where()
    {
        using var memory = new DeviceMemory();
        using var cancellation = new CancellationTokenSource();
        var buffer = memory.Allocate("out", 64);
        var kernel = CompiledKernel.Compile(Module.Parse(Kernel.Text("st.volatile.global.u32 [%out], 1;\n" + EndlessLoop)), "test");
        var launch = new KernelLaunch(new Dim3(4, 1, 1), new Dim3(1, 1, 1), 0, Kernel.Parameters(buffer));
        var run = Task.Run(() => kernel.Run(launch, memory, new RunOptions { StepBudgetPerBlock = long.MaxValue }, cancellation.Token), TestContext.Current.CancellationToken);
        while (buffer.Span(0, 1)[0] == 0) await Task.Delay(1, TestContext.Current.CancellationToken);
        Assert.False(run.IsCompleted);
        await cancellation.CancelAsync();
        var outcome = await run.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        Assert.Equal((LaunchStatus.Cancelled, FaultKind.Cancelled, "cancelled at line 16"), (outcome.Status, outcome.Fault!.Kind, outcome.Fault.Message));
    }

    [Fact]
    public void Launch_that_is_cancelled_beforehand_runs_nothing()
    {
        using var memory = new DeviceMemory();
        var kernel = CompiledKernel.Compile(Module.Parse(Kernel.Text("trap;")), "test");
        var outcome = kernel.Run(new KernelLaunch(new Dim3(4, 1, 1), new Dim3(1, 1, 1), 0, new byte[12]), memory, new RunOptions(), new CancellationToken(true));
        Assert.Equal(new LaunchOutcome(LaunchStatus.Cancelled, 0, null), outcome);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Blocks_done_are_counted_to_the_last(int maxThreads)
    {
        var counts = new System.Collections.Concurrent.ConcurrentBag<long>();
        var (outcome, _) = Kernel.Run("", blocks: 100, options: new RunOptions { MaxThreads = maxThreads, BlocksDone = counts.Add });
        Assert.Equal(LaunchStatus.Completed, outcome.Status);
        Assert.Equal(Enumerable.Range(1, 100).Select(i => (long)i), counts.Order());
    }

    [Fact]
    public void Listener_that_throws_ends_the_launch()
    {
        var options = new RunOptions { MaxThreads = 2, BlocksDone = _ => throw new InvalidDataException("listener") };
        var thrown = Assert.Throws<InvalidOperationException>(() => Kernel.Run("", blocks: 100, options: options));
        Assert.IsType<InvalidDataException>(thrown.InnerException);
    }

    [Fact]
    public void Atomics_of_blocks_on_several_cores_add_up()
    {
        var (_, result) = Kernel.Run(
            "red.global.add.u32 [%out], 1;\natom.global.inc.u32 %r2, [%out+4], 999999;\nred.global.max.u32 [%out+8], %r1;\nred.global.add.f32 [%out+12], 0f3F800000;",
            threads: 64, blocks: 500, options: new RunOptions { MaxThreads = 4 });
        Assert.Equal([32000u, 32000u, 63u, BitConverter.SingleToUInt32Bits(32000f)], result[..4]);
    }

    [Fact]
    public void Positions_in_three_dimensions()
    {
        using var memory = new DeviceMemory();
        var buffer = memory.Allocate("out", 4 * 48);
        // Each thread writes its number, computed from its position and that of its block, to the place that it should have.
        var text = Kernel.Text("""
            mov.u32 %r2, %ctaid.z;
            mov.u32 %r3, %nctaid.y;
            mov.u32 %r4, %ctaid.y;
            mad.lo.u32 %r2, %r2, %r3, %r4;
            mov.u32 %r3, %ntid.z;
            mov.u32 %r4, %tid.z;
            mad.lo.u32 %r2, %r2, %r3, %r4;
            mov.u32 %r3, %ntid.y;
            mov.u32 %r4, %tid.y;
            mad.lo.u32 %r2, %r2, %r3, %r4;
            mov.u32 %r3, %ntid.x;
            mad.lo.u32 %r2, %r2, %r3, %r1;
            mad.wide.u32 %rd1, %r2, 4, %out;
            red.global.add.u32 [%rd1], %r2;
            """);
        var launch = new KernelLaunch(new Dim3(1, 2, 2), new Dim3(2, 3, 2), 0, Kernel.Parameters(buffer));
        CompiledKernel.Compile(Module.Parse(text), "test").Run(launch, memory, new RunOptions(), TestContext.Current.CancellationToken);
        Assert.Equal(Enumerable.Range(0, 48), System.Runtime.InteropServices.MemoryMarshal.Cast<byte, int>(buffer.Span(0, 192)).ToArray());
    }

    [Theory]
    [InlineData(1025, 1, 1, 12, 0, "between 1 and 1024")]
    [InlineData(0, 1, 1, 12, 0, "between 1 and 1024")]
    [InlineData(1, 1, 0, 12, 0, "empty")]
    [InlineData(1, 1, 1, 8, 0, "parameters take 12 bytes")]
    [InlineData(1, 1, 1, 12, 1 << 20, "dynamic shared")]
    [InlineData(1, 1, 1, 12, -1, "dynamic shared")]
    public void Launch_that_does_not_fit_is_refused(uint x, uint y, uint grid, int parameters, int shared, string reason)
    {
        using var memory = new DeviceMemory();
        var kernel = CompiledKernel.Compile(Module.Parse(Kernel.Text("")), "test");
        var launch = new KernelLaunch(new Dim3(grid, 1, 1), new Dim3(x, y, 1), shared, new byte[parameters]);
        Assert.Contains(reason, kernel.CheckLaunch(launch), StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => kernel.Run(launch, memory, new RunOptions(), TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Memory_cannot_be_disposed_under_a_running_kernel()
    {
        using var memory = new DeviceMemory();
        var kernel = CompiledKernel.Compile(Module.Parse(Kernel.Text("")), "test");
        var options = new RunOptions { MaxThreads = 1, BlocksDone = _ => Assert.Throws<InvalidOperationException>(memory.Dispose) };
        var outcome = kernel.Run(new KernelLaunch(new Dim3(1, 1, 1), new Dim3(1, 1, 1), 0, new byte[12]), memory, options, TestContext.Current.CancellationToken);
        Assert.Equal(LaunchStatus.Completed, outcome.Status);
    }
}
