using Broker.Ptx.Audit;
using Broker.Ptx.Verify;

namespace Broker.Ptx.Tests.Hostile;

/// <summary>Holds the engine against kernels that were written to harm whoever runs them.</summary>
public class HostileKernelTests
{
    private const string EachThread = "mov.u32 %r1, %tid.x;\n";

    /// <summary>Memory and registers without end, before the kernel's own lines and within them.</summary>
    public static TheoryData<string, string, string> TooMuch => new()
    {
        { "local memory", ".local .b8 v[1000000000];\nst.local.u8 [v], 1;", "line 14, column 12: not supported yet: more than 524288 bytes of local memory" },
        { "local memory beyond all numbers", ".local .b64 v[1073741824][1073741824];", "line 14, column 26: this array is larger than 1073741824" },
        { "many local variables", Lines(600, i => $".local .b8 v{i}[1024];"), "line 526, column 12: not supported yet: more than 524288 bytes of local memory" },
        { "local memory of threads that wait", ".local .b8 v[100000];\nst.local.u8 [v], 1;\nbar.sync 0;", "line 4, column 17: not supported yet: more than 65536 bytes of local memory in a kernel with barriers" },
        { "shared memory", ".shared .b8 v[1000000000];\nst.shared.u8 [v], 1;", "line 14, column 13: not supported yet: more than 262144 bytes of shared memory" },
        { "registers", ".reg .b32 %w<4000000000>;", "line 14, column 14: 4000000000 is more than 2147483647" },
        { "registers beyond all numbers", ".reg .b32 %w<99999999999999999999>;", "line 14, column 14: this integer is out of range or has a wrong digit" },
        { "arguments of a call", $".reg .b32 %w;\ncall ({string.Join(", ", Enumerable.Repeat("%w", 100))}), f;", "line 15, column 263: there are more than 64 operands" },
    };

    [Theory]
    [MemberData(nameof(TooMuch))]
    public void Kernel_that_asks_for_too_much_is_refused_where_it_asks(string name, string body, string message) =>
        Assert.Equal((name, message), (name, Refusals(Kernel.Text(body))[0]));

    [Fact]
    public void Parameters_and_variables_of_a_module_are_bounded()
    {
        Assert.Equal(
            "line 4, column 33: not supported yet: more than 32764 bytes of parameters",
            Refusals(Kernel.Header + ".visible .entry test(.param .b8 huge[1000000000]) { ret; }")[0]);
        Assert.StartsWith(
            "line 5, column 13: not supported yet: more than ",
            Refusals(Kernel.Header + ".global .b8 a[1073741824];\n.global .b8 b[1073741824];\n.visible .entry test() { ret; }")[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Registers_cost_nothing_until_they_are_named()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var (outcome, result) = Kernel.Run(".reg .b32 %w<2147483647>;\nmov.u32 %w2147483646, 7;\nst.global.u32 [%out], %w2147483646;");
        Assert.Equal((LaunchStatus.Completed, 7u), (outcome.Status, result[0]));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 64 << 20);
    }

    [Fact]
    public void Calls_that_double_with_every_level_are_refused_before_they_are_made()
    {
        var functions = ".func f0() { ret; }\n" + Lines(100, i => $".func f{i + 1}() {{ call f{i}; call f{i}; ret; }}");
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("kernels of more than 65536 instructions", Assert.Single(Refusals(Kernel.Header + functions + "\n.visible .entry test() { call f100; ret; }")), StringComparison.Ordinal);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 256 << 20);
    }

    [Fact]
    public void Functions_that_call_each_other_are_refused()
    {
        var text = Kernel.Header + ".func b();\n.func a() { call b; ret; }\n.func b() { call a; ret; }\n.visible .entry test() { call a; ret; }";
        Assert.Contains("recursive call", Assert.Single(Refusals(text)), StringComparison.Ordinal);
    }

    /// <summary>Kernels that never end, by every way of waiting and going around.</summary>
    public static TheoryData<string, string> Endless => new()
    {
        { "a loop of one thread of many", EachThread + "setp.ne.u32 %p, %r1, 21;\n@%p ret;\nLOOP:\nbra LOOP;" },
        { "loops that part", EachThread + "and.b32 %r2, %r1, 1;\nsetp.eq.u32 %p, %r2, 0;\nA:\n@%p bra B;\nadd.u32 %r3, %r3, 1;\nbra A;\nB:\nadd.u32 %r4, %r4, 1;\nbra B;" },
        { "a loop around memory", EachThread + "LOOP:\nst.global.u32 [%rd0], %r2;\nld.global.u32 %r2, [%rd0];\nadd.u32 %r2, %r2, 1;\nbra LOOP;" },
        { "a loop around an atomic", "LOOP:\natom.global.cas.b32 %r2, [%out], 1, 2;\nbra LOOP;" },
        { "a lock that nobody opens", "st.global.u32 [%out], 1;\nLOOP:\natom.global.cas.b32 %r2, [%out], 0, 1;\nsetp.ne.u32 %p, %r2, 0;\n@%p bra LOOP;" },
        { "a loop around a barrier", "LOOP:\nbar.sync 0;\nbra LOOP;" },
        { "a loop around barriers of many names", EachThread + "LOOP:\nand.b32 %r2, %r2, 15;\nbarrier.sync %r2;\nadd.u32 %r2, %r2, 1;\nbra LOOP;" },
        { "a loop around a shuffle", "LOOP:\nshfl.sync.bfly.b32 %r2, %r1, 1, 31, -1;\nbra LOOP;" },
        { "a loop around a vote", "LOOP:\nvote.sync.any.pred %p, %q, -1;\nbra LOOP;" },
        { "a loop through a table", "T: .branchtargets A, B, A;\nA:\nB:\nadd.u32 %r2, %r2, 1;\nrem.u32 %r3, %r2, 3;\nbrx.idx %r3, T;" },
        { "threads that wait for one that does not come", EachThread + "setp.eq.u32 %p, %r1, 0;\nLOOP:\n@%p bra LOOP;\nbar.sync 0;" },
    };

    [Theory]
    [MemberData(nameof(Endless))]
    public void Kernel_without_end_ends_with_its_budget(string name, string body)
    {
        foreach (var lanes in (int[])[1, 8, 16])
        {
            var (outcome, _) = Kernel.Run(body, threads: 32, bytes: 128, options: new RunOptions { Lanes = lanes, MaxThreads = 1, StepBudgetPerBlock = 100_000 });
            Assert.Equal((name, lanes, FaultKind.StepBudget), (name, lanes, outcome.Fault!.Kind));
            // Nobody runs further than to the end of the code between two looks at the budget.
            Assert.InRange(outcome.Steps, 100_000, 101_000);
        }
    }

    [Fact]
    public void Table_of_very_many_targets_leads_to_each()
    {
        const int Targets = 20_000;
        var (outcome, result) = Kernel.Run(
            $"T: .branchtargets {string.Join(", ", Enumerable.Range(0, Targets).Select(i => $"L{i % 3}"))};\nmul.lo.u32 %r2, %r1, 6666;\nbrx.idx %r2, T;\nL0: st.global.u32 [%rd0], 100;\nret;\nL1: st.global.u32 [%rd0], 101;\nret;\nL2: st.global.u32 [%rd0], 102;");
        Assert.Equal((LaunchStatus.Completed, 100u, 100u, 100u), (outcome.Status, result[0], result[1], result[2]));
    }

    /// <summary>Lines of which a long kernel makes a frame that no ordinary stack holds.</summary>
    [Theory]
    [InlineData("ld.u16 %r2, [%rd0];\nst.u16 [%rd0], %r2;", 16)]
    [InlineData("ld.global.v2.u16 {%r2, %r3}, [%rd0];\nst.global.v2.u16 [%rd0], {%r3, %r2};", 16)]
    public void Frame_of_a_long_kernel_ends_no_process(string lines, int lanes)
    {
        var body = "mul.wide.u32 %rd1, %r1, 4;\nxor.b64 %rd1, %rd1, 4;\nadd.u64 %rd0, %out, %rd1;\n" + Lines(1000, _ => lines);
        var options = new RunOptions { Lanes = lanes, MaxThreads = 1 };
        (LaunchStatus, AuditStatus)? ended = null;
        var caller = new Thread(() => ended = (Kernel.Run(body, threads: 16, bytes: 64, options: options).Outcome.Status, Audit(body, options).Status), 512 << 10);
        caller.Start();
        caller.Join();
        Assert.Equal((LaunchStatus.Completed, AuditStatus.Completed), ended);
    }

    private static BlockAudit Audit(string body, RunOptions options)
    {
        using var memory = new AuditMemory();
        var buffer = memory.Allocate("out", 64);
        byte[] parameters = [.. BitConverter.GetBytes(buffer.Address), .. new byte[4]];
        var launch = new KernelLaunch(new Dim3(1, 1, 1), new Dim3(16, 1, 1), 0, parameters);
        return CompiledKernel.Compile(Module.Parse(Kernel.Text(body)), "test")
            .Audit(launch, memory, new Dim3(0, 0, 0), false, options, TestContext.Current.CancellationToken);
    }

    [Fact]
    public void Classifier_leaves_very_many_loops_in_loops_alone()
    {
        var module = Module.Parse(Kernel.Text(
            $"{Lines(2000, i => $"L{i}:")}\n{Lines(2000, i => $"add.u32 %r2, %r2, 1;\nsetp.lt.u32 %p, %r2, {i};\n@%p bra L{1999 - i};")}\nst.global.u32 [%rd0], %r2;"));
        var launch = new KernelLaunch(new Dim3(1, 1, 1), new Dim3(32, 1, 1), 0, new byte[12]);
        IReadOnlyList<LaunchPointer> pointers = [new LaunchPointer(0, new LaunchBuffer("out", 128, true))];
        var before = GC.GetAllocatedBytesForCurrentThread();
        var found = Classifier.Classify(module, "test", launch, pointers);
        Assert.False(KernelEstimate.Of(module, "test", launch, pointers).IsBound);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 256 << 20);
        Assert.Equal((KernelClass.Unverifiable, "line 4: its branches and loops lie in too many others to be looked at; split the kernel"), (found.Class, Assert.Single(found.Reasons).ToString()));
    }

    [Fact]
    public void Flood_of_prints_is_cut_and_ends_with_its_budget()
    {
        const string Declarations = ".extern .func (.param .b32 r) vprintf(.param .b64 f, .param .b64 a);\n.global .align 1 .b8 format[4] = {120, 120, 10, 0};\n";
        const string Body = "mov.u64 %rd1, format;\nLOOP:\n{\n.param .b64 p0, p1;\n.param .b32 r0;\nst.param.b64 [p0], %rd1;\nst.param.b64 [p1], 0;\ncall.uni (r0), vprintf, (p0, p1);\n}\nbra LOOP;";
        using var memory = new DeviceMemory();
        var (buffer, lines) = (memory.Allocate("out", 64), new List<string>());
        var text = Kernel.Text(Body).Replace(".visible .entry", Declarations + ".visible .entry", StringComparison.Ordinal);
        var options = new RunOptions { MaxThreads = 1, StepBudgetPerBlock = 200_000, PrintedBytes = 300, Printed = lines.Add };
        var launch = new KernelLaunch(new Dim3(2, 1, 1), new Dim3(32, 1, 1), 0, Kernel.Parameters(buffer));
        var outcome = CompiledKernel.Compile(Module.Parse(text), "test").Run(launch, memory, options, TestContext.Current.CancellationToken);
        Assert.Equal(FaultKind.StepBudget, outcome.Fault!.Kind);
        Assert.Equal([.. Enumerable.Repeat("xx", 100), "cut: a launch may print 300 bytes"], lines);
    }

    [Fact]
    public void Braces_and_lists_are_bounded_in_depth()
    {
        foreach (var (open, close) in ((string, string)[])[("{", "}"), ("mov.b32 %r1, {", "}"), ("ld.u32 %r1, [", "]"), ("call (", ")"), ("add.u32 %r1, !", "")])
            Assert.Matches("^line 14, column [0-9]+: ", Refusals(Kernel.Text(open + Many(open[^1..], 5000) + Many(close, 5000)))[0]);
    }

    private static List<string> Refusals(string text)
    {
        try
        {
            return [.. Module.Parse(text).CheckSupported().Select(e => e.ToString())];
        }
        catch (PtxException e)
        {
            return [.. e.Errors.Select(error => error.ToString())];
        }
    }

    private static string Many(string piece, int count) => string.Concat(Enumerable.Repeat(piece, count));

    private static string Lines(int count, Func<int, string> line) => string.Join('\n', Enumerable.Range(0, count).Select(line));
}
