namespace Broker.Ptx.Tests;

/// <summary>Lets threads wait for each other by barriers in shared memory, those first that others have to go before.</summary>
public class CountingBarrierTests
{
    private const string Declared = ".shared .align 8 .b64 full, empty;\n.shared .u32 box[32];\n.reg .b64 %s, %t;\n";

    private const string Begin = Declared + """
        setp.ne.u32 %p, %r1, 0;
        @%p bra READY;
        mbarrier.init.shared.b64 [full], 32;
        mbarrier.init.shared::cta.b64 [empty], 32;
        READY:
        bar.sync 0;

        """;

    /// <summary>The first warp takes what the second puts into a box, nine times; each waits for the other.</summary>
    [Theory]
    [InlineData("test_wait", "")]
    [InlineData("try_wait", "")]
    [InlineData("try_wait", ", 1000")]
    public void Warps_hand_on_values_phase_after_phase(string question, string hint)
    {
        var body = Begin + $$"""
            and.b32 %r2, %r1, 31;
            mov.u32 %r3, box;
            mad.lo.u32 %r3, %r2, 4, %r3;
            mov.u32 %r4, 0;
            mov.u32 %r5, 0;
            setp.ge.u32 %p, %r1, 32;
            @%p bra PUT;
            TAKE:
            and.b32 %r6, %r4, 1;
            ASK_FULL:
            mbarrier.{{question}}.parity.shared.b64 %q, [full], %r6{{hint}};
            @!%q bra ASK_FULL;
            ld.shared.u32 %r7, [%r3];
            mad.lo.u32 %r5, %r5, 3, %r7;
            mbarrier.arrive.shared.b64 _, [empty];
            add.u32 %r4, %r4, 1;
            setp.lt.u32 %p, %r4, 9;
            @%p bra TAKE;
            st.global.u32 [%rd0], %r5;
            ret;
            PUT:
            mad.lo.u32 %r7, %r4, 100, %r2;
            st.shared.u32 [%r3], %r7;
            mbarrier.arrive.release.cta.shared::cta.b64 %s, [full];
            ASK_EMPTY:
            mbarrier.{{question}}.parity.acquire.cta.shared::cta.b64 %q, [empty], %r6{{hint}};
            @!%q bra ASK_EMPTY;
            add.u32 %r4, %r4, 1;
            and.b32 %r6, %r4, 1;
            setp.lt.u32 %p, %r4, 9;
            @%p bra PUT;
            """.Replace("PUT:\n", "PUT:\nand.b32 %r6, %r4, 1;\n", StringComparison.Ordinal);
        var expected = Enumerable.Range(0, 32).Select(lane => Enumerable.Range(0, 9).Aggregate(0u, (sum, i) => 3 * sum + (uint)(100 * i + lane))).ToArray();
        Assert.Equal(expected, Run(body, 64)[..32]);
    }

    /// <summary>Lane 0 waits for all others of its warp, and they for it.</summary>
    [Fact]
    public void Lanes_of_a_warp_wait_for_each_other()
    {
        var body = Begin + """
            setp.ne.u32 %p, %r1, 0;
            mbarrier.arrive.b64 %s, [%rd2];
            ASK:
            mbarrier.test_wait.b64 %q, [%rd2], %s;
            @!%q bra ASK;
            mbarrier.pending_count.b64 %r2, %s;
            st.global.u32 [%rd0], %r2;
            """.Replace("mbarrier.arrive.b64", "mov.u64 %rd1, full;\ncvta.shared.u64 %rd2, %rd1;\nmbarrier.arrive.b64", StringComparison.Ordinal);
        Assert.Equal([.. Enumerable.Range(0, 32).Select(i => (uint)(32 - i))], Run(body, 32)[..32]);
    }

    /// <summary>Writes down the parity of the phase that is not complete, after each of some changes.</summary>
    [Theory]
    [InlineData("mbarrier.init.shared.b64 [full], 2;", 0)]
    [InlineData("mbarrier.init.shared.b64 [full], 1; mbarrier.arrive.shared.b64 %s, [full];", 1)]
    [InlineData("mbarrier.init.shared.b64 [full], 2; mbarrier.arrive.shared.b64 %s, [full];", 0)]
    [InlineData("mbarrier.init.shared.b64 [full], 5; mbarrier.arrive.shared.b64 %s, [full], 5;", 1)]
    [InlineData("mbarrier.init.shared.b64 [full], 2; mbarrier.arrive.noComplete.shared.b64 %s, [full], 1;", 0)]
    [InlineData("mbarrier.init.shared.b64 [full], 1; mbarrier.arrive.shared.b64 %s, [full]; mbarrier.arrive.shared.b64 %s, [full];", 0)]
    [InlineData("mbarrier.init.shared.b64 [full], 1; mbarrier.arrive.expect_tx.shared.b64 %s, [full], 64;", 0)]
    [InlineData("mbarrier.init.shared.b64 [full], 1; mbarrier.arrive.expect_tx.shared.b64 %s, [full], 64; mbarrier.complete_tx.shared.b64 [full], 32;", 0)]
    [InlineData("mbarrier.init.shared.b64 [full], 1; mbarrier.arrive.expect_tx.shared.b64 %s, [full], 64; mbarrier.complete_tx.relaxed.cluster.shared::cta.b64 [full], 64;", 1)]
    [InlineData("mbarrier.init.shared.b64 [full], 1; mbarrier.complete_tx.shared.b64 [full], 64; mbarrier.arrive.expect_tx.shared.b64 %s, [full], 64;", 1)]
    [InlineData("mbarrier.init.shared.b64 [full], 1; mbarrier.expect_tx.relaxed.cta.shared::cta.b64 [full], 8; mbarrier.arrive.shared.b64 %s, [full]; mbarrier.complete_tx.shared.b64 [full], 8;", 1)]
    // Of two one drops out: the phase completes with the other, and the next with one alone.
    [InlineData("mbarrier.init.shared.b64 [full], 2; mbarrier.arrive_drop.shared.b64 %s, [full]; mbarrier.arrive.shared.b64 %s, [full];", 1)]
    [InlineData("mbarrier.init.shared.b64 [full], 2; mbarrier.arrive_drop.shared.b64 %s, [full]; mbarrier.arrive.shared.b64 %s, [full]; mbarrier.arrive.shared.b64 %s, [full];", 0)]
    [InlineData("mbarrier.init.shared.b64 [full], 9; mbarrier.inval.shared.b64 [full]; mbarrier.init.shared.b64 [full], 1; mbarrier.arrive.shared.b64 %s, [full];", 1)]
    [InlineData("mbarrier.init.shared.b64 [full], 1; cp.async.mbarrier.arrive.noinc.shared.b64 [full];", 1)]
    [InlineData("mbarrier.init.shared.b64 [full], 1; cp.async.mbarrier.arrive.shared.b64 [full];", 0)]
    public void Phase_ends_with_the_last_arrival_and_the_last_byte(string changes, int parity)
    {
        var ask = "mbarrier.test_wait.parity.shared.b64 %q, [full], 0;\nselp.u32 %r2, 1, 0, %q;\nst.global.u32 [%out], %r2;\nmbarrier.test_wait.parity.shared.b64 %q, [full], 1;\nselp.u32 %r2, 1, 0, %q;\nst.global.u32 [%out+4], %r2;";
        Assert.Equal([(uint)parity, (uint)(1 - parity)], Run(Declared + changes + "\n" + ask, 1)[..2]);
    }

    /// <summary>Who waits at a barrier of the block is waited for by nobody who asks.</summary>
    [Fact]
    public void Threads_that_ask_get_on_beside_barriers_of_the_block()
    {
        var body = Begin + """
            setp.ge.u32 %p, %r1, 32;
            @%p bra OTHERS;
            ASK:
            mbarrier.test_wait.parity.shared.b64 %q, [full], 0;
            @!%q bra ASK;
            ld.shared.u32 %r2, [box];
            st.global.u32 [%rd0], %r2;
            ret;
            OTHERS:
            bar.sync 1, 32;
            st.shared.u32 [box], 77;
            shfl.sync.idx.b32 %r3, %r1, 0, 31, -1;
            mbarrier.arrive.shared.b64 %s, [full];
            """;
        Assert.Equal([.. Enumerable.Repeat(77u, 32)], Run(body, 64)[..32]);
    }

    public static TheoryData<string, string, FaultKind, string> Faults => new()
    {
        { "none there", "mbarrier.arrive.shared.b64 %s, [full];", FaultKind.MisusedCollective, "mbarrier at line 18 names a place where no barrier was initialised" },
        { "none there to ask", "mbarrier.test_wait.parity.shared.b64 %q, [full], 0;", FaultKind.MisusedCollective, "mbarrier at line 18 names a place where no barrier was initialised" },
        { "no longer there", "mbarrier.init.shared.b64 [full], 1; mbarrier.inval.shared.b64 [full]; mbarrier.arrive.shared.b64 %s, [full];", FaultKind.MisusedCollective, "mbarrier at line 18 names a place where no barrier was initialised" },
        { "of nobody", "mbarrier.init.shared.b64 [full], 0;", FaultKind.MisusedCollective, "mbarrier at line 18 cannot wait for 0 arrivals" },
        { "of too many", "mbarrier.init.shared.b64 [full], 1048576;", FaultKind.MisusedCollective, "mbarrier at line 18 cannot wait for 1048576 arrivals" },
        { "more than are pending", "mbarrier.init.shared.b64 [full], 2; mbarrier.arrive.shared.b64 %s, [full], 3;", FaultKind.MisusedCollective, "mbarrier at line 18 arrives 3 times where 2 arrivals are pending" },
        { "against its word", "mbarrier.init.shared.b64 [full], 2; mbarrier.arrive.noComplete.shared.b64 %s, [full], 2;", FaultKind.MisusedCollective, "mbarrier at line 18 completes the phase, which it says that it does not" },
        { "too many bytes", "mbarrier.init.shared.b64 [full], 2; mbarrier.expect_tx.shared.b64 [full], 1048576;", FaultKind.MisusedCollective, "mbarrier at line 18 takes 1048576 bytes, of which a barrier cannot count so many" },
        { "too many bytes together", "mbarrier.init.shared.b64 [full], 2; mbarrier.expect_tx.shared.b64 [full], 1048575; mbarrier.expect_tx.shared.b64 [full], 1;", FaultKind.MisusedCollective, "mbarrier at line 18 takes 1 bytes, of which a barrier cannot count so many" },
        { "misaligned", "mov.u32 %r2, full;\nmbarrier.init.shared.b64 [%r2+4], 1;", FaultKind.Misaligned, "store of 8 bytes at line 19 is misaligned: it is 4 bytes into shared memory (144 bytes)" },
        { "outside", "mbarrier.arrive.shared.b64 %s, [full+144];", FaultKind.OutOfBounds, "atomic access of 8 bytes at line 18 is 0 bytes past the end of shared memory (144 bytes)" },
        { "to ask outside", "mbarrier.try_wait.parity.shared.b64 %q, [full+144], 0;", FaultKind.OutOfBounds, "atomic access of 8 bytes at line 18 is 0 bytes past the end of shared memory (144 bytes)" },
        { "in global memory", "mbarrier.init.b64 [%out], 1;", FaultKind.OutOfBounds, "store of 8 bytes at line 18 is 68702699384 bytes past the end of shared memory (136 bytes)" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void Misuse_is_a_fault_at_its_line(string name, string body, FaultKind kind, string message)
    {
        var (outcome, _) = Kernel.Run(Declared + "mov.u32 %r2, box; mov.u64 %rd1, empty;\n" + body, threads: 1);
        Assert.Equal((name, kind, message), (name, outcome.Fault!.Kind, outcome.Fault.Message));
    }

    [Fact]
    public void Waiting_for_what_never_comes_spends_the_budget()
    {
        var (outcome, _) = Kernel.Run(
            Begin + "ASK:\nmbarrier.try_wait.parity.shared.b64 %q, [full], 0;\n@!%q bra ASK;", threads: 40, options: new RunOptions { StepBudgetPerBlock = 10_000 });
        Assert.Equal(FaultKind.StepBudget, outcome.Fault?.Kind);
    }

    private static uint[] Run(string body, uint threads)
    {
        uint[]? expected = null;
        foreach (var lanes in (int[])[1, 8, 16])
        {
            var (outcome, content) = Kernel.Run(body, threads, bytes: 256, options: new RunOptions { Lanes = lanes });
            Assert.Equal((LaunchStatus.Completed, null), (outcome.Status, outcome.Fault));
            Assert.Equal(expected ??= content, content);
        }

        return expected!;
    }
}
