using System.Runtime.InteropServices;
using Broker.Core.Jobs;
using Broker.Core.Verification;
using Broker.Ptx;
using Broker.Tests;
using Broker.Verification;

namespace Broker.Bench.Cheats;

/// <summary>Workers whose whole result is another one, and some of whose bytes are.</summary>
internal static class ResultRows
{
    private const int Blocks = 2000;

    private const string Lower = "mul.rn.f32 %f, %f, 0f3F800347;\nadd.rn.f32 %f, %f, %g;";

    public static IReadOnlyList<CheatRow> All { get; } =
    [
        new("A4", "garbage everywhere", GarbageAsync),
        new("A5", "NaN everywhere where true values are finite", NanAsync),
        new("A9", "90 % of the iterations", counts => OtherWorkAsync(counts, TinyJobs.Loop(Blocks, TinyJobs.One, rounds: 90))),
        new("A10", "products and sums that are not fused", counts => OtherWorkAsync(counts, TinyJobs.Loop(Blocks, TinyJobs.One, step: Lower))),
        new("A31", "one flipped bit in one block, once", FlippedAsync),
        new("A32", "a histogram's total forged", HistogramAsync),
    ];

    private static async Task<RowCount> GarbageAsync(TrialCounts counts)
    {
        using var broker = new MemoryBroker(TinyJobs.Loop(Blocks, TinyJobs.One));
        var (honest, found) = (broker.Job.Run(), new List<bool>());
        for (var trial = 0; trial < counts.Statistical; trial++)
        {
            var result = honest.Copy();
            new Random(trial).NextBytes(result["out"]);
            found.Add((await broker.RunAsync(trial, result)).IsCaught);
        }

        return RowCount.Of(found);
    }

    private static async Task<RowCount> NanAsync(TrialCounts counts)
    {
        using var broker = new MemoryBroker(TinyJobs.Loop(Blocks, TinyJobs.One));
        var (honest, found) = (broker.Job.Run(), new List<bool>());
        for (var trial = 0; trial < counts.Statistical / 4; trial++)
        {
            var result = honest.Copy();
            MemoryMarshal.Cast<byte, float>(result["out"].AsSpan()).Fill(float.NaN);
            found.Add((await broker.RunAsync(trial, result)).IsCaught);
        }

        // Half of the true values are NaN: with another payload they are as true.
        using var roots = new MemoryBroker(TinyJobs.Make("sqrt.rn.f32 %f, %f;\nst.global.f32 [%at], %f;", Blocks, TinyJobs.Full));
        var payloads = roots.Job.Run();
        foreach (ref var value in MemoryMarshal.Cast<byte, float>(payloads["out"].AsSpan()))
        {
            if (float.IsNaN(value)) value = BitConverter.UInt32BitsToSingle(0xffc0_1234);
        }

        found.Add((await roots.RunAsync(1, payloads)).Verdict?.Kind == VerdictKind.Passed);
        return RowCount.Of(found);
    }

    /// <summary>Another job's result for this one: it must be caught where a block that is executed differs.</summary>
    private static async Task<RowCount> OtherWorkAsync(TrialCounts counts, MemoryJob other)
    {
        using var broker = new MemoryBroker(TinyJobs.Loop(Blocks, TinyJobs.One));
        var (honest, result) = (broker.Job.Run(), other.Run());
        var (trials, caught, required) = (0, 0, 0);
        for (; trials < counts.Statistical; trials++)
        {
            var job = broker.Begin(trials);
            var statement = MemoryBroker.Say(job, result.Commit());
            var sample = BlockSample.Draw(job.Attempts[0].Seed, statement.TopRoot, statement, broker.Launches, 1);
            if (sample.All.Any(block => !TinyJobs.Block(honest, block.Block).SequenceEqual(TinyJobs.Block(result, block.Block)))) required++;
            if ((await broker.CommitAsync(job, result, statement, MemoryBroker.WorkerKey)).IsCaught) caught++;
        }

        // Whatever does not differ is right, so it may not be caught more often either.
        return new RowCount(trials, caught, required, required);
    }

    private static async Task<RowCount> FlippedAsync(TrialCounts counts)
    {
        using var broker = new MemoryBroker(TinyJobs.Loop(64, TinyJobs.Full));
        var (honest, found) = (broker.Job.Run(), new List<bool>());
        for (var trial = 0; trial < counts.Statistical / 4; trial++)
        {
            var (result, bit) = (honest.Copy(), new Random(trial).Next(64 * TinyJobs.BlockBytes * 8));
            result["out"][bit / 8] ^= (byte)(1 << (bit % 8));
            var outcome = await broker.RunAsync(trial, result);
            // It is named exactly, nothing is paid, and another worker gets the job.
            found.Add(outcome is { IsCaught: true, IsPaid: false, Job.State: JobState.Queued, Verdict.MismatchCount: 1 } && outcome.Verdict.Mismatches[0].Block!.Value.Block == bit / 8 / TinyJobs.BlockBytes);
        }

        return RowCount.Of(found);
    }

    private static async Task<RowCount> HistogramAsync(TrialCounts counts)
    {
        var job = KernelJobs.Make("histogram");
        using var broker = new MemoryBroker(job);
        var (honest, found) = (broker.Job.Run(), new List<bool>());
        for (var trial = 0; trial < counts.Statistical / 10; trial++)
        {
            var result = honest.Copy();
            MemoryMarshal.Cast<byte, uint>(result["bins"].AsSpan())[trial * 7 % 256]++;
            found.Add((await broker.RunAsync(trial, result)).IsCaught);
        }

        var (_, refusal) = JobClass.Of(Module.Parse(job.Program), job.Document).Decide(TinyJobs.Sample(), 1);
        found.Add(refusal is not null);
        return RowCount.Of(found);
    }
}
