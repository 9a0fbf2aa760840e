using System.Runtime.InteropServices;
using Broker.Ptx.Passes;

namespace Broker.Ptx.Tests.Passes;

/// <summary>Shows which branches a launch settles before it starts, and that the rest of the kernel does as before.</summary>
public class SettleBranchesTests
{
    private const uint Threads = 32, Blocks = 3;

    /// <summary>Bodies in which %r2 is the number of the thread in the grid, n is %r0, and %p guards the store of %r3.</summary>
    public static TheoryData<string, string, uint, bool> Guards => new()
    {
        { "a grid that fits", "setp.ge.u32 %p, %r2, %r0;", 96, true },
        { "a grid with threads to spare", "setp.ge.u32 %p, %r2, %r0;", 95, false },
        { "a bound that none reaches", "setp.gt.s32 %p, %r2, %r0;", 95, true },
        { "a bound that the last thread reaches", "setp.gt.s32 %p, %r2, %r0;", 94, false },
        { "a bound that is a negative number", "setp.lt.s32 %p, %r2, %r0;", 0x8000_0000, false },
        { "a bound that is a large number", "setp.lt.u32 %p, %r2, %r0;", 0x8000_0000, true },
        { "less or equal", "setp.le.u32 %p, %r2, %r0;", 95, true },
        { "less or equal, but for one", "setp.le.u32 %p, %r2, %r0;", 94, false },
        { "two that fail", "setp.ge.u32 %p, %r2, %r0;\nsetp.ge.u32 %q, %r1, 32;\nor.pred %p, %p, %q;", 96, true },
        { "one that holds, and any other", "setp.lt.u32 %p, %r2, 96;\nsetp.lt.u32 %q, %r1, %r0;\nor.pred %p, %p, %q;", 7, true },
        { "one that holds, and one that may", "setp.lt.u32 %p, %r2, 96;\nsetp.lt.u32 %q, %r1, %r0;\nand.pred %p, %p, %q;", 7, false },
        { "one that does not hold", "setp.lt.u32 %p, %r2, %r0;\nnot.pred %p, %p;", 96, true },
        { "a sum that wraps", "sub.u32 %r2, %r2, 1;\nsetp.lt.u32 %p, %r2, 95;", 0, false },
        { "a product that wraps", "mul.lo.u32 %r2, %r2, 0x10000000;\nsetp.lt.u32 %p, %r2, %r0;", 0x70000000, false },
        { "a quotient", "div.u32 %r2, %r2, 8;\nsetp.lt.u32 %p, %r2, %r0;", 12, true },
        { "a quotient that is too small", "div.u32 %r2, %r2, 8;\nsetp.lt.u32 %p, %r2, %r0;", 11, false },
        { "what is left over", "rem.u32 %r2, %r2, 8;\nsetp.lt.u32 %p, %r2, %r0;", 8, true },
        { "a number that is cut to a byte", "add.u32 %r2, %r2, 256;\ncvt.u8.u32 %r2, %r2;\nsetp.ge.u32 %p, %r2, 256;", 0, false },
        { "a number that is cut to half a word", "add.u32 %r2, %r2, 65536;\ncvt.u16.u32 %r2, %r2;\nsetp.ge.u32 %p, %r2, 65536;", 0, false },
        { "a number that is cut to a word", "cvt.u64.u32 %rd1, %r2;\nadd.u64 %rd1, %rd1, 4294967296;\ncvt.u32.u64 %r2, %rd1;\nsetp.lt.u32 %p, %r2, 96;", 0, false },
        { "a signed byte", "cvt.s8.s32 %r2, %r2;\nsetp.ge.s32 %p, %r2, 0;", 0, false },
        { "a shift", "shr.u32 %r2, %r2, 3;\nsetp.lt.u32 %p, %r2, %r0;", 12, true },
        { "a shift that leaves more", "shr.u32 %r2, %r2, 3;\nsetp.lt.u32 %p, %r2, %r0;", 11, false },
    };

    [Theory]
    [MemberData(nameof(Guards))]
    public void Guard_that_all_threads_agree_on_is_settled(string name, string guard, uint n, bool settled)
    {
        var body = $"mov.u32 %r4, %ctaid.x;\nmad.lo.u32 %r2, %r4, {Threads}, %r1;\nmad.wide.u32 %rd0, %r2, 4, %out;\nmov.u32 %r3, 5;\n{guard}\n@%p bra SKIP;\nadd.u32 %r3, %r3, %r2;\nSKIP:\nst.global.u32 [%rd0], %r3;";
        Assert.Equal((name, settled), (name, Settle(body, n).Blocks.Any(b => b.End is SettledBranch)));
        var expected = Run(body, n, 1);
        Assert.Equal(expected, Run(body, n, 8));
        Assert.Equal(expected, Run(body, n, 16));
    }

    [Theory]
    [InlineData(64, true)]
    [InlineData(65, false)]
    public void Tile_that_never_reaches_past_the_end_needs_no_guard(uint n, bool settled)
    {
        // A counter of sixteens below n, and what fifteen more are.
        const string Body = """
            and.b32 %r4, %r1, 15;
            mov.u32 %r2, 0;
            LOOP:
            add.u32 %r3, %r2, %r4;
            setp.ge.u32 %p, %r3, %r0;
            @%p bra NEXT;
            add.u32 %r5, %r5, %r3;
            NEXT:
            add.u32 %r2, %r2, 16;
            setp.lt.u32 %q, %r2, %r0;
            @%q bra LOOP;
            st.global.u32 [%rd0], %r5;
            """;
        Assert.Equal(settled, Settle(Body, n).Blocks.Any(b => b.End is SettledBranch));
        Assert.Equal(Run(Body, n, 1), Run(Body, n, 16));
    }

    [Fact]
    public void Code_that_was_made_for_one_size_is_not_taken_for_another()
    {
        var body = $"mov.u32 %r4, %ctaid.x;\nmad.lo.u32 %r2, %r4, {Threads}, %r1;\nmad.wide.u32 %rd0, %r2, 4, %out;\nsetp.ge.u32 %p, %r2, %r0;\n@%p bra END;\nst.global.u32 [%rd0], 7;\nEND:";
        var kernel = CompiledKernel.Compile(Module.Parse(Kernel.Text(body)), "test");
        // Of 64 all lanes of a vector are on one side, of 65 they are not.
        foreach (var (n, blocks) in ((uint, uint)[])[(96, 3), (64, 3), (65, 3), (95, 3), (33, 3), (64, 2), (96, 3)])
        {
            using var memory = new DeviceMemory();
            var buffer = memory.Allocate("out", 4 * Threads * Blocks);
            kernel.Run(
                new KernelLaunch(new Dim3(blocks, 1, 1), new Dim3(Threads, 1, 1), 0, Kernel.Parameters(buffer, n)), memory, new RunOptions(), TestContext.Current.CancellationToken);
            Assert.Equal(Math.Min(n, blocks * Threads), (uint)MemoryMarshal.Cast<byte, uint>(buffer.Span(0, (int)buffer.Bytes)).Count(7u));
        }
    }

    [Fact]
    public void Barrier_behind_a_settled_branch_is_left_out()
    {
        const string Body = "setp.lt.u32 %p, %r1, 32;\n@%p bra SHORT;\nbar.sync 0;\nSHORT:\nst.global.u32 [%rd0], %r1;";
        Assert.False(Settle(Body, 0).HasBarriers);
        Assert.Equal(Run(Body, 0, 1), Run(Body, 0, 16));
    }

    [Fact]
    public void Counter_of_a_loop_that_is_tested_at_its_end_stays_in_range()
    {
        // As compilers turn "for (i = thread; i < n; i += 32)".
        const string Body = "setp.ge.u32 %p, %r1, %r0;\n@%p bra END;\nmov.u32 %r2, %r1;\nLOOP:\nmul.wide.u32 %rd1, %r2, 4;\nadd.u64 %rd2, %out, %rd1;\nld.global.u32 %r3, [%rd2];\nadd.u32 %r4, %r4, %r3;\nadd.u32 %r2, %r2, 32;\nsetp.lt.u32 %p, %r2, %r0;\n@%p bra LOOP;\nst.global.u32 [%rd0], %r4;\nEND:";
        var plan = Plan(Body);
        Assert.All(new FindWidenings(plan).InRange(new LaunchNumbers(new Dim3(1, 1, 1), new Dim3(32, 1, 1), Parameters(100), 16)), Assert.True);
        Assert.Contains(new FindWidenings(plan).InRange(new LaunchNumbers(new Dim3(1, 1, 1), new Dim3(32, 1, 1), Parameters(uint.MaxValue), 16)), inRange => !inRange);
    }

    private static Emit.KernelPlan Plan(string body) => Module.Parse(Kernel.Text(body)).PlanOf("test");

    private static Emit.KernelPlan Settle(string body, uint n) =>
        new SettleBranches(Plan(body)).Run(new KernelLaunch(new Dim3(Blocks, 1, 1), new Dim3(Threads, 1, 1), 0, Parameters(n)));

    private static byte[] Parameters(uint n) => [.. new byte[8], .. BitConverter.GetBytes(n)];

    private static (long Steps, string Out) Run(string body, uint n, int lanes)
    {
        var (outcome, words) = Kernel.Run(body, Threads, Blocks, n, 4 * Threads * Blocks, options: new RunOptions { MaxThreads = 1, Lanes = lanes });
        Assert.Equal((LaunchStatus.Completed, null), (outcome.Status, outcome.Fault));
        return (outcome.Steps, string.Join(' ', words));
    }
}
