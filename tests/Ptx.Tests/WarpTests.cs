namespace Broker.Ptx.Tests;

public class WarpTests
{
    [Fact]
    public void Halves_of_a_warp_meet_at_different_collectives()
    {
        var (outcome, result) = Kernel.Run("""
            setp.lt.u32 %p, %r1, 16;
            mov.u32 %r3, 0;
            @%p bra LOW;
            HIGH:
            redux.sync.add.u32 %r2, %r1, 0xffff0000;
            add.u32 %r3, %r3, 1;
            setp.lt.u32 %q, %r3, 3;
            @%q bra HIGH;
            bra DONE;
            LOW:
            shfl.sync.idx.b32 %r2, %r1, 5, 31, 0xffff;
            DONE:
            bar.warp.sync -1;
            st.global.u32 [%rd0], %r2;
            """, threads: 32, bytes: 128);
        Assert.Equal((LaunchStatus.Completed, null), (outcome.Status, outcome.Fault));
        Assert.Equal(Enumerable.Range(0, 32).Select(i => i < 16 ? 5u : 376u), result);
    }

    [Fact]
    public void Votes_of_others_than_take_part_do_not_count()
    {
        var (outcome, result) = Kernel.Run("""
            setp.lt.u32 %p, %r1, 16;
            setp.ge.u32 %q, %r1, 0;
            @%p bra LOW;
            vote.sync.ballot.b32 %r2, %q, 0xffff0000;
            bra DONE;
            LOW:
            vote.sync.ballot.b32 %r2, %q, 0xffff;
            DONE:
            st.global.u32 [%rd0], %r2;
            """, threads: 32, bytes: 128);
        Assert.Equal((LaunchStatus.Completed, null), (outcome.Status, outcome.Fault));
        Assert.Equal(Enumerable.Range(0, 32).Select(i => i < 16 ? 0xffffu : 0xffff0000u), result);
    }

    [Fact]
    public void Parts_of_a_warp_meet_at_one_place_each_by_itself()
    {
        // The second part waits there while the first goes on, twice.
        var (outcome, result) = Kernel.Run("""
            setp.lt.u32 %p, %r1, 16;
            selp.b32 %r3, 0xffff, 0xffff0000, %p;
            mov.u32 %r4, 0;
            LOOP:
            redux.sync.add.u32 %r2, %r1, %r3;
            add.u32 %r4, %r4, 1;
            setp.lt.u32 %q, %r4, 2;
            @%q bra LOOP;
            st.global.u32 [%rd0], %r2;
            """, threads: 32, bytes: 128);
        Assert.Equal((LaunchStatus.Completed, null), (outcome.Status, outcome.Fault));
        Assert.Equal(Enumerable.Range(0, 32).Select(i => i < 16 ? 120u : 376u), result);
    }

    [Fact]
    public void Threads_meet_in_the_same_collective_at_different_places()
    {
        var (outcome, result) = Kernel.Run("""
            setp.lt.u32 %p, %r1, 2;
            @%p bra LOW;
            shfl.sync.bfly.b32 %r2, %r1, 3, 31, 0xf;
            bra DONE;
            LOW:
            add.u32 %r3, %r1, 100;
            shfl.sync.bfly.b32 %r2, %r3, 2, 31, 0xf;
            DONE:
            st.global.u32 [%rd0], %r2;
            """);
        Assert.Equal((LaunchStatus.Completed, null), (outcome.Status, outcome.Fault));
        Assert.Equal([2u, 3u, 101u, 100u], result[..4]);
    }

    [Fact]
    public void Threads_that_left_are_not_waited_for_and_take_no_part()
    {
        var (outcome, result) = Kernel.Run("setp.eq.u32 %p, %r1, 1;\n@%p exit;\nsetp.ge.u32 %q, %r1, 0;\nvote.sync.ballot.b32 %r2, %q, -1;\nst.global.u32 [%rd0], %r2;");
        Assert.Equal(LaunchStatus.Completed, outcome.Status);
        Assert.Equal([13u, 0u, 13u, 13u], result[..4]);
    }

    [Fact]
    public void Collective_in_a_loop_that_threads_leave_at_different_times()
    {
        // Thread t stays t + 1 rounds; each round counts those that stay.
        var (outcome, result) = Kernel.Run("""
            mov.u32 %r2, 0;
            mov.u32 %r3, 0;
            LOOP:
            activemask.b32 %r4;
            popc.b32 %r4, %r4;
            add.u32 %r2, %r2, %r4;
            add.u32 %r3, %r3, 1;
            setp.le.u32 %p, %r3, %r1;
            @%p bra LOOP;
            activemask.b32 %r5;
            mad.lo.u32 %r2, %r5, 100, %r2;
            st.global.u32 [%rd0], %r2;
            """);
        Assert.Equal(LaunchStatus.Completed, outcome.Status);
        Assert.Equal([1504u, 1507u, 1509u, 1510u], result[..4]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Sum_of_a_block_by_shuffles_and_a_barrier(int maxThreads)
    {
        var steps = string.Concat(new[] { 16, 8, 4, 2, 1 }.Select(d => $"shfl.sync.down.b32 %r3, %r2, {d}, 31, -1;\nadd.u32 %r2, %r2, %r3;\n"));
        var (outcome, result) = Kernel.Run($"""
            .shared .align 4 .b8 sums[128];
            mul.lo.u32 %r2, %r1, %r1;
            {steps}
            mov.u32 %r4, sums;
            shr.u32 %r5, %r1, 5;
            mad.lo.u32 %r5, %r5, 4, %r4;
            mov.u32 %r6, %laneid;
            setp.eq.u32 %p, %r6, 0;
            @%p st.shared.u32 [%r5], %r2;
            bar.sync 0;
            setp.ge.u32 %p, %r1, 32;
            @%p ret;
            mad.lo.u32 %r5, %r6, 4, %r4;
            ld.shared.u32 %r2, [%r5];
            {steps}
            setp.eq.u32 %p, %r1, 0;
            mov.u32 %r7, %ctaid.x;
            mad.wide.u32 %rd1, %r7, 4, %out;
            @%p st.global.u32 [%rd1], %r2;
            """, threads: 800, blocks: 6, options: new RunOptions { MaxThreads = maxThreads });
        Assert.Equal((LaunchStatus.Completed, null), (outcome.Status, outcome.Fault));
        Assert.Equal(Enumerable.Repeat((uint)Enumerable.Range(0, 800).Sum(i => i * i), 6), result[..6]);
    }

    [Fact]
    public void Each_collective_costs_one_step()
    {
        var (plain, with) = (Kernel.Run(""), Kernel.Run("shfl.sync.down.b32 %r2, %r1, 1, 31, -1;\nbar.warp.sync -1;\nvote.sync.any.pred %p, %q, -1;"));
        Assert.Equal(plain.Outcome.Steps + 12, with.Outcome.Steps);
    }

    public static TheoryData<string, FaultKind, uint, string> Faults => new()
    {
        { "shfl.sync.down.b32 %r2, %r1, 1, 31, 0xb;", FaultKind.MisusedCollective, 2, "shfl.sync.down.b32 at line 14 has the member mask 0x0000000b, which lacks the thread itself (lane 2)" },
        { "mov.u32 %r3, %r1;\nbar.warp.sync %r3;", FaultKind.MisusedCollective, 0, "bar.warp.sync at line 15 has the member mask 0x00000000, which lacks the thread itself (lane 0)" },
        { "setp.eq.u32 %p, %r1, 2;\n@%p bra B;\nbar.warp.sync -1;\nbra C;\nB:\nshfl.sync.idx.b32 %r2, %r1, 0, 31, -1;\nC:", FaultKind.Deadlock, 0, "deadlock: this thread waits at line 16 in bar.warp.sync with the member mask 0xffffffff for lane 2, which waits at line 19 in shfl.sync.idx.b32" },
        { "setp.eq.u32 %p, %r1, 1;\nselp.b32 %r2, -1, 3, %p;\nbar.warp.sync %r2;", FaultKind.MisusedCollective, 2, "bar.warp.sync at line 16 has the member mask 0x00000003, which lacks the thread itself (lane 2)" },
        { "setp.eq.u32 %p, %r1, 1;\nselp.b32 %r2, 15, -1, %p;\nbar.warp.sync %r2;", FaultKind.Deadlock, 0, "deadlock: this thread waits at line 16 in bar.warp.sync with the member mask 0xffffffff for lane 1, which waits at line 16 with the member mask 0x0000000f" },
        { "setp.eq.u32 %p, %r1, 1;\n@%p bra B;\nbar.sync 0;\nbra C;\nB:\nbar.warp.sync -1;\nC:", FaultKind.Deadlock, 1, "deadlock: this thread waits at line 19 in bar.warp.sync with the member mask 0xffffffff for lane 0, which waits at line 16 in bar.sync" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void Collective_that_cannot_be_is_a_fault(string body, FaultKind kind, uint thread, string message)
    {
        var fault = Kernel.Run(body).Outcome.Fault!;
        Assert.Equal((kind, new Dim3(thread, 0, 0), message), (fault.Kind, fault.Thread, fault.Message));
    }

    [Fact]
    public void Endless_exchange_ends_with_its_budget()
    {
        var (outcome, _) = Kernel.Run("LOOP:\nshfl.sync.down.b32 %r2, %r1, 1, 31, -1;\nbra LOOP;", options: new RunOptions { StepBudgetPerBlock = 100_000 });
        Assert.Equal(FaultKind.StepBudget, outcome.Fault!.Kind);
    }
}
