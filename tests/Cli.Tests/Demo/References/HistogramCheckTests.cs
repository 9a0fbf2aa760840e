using System.Runtime.InteropServices;
using Broker.Cli.Demo.References;

namespace Broker.Cli.Tests.Demo.References;

public sealed class HistogramCheckTests
{
    private static readonly HistogramCheck Histogram = new();
    private static readonly byte[] Right = Count();

    [Fact]
    public void The_right_counts_pass()
    {
        var outcome = Histogram.Check(Right);
        Assert.True(outcome.Passed, outcome.Text);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(511)]
    [InlineData(HistogramCheck.OutputBytes - 1)]
    public void One_changed_byte_is_refused(int at)
    {
        var changed = (byte[])Right.Clone();
        changed[at] ^= 1;
        var outcome = Histogram.Check(changed);
        Assert.False(outcome.Passed);
        Assert.Contains(" 1 of 256 bins", outcome.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(HistogramCheck.OutputBytes - 1)]
    [InlineData(HistogramCheck.OutputBytes + 1)]
    public void Another_length_is_refused(int bytes)
    {
        var output = new byte[bytes];
        Right.AsSpan(0, Math.Min(bytes, Right.Length)).CopyTo(output);
        var outcome = Histogram.Check(output);
        Assert.False(outcome.Passed);
        Assert.Contains("1,024 were due", outcome.Text, StringComparison.Ordinal);
    }

    private static byte[] Count()
    {
        var counts = new int[256];
        foreach (var value in Histogram.Input) counts[value]++;
        return MemoryMarshal.AsBytes<int>(counts).ToArray();
    }
}
