using Broker.Core.Verification;
using CsCheck;

namespace Broker.Core.Tests.Verification;

public class SampleSizeTests
{
    [Theory]
    [InlineData(10_000, 950_000, 299)]
    [InlineData(10_000, 990_000, 459)]
    [InlineData(50_000, 950_000, 59)]
    [InlineData(50_000, 990_000, 90)]
    [InlineData(100_000, 950_000, 29)]
    [InlineData(100_000, 990_000, 44)]
    public void Large_grids_take_what_the_logarithms_say(int fraction, int confidence, long size)
    {
        Assert.Equal(size, SampleSize.Of(1_000_000, fraction, confidence));
        Assert.Equal(size, (long)Math.Ceiling(Math.Log(1 - (confidence / 1e6)) / Math.Log(1 - (fraction / 1e6))));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    // One wrong block of 100 is found by 95 of them.
    [InlineData(100, 95)]
    [InlineData(20, 19)]
    public void Small_grids_take_less_than_all_of_them_and_more_than_the_logarithms_would(long blocks, long size) => Assert.Equal(size, SampleSize.Of(blocks, 10_000, 950_000));

    [Fact]
    public void A_sample_of_a_grid_is_the_least_that_is_sure_enough() => Gen.Select(Gen.Int[1, 3000], Gen.Int[1000, 500_000], Gen.Int[500_000, 999_999]).Sample((blocks, fraction, confidence) =>
    {
        var size = SampleSize.Of(blocks, fraction, confidence);
        var wrong = Math.Max(1, (long)Math.Ceiling(blocks * (fraction / 1e6)));
        var most = 1 - (confidence / 1e6);
        Assert.InRange(size, 1, blocks);
        Assert.True(Miss(blocks, wrong, size) <= most + 1e-12, "too few");
        // A grid of ten times the sample is not told from one without end: there it may be one block more.
        if (blocks < 10 * size) Assert.True(Miss(blocks, wrong, size - 1) > most - 1e-12, "too many");
    });

    [Fact]
    public void A_miss_is_a_product_of_chances() => Gen.Select(Gen.Int[1, 60], Gen.Int[0, 60], Gen.Int[0, 60]).Sample((blocks, wrong, sample) =>
        Assert.Equal(Miss(blocks, Math.Min(wrong, blocks), Math.Min(sample, blocks)), SampleSize.Miss(blocks, Math.Min(wrong, blocks), Math.Min(sample, blocks)), 1e-12));

    [Fact]
    public void The_bound_is_the_most_that_a_clean_sample_leaves_possible() => Gen.Select(Gen.Int[1, 20_000], Gen.Int[0, 500], Gen.Int[500_000, 999_999]).Sample((blocks, some, confidence) =>
    {
        var (sample, most) = (Math.Min(some, blocks), 1 - (confidence / 1e6));
        var wrong = (long)Math.Round(SampleSize.MostWrong(blocks, sample, confidence) * blocks);
        Assert.InRange(wrong, 0, blocks);
        Assert.True(wrong == 0 || SampleSize.Miss(blocks, wrong, sample) > most);
        Assert.True(wrong == blocks || SampleSize.Miss(blocks, wrong + 1, sample) <= most);
    });

    [Fact]
    public void A_clean_sample_of_all_blocks_leaves_nothing_and_one_of_none_leaves_all()
    {
        Assert.Equal(0, SampleSize.MostWrong(4096, 4096, 950_000));
        Assert.Equal(1, SampleSize.MostWrong(4096, 0, 950_000));
        Assert.Equal(0, SampleSize.MostWrong(0, 0, 950_000));
        // About 3/k.
        Assert.Equal(0.01, SampleSize.MostWrong(1_000_000, 299, 950_000), 0.0001);
    }

    /// <summary>From binomial coefficients: <c>C(blocks - wrong, sample) / C(blocks, sample)</c>.</summary>
    private static double Miss(long blocks, long wrong, long sample)
    {
        if (sample > blocks - wrong) return 0;
        return Math.Exp(Choose(blocks - wrong, sample) - Choose(blocks, sample));
    }

    private static double Choose(long n, long k)
    {
        double log = 0;
        for (long i = 1; i <= k; i++) log += Math.Log(n - k + i) - Math.Log(i);
        return log;
    }
}
