using Broker.Core.Jobs;
using Broker.Core.Verification;
using CsCheck;

namespace Broker.Core.Tests.Verification;

public class BlockSampleTests
{
    private static readonly Statement Said = Feasible.Commitment().Statement;

    [Fact]
    public void Drawn_blocks_are_distinct_and_lie_in_the_job() => Gen.Select(Gen.Int[1, 40], Gen.Int[1, 30], Gen.Int[1, 3], Gen.Int[0, 500]).Sample((x, y, repeat, size) =>
    {
        var launches = Launches(x, y, repeat);
        var sample = Draw(launches, size, seed: size);
        Assert.Equal(Math.Min(size, launches.Blocks), sample.Uniform.Length);
        Assert.Equal(sample.All.Count(), sample.All.Distinct().Count());
        Assert.All(sample.All, block => Assert.Equal(block, launches.At(launches.PlaceOf(block))));
    }, iter: 300);

    [Fact]
    public void Every_corner_of_the_first_and_the_last_grid_is_in_it() => Gen.Select(Gen.Int[1, 5], Gen.Int[1, 5], Gen.Int[1, 5], Gen.Int[1, 3]).Sample((x, y, z, repeat) =>
    {
        var launches = new LaunchList(Feasible.Document() with { Steps = [Feasible.Step() with { Grid = new Dimensions(x, y, z), Repeat = repeat }] });
        var all = Draw(launches, 2, seed: 5).All.ToHashSet();
        foreach (var launch in new[] { 0, repeat - 1 })
        {
            foreach (var (cx, cy, cz) in from a in new[] { 0, x - 1 } from b in new[] { 0, y - 1 } from c in new[] { 0, z - 1 } select (a, b, c))
                Assert.Contains(new BlockIndex(launch, cx + (x * (cy + (y * cz)))), all);
        }
    }, iter: 100);

    [Fact]
    public void The_same_is_drawn_again_and_anything_else_draws_another()
    {
        var launches = Launches(100, 100, 1);
        var first = Draw(launches, 299).Uniform;
        Assert.Equal(first.AsEnumerable(), Draw(launches, 299).Uniform.AsEnumerable());
        BlockSample[] others =
        [
            Draw(launches, 299, seed: 2), BlockSample.Draw(Feasible.Seed(), Feasible.Seed(9), Said, launches, 299),
            BlockSample.Draw(Feasible.Seed(), default, Said with { JobHash = Feasible.Seed(9) }, launches, 299),
            BlockSample.Draw(Feasible.Seed(), default, Said with { Replica = 1 }, launches, 299),
            BlockSample.Draw(Feasible.Seed(), default, Said with { Attempt = 2 }, launches, 299),
        ];
        foreach (var other in others) Assert.InRange(first.Intersect(other.Uniform).Count(), 0, 40);
    }

    [Fact]
    public void A_larger_sample_begins_with_the_smaller_one()
    {
        var launches = Launches(100, 100, 1);
        Assert.Equal(Draw(launches, 90).Uniform.AsEnumerable(), Draw(launches, 299).Uniform.Take(90));
    }

    [Theory]
    [InlineData(12)]
    [InlineData(13)]
    [InlineData(long.MaxValue)]
    public void A_sample_as_large_as_the_job_has_all_of_it(long size)
    {
        var sample = Draw(Launches(3, 2, 2), size);
        Assert.Equal(12, sample.Uniform.Distinct().Count());
        Assert.Empty(sample.Edges);
    }

    /// <summary>Each block of 96 in three launches is drawn equally often, first and later: chi-square with 95 degrees of freedom.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    public void Each_block_is_equally_likely(int position)
    {
        const int Trials = 19_200;
        var launches = Launches(8, 4, 3);
        var counts = new int[launches.Blocks];
        for (var trial = 0; trial < Trials; trial++) counts[launches.PlaceOf(Draw(launches, 8, seed: trial).Uniform[position])]++;
        var expected = (double)Trials / counts.Length;
        var square = counts.Sum(count => (count - expected) * (count - expected) / expected);
        // The mean is 95; the middle 99.9 % lie between these two.
        Assert.InRange(square, 56, 147);
    }

    [Fact]
    public void A_grid_of_more_blocks_than_fit_a_list_is_drawn_from()
    {
        var launches = new LaunchList(Feasible.Document() with { Steps = [Feasible.Step() with { Grid = new Dimensions(int.MaxValue, 65_535, 1), Repeat = 3 }] });
        var sample = Draw(launches, 299);
        Assert.Equal(299, sample.Uniform.Distinct().Count());
        Assert.Equal([0, 1, 2], sample.Uniform.Select(block => block.Launch).Distinct().Order());
    }

    private static LaunchList Launches(int x, int y, int repeat) =>
        new(Feasible.Document() with { Steps = [Feasible.Step() with { Grid = new Dimensions(x, y, 1), Repeat = repeat }] });

    private static BlockSample Draw(LaunchList launches, long size, int seed = 1) => BlockSample.Draw(Feasible.Seed(seed), default, Said, launches, size);
}
