using System.Collections.Immutable;
using Broker.Core.Verification;
using Broker.Tests;

namespace Broker.Bench.Cheats;

/// <summary>Workers that make some blocks wrong: they are caught as often as the sample promises.</summary>
internal static class SampleRows
{
    private const int Blocks = 10_000;

    public static IReadOnlyList<CheatRow> All { get; } =
    [
        new("A1", "zeros in 1 % of 10,000 blocks, k = 299", counts => WrongBlocksAsync(counts, Blocks, 100, 299, TinyJobs.Sample(), Zero)),
        new("A2", "the same, k = 459", counts => WrongBlocksAsync(counts, Blocks, 100, 459, TinyJobs.Sample(confidenceMillionths: 990_000), Zero)),
        new("A3", "one bad block of 4,096, k = 299", counts => WrongBlocksAsync(counts, 4096, 1, SampleSize.Of(4096, 10_000, 950_000), TinyJobs.Sample(), Zero, twoSided: true)),
        new("A7", "bytes that no block owns are altered", UnownedAsync),
        new("A11", "one ulp off in 5 % of blocks, k = 90", counts => WrongBlocksAsync(counts, Blocks, 500, 90, TinyJobs.Sample(50_000, 990_000), OneUlp)),
        new("A15", "tries 10,000 roots offline", GrindAsync),
    ];

    /// <summary>Spoils other blocks in each trial, never a corner: those are always executed.</summary>
    private static async Task<RowCount> WrongBlocksAsync(
        TrialCounts counts, int blocks, int wrong, long size, VerificationSpec verification, SpoilBlock spoil, bool twoSided = false)
    {
        using var broker = new MemoryBroker(TinyJobs.Loop(blocks, verification));
        var (honest, caught) = (broker.Job.Run(), 0);
        var chance = 1 - SampleSize.Miss(blocks, wrong, size);
        for (var trial = 0; trial < counts.Statistical; trial++)
        {
            var result = honest.Copy();
            foreach (var block in Pick(blocks, wrong, trial)) spoil(TinyJobs.Block(result, block));
            var outcome = await broker.RunAsync(trial, result);
            // The size is the row's; the first trial shows that the broker draws so many.
            if (outcome.Verdict!.Sampled != size) throw new InvalidOperationException($"{outcome.Verdict.Sampled} blocks were drawn, not {size}");
            if (outcome.IsCaught) caught++;
        }

        return RowCount.Of(caught, [.. Enumerable.Repeat(chance, counts.Statistical)], twoSided);
    }

    private delegate void SpoilBlock(Span<byte> block);

    private static void Zero(Span<byte> block) => block.Clear();

    private static void OneUlp(Span<byte> block) => block[0] ^= 1;

    private static IEnumerable<int> Pick(int blocks, int count, int seed)
    {
        var random = new Random(seed);
        var picked = new HashSet<int>();
        while (picked.Count < count) picked.Add(random.Next(1, blocks - 1));
        return picked;
    }

    /// <summary>Whole leaves are always found; bytes beside those of blocks as often as their leaf is compared.</summary>
    private static async Task<RowCount> UnownedAsync(TrialCounts counts)
    {
        using var mixed = new MemoryBroker(TinyJobs.Loop(Blocks, TinyJobs.Sample(50_000), stride: 8));
        var honest = mixed.Job.Run();
        var (chances, caught) = (new List<double>(), 0);
        for (var trial = 0; trial < counts.Statistical; trial++)
        {
            var result = honest.Copy();
            result["out"][(new Random(trial).Next(Blocks * TinyJobs.Threads) * 8) + 5] = 1;
            var outcome = await mixed.RunAsync(trial, result);
            chances.Add((double)outcome.Verdict!.ComparedLeaves / MerkleTree.Count(result.Bytes));
            if (outcome.IsCaught) caught++;
        }

        var rate = RowCount.Of(caught, chances, twoSided: true);
        var whole = await WholeLeavesAsync(counts);
        return whole.Value < 1 ? whole : rate with { Trials = rate.Trials + whole.Trials, Caught = rate.Caught + whole.Caught, Required = rate.Required + whole.Required, AtMost = rate.AtMost + whole.Required };
    }

    /// <summary>The output is twice as long as what is written.</summary>
    private static async Task<RowCount> WholeLeavesAsync(TrialCounts counts)
    {
        var job = TinyJobs.Loop(2000, TinyJobs.One);
        using var broker = new MemoryBroker(job.With(its => its with { Buffers = its.Buffers.SetItem(0, its.Buffers[0] with { Bytes = 2 * 2000 * TinyJobs.BlockBytes }) }));
        var (honest, found) = (broker.Job.Run(), new List<bool>());
        for (var trial = 0; trial < counts.Statistical / 4; trial++)
        {
            var result = honest.Copy();
            result["out"][new Random(trial).Next(17 * 4096, 2 * 2000 * TinyJobs.BlockBytes)] ^= 0x10;
            found.Add((await broker.RunAsync(trial, result)).IsCaught);
        }

        return RowCount.Of(found);
    }

    /// <summary>The worker of A1 chooses among roots the one that looks best to it; the seed is not its to guess.</summary>
    private static async Task<RowCount> GrindAsync(TrialCounts counts)
    {
        using var broker = new MemoryBroker(TinyJobs.Loop(Blocks, TinyJobs.Sample()));
        var (honest, caught) = (broker.Job.Run(), 0);
        for (var trial = 0; trial < counts.Statistical; trial++)
        {
            var result = honest.Copy();
            int[] wrong = [.. Pick(Blocks, 100, trial)];
            foreach (var block in wrong) Zero(TinyJobs.Block(result, block));
            Grind(broker, result, wrong, trial, counts.Roots);
            if ((await broker.RunAsync(trial, result)).IsCaught) caught++;
        }

        // Chi-square with one degree of freedom over caught and not is the square of the deviation in sigmas: three of them.
        return RowCount.Of(caught, [.. Enumerable.Repeat(1 - SampleSize.Miss(Blocks, 100, 299), counts.Statistical)], twoSided: true);
    }

    private static void Grind(MemoryBroker broker, MemoryResult result, int[] wrong, int trial, int roots)
    {
        var (bad, bytes) = (wrong.Select(block => (long)block).ToHashSet(), result["out"]);
        var leaves = result.Commit() is var committed ? MerkleTree.Leaves(bytes).ToArray() : [];
        var statement = MemoryBroker.Say(broker.Begin(trial), committed);
        var (place, leaf) = (wrong[0] * TinyJobs.BlockBytes, wrong[0] * TinyJobs.BlockBytes / MerkleTree.LeafBytes);
        var guess = Digest.Of("what the worker takes for the seed"u8);
        var (best, bestHits) = (0, int.MaxValue);
        for (var root = 1; root <= roots; root++)
        {
            BitConverter.TryWriteBytes(bytes.AsSpan(place), root);
            leaves[leaf] = MerkleTree.Leaf(bytes.AsSpan(leaf * MerkleTree.LeafBytes, MerkleTree.Length(bytes.Length, leaf)));
            ImmutableArray<BufferRoot> buffers = [committed[0] with { Root = MerkleTree.Root(leaves) }];
            var drawn = BlockSample.Draw(guess, (statement with { Buffers = buffers }).TopRoot, statement, broker.Launches, 299);
            if (drawn.Uniform.Count(block => bad.Contains(block.Block)) is var hits && hits < bestHits) (best, bestHits) = (root, hits);
        }

        BitConverter.TryWriteBytes(bytes.AsSpan(place), best);
    }
}
