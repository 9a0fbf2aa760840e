namespace Broker.Ptx.Tests;

public class BarrierTests
{
    [Fact]
    public void Threads_see_what_others_wrote_before_a_barrier()
    {
        // Each thread writes its number and reads that of its right neighbour.
        var (outcome, result) = Kernel.Run("""
            .shared .u32 s[4];
            mov.u32 %r2, s;
            mad.lo.u32 %r3, %r1, 4, %r2;
            st.shared.u32 [%r3], %r1;
            bar.sync 0;
            add.u32 %r4, %r1, 1;
            and.b32 %r4, %r4, 3;
            mad.lo.u32 %r3, %r4, 4, %r2;
            ld.shared.u32 %r5, [%r3];
            st.global.u32 [%rd0], %r5;
            """);
        Assert.Equal(LaunchStatus.Completed, outcome.Status);
        Assert.Equal([1u, 2u, 3u, 0u], result[..4]);
    }

    [Fact]
    public void Barrier_may_stand_in_a_loop_and_registers_outlive_it()
    {
        // Rotates the numbers n times: loop counter, pointer and float live across two barriers a round.
        var (outcome, result) = Kernel.Run("""
            .shared .align 4 .b8 s[16];
            mov.u64 %rd1, s;
            mad.wide.u32 %rd2, %r1, 4, %rd1;
            add.u32 %r4, %r1, 1;
            and.b32 %r4, %r4, 3;
            mad.wide.u32 %rd3, %r4, 4, %rd1;
            cvt.rn.f32.u32 %f1, %r1;
            mov.u32 %r3, 0;
            LOOP:
            setp.eq.u32 %p, %r3, %r0;
            @%p bra DONE;
            st.shared.f32 [%rd2], %f1;
            bar.sync 0;
            ld.shared.f32 %f1, [%rd3];
            barrier.sync.aligned 0;
            add.f32 %f1, %f1, 0f41200000;
            add.u32 %r3, %r3, 1;
            bra LOOP;
            DONE:
            cvt.rzi.u32.f32 %r5, %f1;
            st.global.u32 [%rd0], %r5;
            """, n: 6, blocks: 2, options: new RunOptions { MaxThreads = 1 });
        Assert.Equal(LaunchStatus.Completed, outcome.Status);
        Assert.Equal([62u, 63u, 60u, 61u], result[..4]);
    }

    [Fact]
    public void Threads_that_have_left_do_not_hold_up_a_barrier()
    {
        var (outcome, result) = Kernel.Run("setp.eq.u32 %p, %r1, 2;\n@%p ret;\nbar.sync 0;\nst.global.u32 [%rd0], 7;");
        Assert.Equal(LaunchStatus.Completed, outcome.Status);
        Assert.Equal([7u, 7u, 0u, 7u], result[..4]);
    }

    [Fact]
    public void Threads_at_different_barriers_are_a_fault()
    {
        var (outcome, _) = Kernel.Run("setp.eq.u32 %p, %r1, 2;\n@%p bra OTHER;\nbar.sync 0;\nbra DONE;\nOTHER:\nbar.sync 0;\nDONE:");
        Assert.Equal(
            (FaultKind.DivergentBarrier, 19, new Dim3(2, 0, 0), "divergent barrier: this thread waits at line 19, others at line 16"),
            (outcome.Fault!.Kind, outcome.Fault.Line, outcome.Fault.Thread, outcome.Fault.Message));
    }

    [Fact]
    public void Registers_never_written_are_zero_after_a_barrier_too()
    {
        // The nines that a block keeps over its second barrier must not show up after the first barrier of the next block.
        var (_, result) = Kernel.Run(
            "bar.sync 0;\nadd.u32 %r2, %r5, 3;\nst.global.u32 [%rd0], %r2;\nmov.u32 %r5, 9;\nbar.sync 0;\nst.global.u32 [%rd0+32], %r5;",
            blocks: 3, options: new RunOptions { MaxThreads = 1 });
        Assert.Equal([3u, 3u, 3u, 3u], result[..4]);
    }

    [Fact]
    public void Local_memory_outlives_a_barrier()
    {
        var (_, result) = Kernel.Run("""
            .local .align 4 .b8 depot[8];
            mov.u64 %rd1, depot;
            cvta.local.u64 %rd2, %rd1;
            st.u32 [%rd2+4], %r1;
            bar.sync 1;
            ld.u32 %r2, [%rd2+4];
            ld.local.u32 %r3, [depot];
            add.u32 %r2, %r2, %r3;
            st.global.u32 [%rd0], %r2;
            """);
        Assert.Equal([0u, 1u, 2u, 3u], result[..4]);
    }

    [Fact]
    public void Shared_memory_starts_as_zeros_in_every_block()
    {
        var (_, result) = Kernel.Run("""
            .extern .shared .align 4 .b8 dynamic[];
            mov.u32 %r2, dynamic;
            mad.lo.u32 %r2, %r1, 4, %r2;
            ld.shared.u32 %r3, [%r2];
            st.shared.u32 [%r2], 5;
            st.global.u32 [%rd0], %r3;
            """, blocks: 5, dynamicShared: 16, options: new RunOptions { MaxThreads = 1 });
        Assert.Equal([0u, 0u, 0u, 0u], result[..4]);
    }

    [Fact]
    public void Kernel_of_very_many_barriers_runs_as_one_region()
    {
        var rounds = string.Concat(Enumerable.Repeat("add.u32 %r2, %r2, 1;\nbar.sync 0;\n", 300));
        var (outcome, result) = Kernel.Run($"mov.u32 %r2, 0;\nmov.u32 %r3, 0;\nLOOP:\n{rounds}add.u32 %r3, %r3, 1;\nsetp.lt.u32 %p, %r3, 2;\n@%p bra LOOP;\nst.global.u32 [%rd0], %r2;");
        Assert.Equal(LaunchStatus.Completed, outcome.Status);
        Assert.Equal([600u, 600u, 600u, 600u], result[..4]);
    }

    [Fact]
    public void Warps_may_meet_at_one_barrier_in_different_places()
    {
        var (outcome, result) = Kernel.Run("""
            .shared .u32 s;
            setp.lt.u32 %p, %r1, 32;
            @%p bra FIRST;
            bar.sync 0;
            ld.shared.u32 %r2, [s];
            st.global.u32 [%rd0], %r2;
            ret;
            FIRST:
            st.shared.u32 [s], 5;
            bar.sync 0;
            """, threads: 64, bytes: 256);
        Assert.Equal((LaunchStatus.Completed, null), (outcome.Status, outcome.Fault));
        Assert.Equal(Enumerable.Range(0, 64).Select(i => i < 32 ? 0u : 5u), result);
    }

    [Fact]
    public void Producers_arrive_and_consumers_wait()
    {
        // Two warps write a number each round and one reads their sum: full and empty are barriers 1 and 2, named by registers.
        var (outcome, result) = Kernel.Run("""
            .shared .align 4 .u32 s[2];
            mov.u32 %r2, 1;
            mov.u32 %r3, 0;
            shr.u32 %r4, %r1, 5;
            mov.u32 %r6, s;
            mad.lo.u32 %r6, %r4, 4, %r6;
            setp.eq.u32 %p, %r4, 2;
            mov.u32 %r7, 0;
            @%p bra CONSUME;
            PRODUCE:
            mad.lo.u32 %r5, %r3, 10, %r4;
            st.shared.u32 [%r6], %r5;
            bar.arrive %r2, 96;
            bar.sync 2, 96;
            add.u32 %r3, %r3, 1;
            setp.lt.u32 %q, %r3, 4;
            @%q bra PRODUCE;
            ret;
            CONSUME:
            barrier.cta.sync.aligned 1, 96;
            ld.shared.u32 %r5, [s];
            add.u32 %r7, %r7, %r5;
            ld.shared.u32 %r5, [s+4];
            mad.lo.u32 %r7, %r5, 100, %r7;
            barrier.arrive 2, 96;
            add.u32 %r3, %r3, 1;
            setp.lt.u32 %q, %r3, 4;
            @%q bra CONSUME;
            st.global.u32 [%out], %r7;
            """, threads: 96);
        Assert.Equal((LaunchStatus.Completed, null), (outcome.Status, outcome.Fault));
        Assert.Equal(60 + 6400u, result[0]);
    }

    [Fact]
    public void Barrier_for_fewer_threads_than_come_lets_the_first_pass()
    {
        var (outcome, result) = Kernel.Run("mov.u32 %r2, 64;\nbar.sync 3, %r2;\nst.global.u32 [%rd0], 1;", threads: 128, bytes: 512);
        Assert.Equal((LaunchStatus.Completed, null), (outcome.Status, outcome.Fault));
        Assert.Equal(Enumerable.Repeat(1u, 128), result);
        Assert.Equal(
            (FaultKind.Deadlock, new Dim3(64, 0, 0), "deadlock: this thread waits at line 14 for 64 threads at barrier 3, where 32 have come"),
            Fault("bar.sync 3, 64;", 96));
    }

    [Theory]
    [InlineData("bar.red.popc.u32 %r2, 0, %p", 13u)]
    [InlineData("barrier.cta.red.popc.u32 %r2, 0, !%p", 27u)]
    public void Barrier_counts_predicates(string reduction, uint expected)
    {
        var (_, result) = Kernel.Run($"setp.lt.u32 %p, %r1, 13;\n{reduction};\nst.global.u32 [%rd0], %r2;", threads: 40, bytes: 160);
        Assert.Equal(Enumerable.Repeat(expected, 40), result);
    }

    [Fact]
    public void Barrier_combines_predicates_of_those_that_have_not_left()
    {
        var (outcome, result) = Kernel.Run("""
            setp.eq.u32 %p, %r1, 3;
            @%p exit;
            setp.ne.u32 %p, %r1, 3;
            bar.red.and.pred %q, 1, %p;
            selp.u32 %r2, 1, 0, %q;
            setp.eq.u32 %p, %r1, 9;
            barrier.cta.red.or.aligned.pred %q, 1, 64, %p;
            selp.u32 %r3, 2, 0, %q;
            add.u32 %r2, %r2, %r3;
            setp.ne.u32 %p, %r1, 9;
            bar.red.and.pred %q, 1, 64, %p;
            selp.u32 %r3, 4, 0, %q;
            add.u32 %r2, %r2, %r3;
            st.global.u32 [%rd0], %r2;
            """, threads: 64, bytes: 256);
        Assert.Equal((LaunchStatus.Completed, null), (outcome.Status, outcome.Fault));
        Assert.Equal(Enumerable.Range(0, 64).Select(i => i == 3 ? 0u : 3u), result);
    }

    [Theory]
    [InlineData("bar.sync 16;", 0, "bar.sync at line 14 names barrier 16, but there are 16")]
    [InlineData("bar.sync %r1;", 16, "bar.sync at line 14 names barrier 16, but there are 16")]
    [InlineData("bar.arrive 1, 40;", 0, "bar.arrive at line 14 waits for 40 threads, which is no multiple of 32 above 0")]
    [InlineData("setp.lt.u32 %p, %r1, 32;\n@%p bra B;\nbar.sync 1, 64;\nret;\nB:\nbar.sync 1, 96;", 32, "bar.sync at line 16 waits for 64 threads at barrier 1, where others wait for 96")]
    public void Misused_barrier_is_a_fault(string body, uint thread, string message) =>
        Assert.Equal((FaultKind.MisusedCollective, new Dim3(thread, 0, 0), message), Fault(body, 64));

    [Fact]
    public void Threads_of_a_warp_may_come_one_by_one_to_a_barrier_that_is_not_aligned()
    {
        var (outcome, result) = Kernel.Run("setp.eq.u32 %p, %r1, 2;\n@%p bra B;\nbarrier.sync 1;\nbra C;\nB:\nbarrier.sync 1;\nC:\nst.global.u32 [%rd0], 7;");
        Assert.Equal((LaunchStatus.Completed, null), (outcome.Status, outcome.Fault));
        Assert.Equal([7u, 7u, 7u, 7u], result[..4]);
    }

    [Fact]
    public void Parts_of_a_warp_arrive_as_the_threads_that_they_are()
    {
        var (outcome, result) = Kernel.Run("""
            setp.ge.u32 %p, %r1, 32;
            @%p bra WAIT;
            setp.ge.u32 %q, %r1, 11;
            @%q bra SECOND;
            barrier.arrive 1, 64;
            ret;
            SECOND:
            barrier.arrive 1, 64;
            ret;
            WAIT:
            barrier.sync 1, 64;
            st.global.u32 [%rd0], 7;
            """, threads: 64, bytes: 256);
        Assert.Equal((LaunchStatus.Completed, null), (outcome.Status, outcome.Fault));
        Assert.Equal(Enumerable.Range(0, 64).Select(i => i < 32 ? 0u : 7u), result);
    }

    [Fact]
    public void Arrivals_count_where_all_threads_come_at_once() => Assert.Equal(
        (FaultKind.MisusedCollective, new Dim3(0, 0, 0), "bar.sync at line 17 waits for 64 threads at barrier 1, where others wait for 96"),
        Fault("setp.lt.u32 %p, %r1, 32;\n@%p bar.arrive 1, 96;\nbar.sync 0;\nbar.sync 1;", 64));

    private static (FaultKind Kind, Dim3 Thread, string Message) Fault(string body, uint threads)
    {
        var fault = Kernel.Run(body, threads, bytes: 512).Outcome.Fault!;
        return (fault.Kind, fault.Thread, fault.Message);
    }
}
