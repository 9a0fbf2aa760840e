namespace Broker.Core.Verification;

/// <summary>Says how many blocks a sample takes, and what a clean sample proves.</summary>
/// <remarks>Pure, and the same on every machine: nothing but the four operations of IEEE 754 on doubles.</remarks>
public static class SampleSize
{
    /// <summary>From so many times the sample on, drawing with or without replacement differs by less than one block.</summary>
    private const int LargeGrid = 10;

    /// <summary>The least number of blocks that finds a fraction of wrong ones as surely as is asked.</summary>
    /// <param name="blocks">How many blocks there are.</param>
    /// <param name="fractionMillionths">The fraction of wrong ones, above 0.</param>
    /// <param name="confidenceMillionths">The probability to meet one at least, below a million.</param>
    public static long Of(long blocks, int fractionMillionths, int confidenceMillionths)
    {
        var (fraction, miss) = ((double)fractionMillionths / VerificationSpec.Million, 1.0);
        var most = 1 - ((double)confidenceMillionths / VerificationSpec.Million);
        long size = 0;
        for (; miss > most && size < blocks; size++) miss *= 1 - fraction;
        if (blocks >= LargeGrid * size) return size;

        // Hypergeometric: what was drawn is not drawn again.
        var wrong = Math.Max(1, (long)Math.Ceiling(blocks * fraction));
        for ((size, miss) = (0, 1.0); miss > most && size < blocks; size++) miss *= Math.Max(0, (double)(blocks - wrong - size) / (blocks - size));
        return size;
    }

    /// <summary>How many blocks a job's verification takes.</summary>
    /// <param name="verification">What the job asks.</param>
    /// <param name="blocks">How many blocks there are.</param>
    /// <param name="factor">How many times as many are taken, from 1.</param>
    public static long Of(VerificationSpec verification, long blocks, int factor) => verification.Mode == VerificationMode.Full
        ? blocks
        : Math.Min(blocks, factor * Of(blocks, verification.FractionMillionths, verification.ConfidenceMillionths));

    /// <summary>The probability that a sample misses every one of so many wrong blocks.</summary>
    public static double Miss(long blocks, long wrong, long sample)
    {
        var miss = 1.0;
        for (long i = 0; i < sample && miss > 0; i++) miss *= Math.Max(0, (double)(blocks - wrong - i) / (blocks - i));
        return miss;
    }

    /// <summary>The largest fraction of wrong blocks that a clean sample leaves possible with this confidence.</summary>
    /// <returns>From 0 where every block was taken, to 1.</returns>
    public static double MostWrong(long blocks, long sample, int confidenceMillionths)
    {
        var most = 1 - ((double)confidenceMillionths / VerificationSpec.Million);
        var (low, high) = (0L, blocks);
        while (low < high)
        {
            var middle = low + ((high - low + 1) / 2);
            if (Miss(blocks, middle, sample) > most) low = middle;
            else high = middle - 1;
        }

        return blocks == 0 ? 0 : (double)low / blocks;
    }
}
