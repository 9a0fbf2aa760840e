using Broker.Core.Verification;
using Broker.Ptx;
using Broker.Ptx.Verify;
using Broker.Tests;

namespace Broker.Verification.Tests;

/// <summary>What a check says of honest results.</summary>
public class ResultCheckTests
{
    public static TheoryData<string, VerificationMode, int?> Honest
    {
        get
        {
            var rows = new TheoryData<string, VerificationMode, int?>();
            foreach (var name in Jobs.Names)
            {
                foreach (var lanes in new int?[] { 1, 8, 16 }) rows.Add(name, VerificationMode.Full, lanes);
                var job = Jobs.Make(name);
                if (KernelClassOf(job) == KernelClass.Exact) rows.Add(name, VerificationMode.Sample, null);
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Honest))]
    public async Task An_honest_result_passes_however_it_was_run(string name, VerificationMode mode, int? lanes)
    {
        var job = Jobs.Make(name, mode);
        var verdict = await Jobs.CheckAsync(job, job.Run(new RunOptions { Lanes = lanes }));
        Assert.Equal((VerdictKind.Passed, null), (verdict.Kind, verdict.Reason));
        Assert.Equal(job.Document.Steps[0].Grid.Count, verdict.Blocks);
        Assert.InRange(verdict.Sampled, 1, verdict.Blocks);
        Assert.True(verdict.Sampled + verdict.Added <= verdict.Blocks && verdict.ComparedLeaves > 0 && verdict.Steps > 0 && verdict.FetchedBytes > 0);
        Assert.Empty(verdict.Mismatches);
    }

    [Fact]
    public async Task A_check_executes_with_any_number_of_lanes()
    {
        var job = Jobs.Make("sgemm-16-odd");
        var result = job.Run(new RunOptions { Lanes = 1 });
        foreach (var lanes in new[] { 1, 8, 16 }) Assert.Equal(VerdictKind.Passed, (await Jobs.CheckAsync(job, result, options: new RunOptions { Lanes = lanes })).Kind);
    }

    [Fact]
    public async Task Leaves_that_no_block_writes_are_counted_and_all_of_them_compared()
    {
        var job = Jobs.Small("st.global.f32 [%at], %f;");
        var verdict = await Jobs.CheckAsync(job, job.Run());
        // Blocks write 512 bytes of the first leaf; four others are nobody's.
        Assert.Equal((VerdictKind.Passed, 4L, 1L, 4L, 0L), (verdict.Kind, verdict.UnownedLeaves!.Value, verdict.ComparedLeaves, verdict.Sampled, verdict.Added));
    }

    [Fact]
    public async Task Leaves_that_blocks_share_are_read_once()
    {
        // A leaf has four rows of the picture, and each of 8 blocks side by side has a part of it.
        var job = MemoryJob.Make(
            Jobs.Kernel("mandelbrot"), VerificationMode.Full, [MemoryBuffer.Output("out", 256 * 128 * 4)],
            MemoryJob.Step("mandelbrot", MemoryJob.Size(8, 16), MemoryJob.Size(32, 8), "out", 256u, 128u, -2f, 1f, 0.01f, 10u));
        var result = job.Run();
        Assert.Equal(VerdictKind.Passed, (await Jobs.CheckAsync(job, result)).Kind);
        Assert.Equal(result.Bytes, result.ReadBytes);
    }

    [Fact]
    public async Task The_same_seed_gives_the_same_verdict()
    {
        var job = Jobs.Make("saxpy", VerificationMode.Sample).With(new VerificationSpec { Mode = VerificationMode.Sample, FractionMillionths = 200_000 });
        var result = job.Run();
        result["y"].AsSpan(20_000, 4000).Clear();
        var (first, second) = (await Jobs.CheckAsync(job, result), await Jobs.CheckAsync(job, result));
        Assert.Equal(first with { CpuSeconds = 0, Mismatches = [] }, second with { CpuSeconds = 0, Mismatches = [] });
        Assert.Equal(first.Mismatches.Select(its => (its.Block, its.Offset)), second.Mismatches.Select(its => (its.Block, its.Offset)));
        Assert.True(first.Sampled < first.Blocks);
    }

    [Theory]
    [InlineData("histogram")]
    [InlineData("sort_blocks")]
    public async Task A_job_that_is_executed_again_twice_begins_from_its_inputs_each_time(string name)
    {
        var job = Jobs.Make(name);
        using var reexecution = job.Reexecution();
        var first = await reexecution.RunAllAsync(TestContext.Current.CancellationToken);
        var steps = reexecution.Cost.Steps;
        var second = await reexecution.RunAllAsync(TestContext.Current.CancellationToken);
        Assert.Equal(first.Leaves, second.Leaves);
        Assert.Equal(2 * steps, reexecution.Cost.Steps);
    }

    [Fact]
    public async Task Several_launches_are_executed_from_the_first_to_the_last()
    {
        // out = out * in + in, five times.
        var job = Jobs.Small("ld.global.f32 %g, [%at];\nfma.rn.f32 %g, %g, %f, %f;\nst.global.f32 [%at], %g;", repeat: 5);
        var result = job.Run();
        var verdict = await Jobs.CheckAsync(job, result);
        Assert.Equal((VerdictKind.Passed, 20L, 20L), (verdict.Kind, verdict.Blocks, verdict.Sampled));
        var fewer = job.With(document => document with { Steps = [document.Steps[0] with { Repeat = 4 }] }).Run();
        Assert.Equal(VerdictKind.Failed, (await Jobs.CheckAsync(job, fewer)).Kind);
    }

    [Fact]
    public async Task Stores_at_places_that_depend_on_data_are_checked_in_full()
    {
        var job = Jobs.Small(Scattered(overlaps: false));
        Assert.Equal(KernelClass.ExactScattered, KernelClassOf(job));
        var result = job.Run();
        Assert.Equal(VerdictKind.Passed, (await Jobs.CheckAsync(job, result)).Kind);
        result["out"][260] ^= 1;
        Assert.Equal(VerdictKind.Failed, (await Jobs.CheckAsync(job, result)).Kind);
    }

    [Fact]
    public async Task Blocks_that_write_the_same_place_leave_it_open()
    {
        var job = Jobs.Small(Scattered(overlaps: true));
        Assert.Equal(KernelClass.ExactScattered, KernelClassOf(job));
        var verdict = await Jobs.CheckAsync(job, job.Run());
        Assert.Equal((VerdictKind.Inconclusive, "two blocks write byte 0 of buffer 'out'"), (verdict.Kind, verdict.Reason));
    }

    [Fact]
    public async Task A_kernel_that_races_leaves_it_open_and_names_the_line()
    {
        // Each thread takes its neighbour's word of shared memory without waiting for it.
        var job = Jobs.Small("mov.u64 %rd1, tile;\nmad.wide.u32 %rd2, %tx, 4, %rd1;\nst.shared.u32 [%rd2], %i;\nxor.b32 %r2, %tx, 1;\nmad.wide.u32 %rd3, %r2, 4, %rd1;\nld.shared.u32 %r3, [%rd3];\nst.global.u32 [%at], %r3;");
        var result = job.Run();
        for (var i = 0; i < 128; i++) BitConverter.TryWriteBytes(result["out"].AsSpan(4 * i), 1000 + i);
        var verdict = await Jobs.CheckAsync(job, result);
        Assert.Equal(VerdictKind.Inconclusive, verdict.Kind);
        Assert.Contains("PTX line", verdict.Reason, StringComparison.Ordinal);
        Assert.Empty(verdict.Mismatches);
    }

    [Fact]
    public async Task A_kernel_that_writes_out_of_bounds_leaves_it_open_and_names_the_line()
    {
        var job = Jobs.Small("setp.eq.u32 %p, %i, 100;\n@%p add.u64 %at, %at, 1000000;\nst.global.u32 [%at], %i;");
        job.TryRun(null, out var result);
        var verdict = await Jobs.CheckAsync(job, result);
        Assert.Equal(VerdictKind.Inconclusive, verdict.Kind);
        Assert.Contains("PTX line", verdict.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_that_cannot_be_executed_here_leaves_it_open()
    {
        var job = Jobs.Small("st.global.f32 [%at], %f;");
        var verdict = await Jobs.CheckAsync(job, job.Run(), options: new RunOptions { StepBudgetPerBlock = 100 });
        Assert.Equal(VerdictKind.Inconclusive, verdict.Kind);
        Assert.Empty(verdict.Mismatches);
    }

    /// <summary>Each thread stores where a number that it loads tells it to.</summary>
    private static string Scattered(bool overlaps) =>
        "ld.global.u32 %r2, [%from];\nand.b32 %r2, %r2, 0;\nadd.u32 %r2, %r2, " + (overlaps ? "%tx" : "%i") + ";\nmad.wide.u32 %rd1, %r2, 4, %out;\nst.global.u32 [%rd1], %i;";

    private static KernelClass KernelClassOf(MemoryJob job) => JobClass.Of(Module.Parse(job.Program), job.Document).Class;
}
