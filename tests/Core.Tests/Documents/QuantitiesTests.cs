using Broker.Core.Documents;
using CsCheck;

namespace Broker.Core.Tests.Documents;

public class QuantitiesTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("512", 512)]
    [InlineData("512B", 512)]
    [InlineData("2KB", 2048)]
    [InlineData("2KiB", 2048)]
    [InlineData("1MB", 1 << 20)]
    [InlineData("1MiB", 1 << 20)]
    [InlineData("2GB", 2L << 30)]
    [InlineData("2GiB", 2L << 30)]
    [InlineData("2 GB", 2L << 30)]
    [InlineData("1TB", 1L << 40)]
    [InlineData("1TiB", 1L << 40)]
    [InlineData("1.5GB", 3L << 29)]
    [InlineData("0.5KB", 512)]
    [InlineData("9223372036854775807", long.MaxValue)]
    public void Sizes_are_read_in_powers_of_1024(string text, long bytes)
    {
        Assert.True(Quantities.TryParseBytes(text, out var read));
        Assert.Equal(bytes, read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("GB")]
    [InlineData("-1")]
    [InlineData("-1GB")]
    [InlineData(" 1")]
    [InlineData("1e3")]
    [InlineData("1,000")]
    [InlineData("2gb")]
    [InlineData("2PB")]
    [InlineData("2KBB")]
    [InlineData("0x10")]
    [InlineData("9223372036854775808")]
    [InlineData("8388608TB")]
    [InlineData("99999999999999999999999999999999")]
    public void Other_text_is_no_size(string text) => Assert.False(Quantities.TryParseBytes(text, out _));

    [Theory]
    [InlineData("250ms", 250)]
    [InlineData("0.5ms", 0.5)]
    [InlineData("30s", 30_000)]
    [InlineData("1.5s", 1_500)]
    [InlineData("10m", 600_000)]
    [InlineData("2h", 7_200_000)]
    [InlineData("7d", 604_800_000)]
    [InlineData("10 m", 600_000)]
    [InlineData("0s", 0)]
    public void Durations_are_read_with_their_unit(string text, double milliseconds)
    {
        Assert.True(Quantities.TryParseDuration(text, out var read));
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("10")]
    [InlineData("m")]
    [InlineData("-10m")]
    [InlineData("10 minutes")]
    [InlineData("1h30m")]
    [InlineData("10M")]
    [InlineData("10us")]
    [InlineData("1w")]
    [InlineData("00:10:00")]
    [InlineData("99999999999d")]
    public void Other_text_is_no_duration(string text) => Assert.False(Quantities.TryParseDuration(text, out _));

    [Theory]
    [InlineData(0, "0B")]
    [InlineData(1, "1B")]
    [InlineData(1023, "1023B")]
    [InlineData(1024, "1KB")]
    [InlineData(1536, "1536B")]
    [InlineData(3L << 30, "3GB")]
    [InlineData(3L << 29, "1536MB")]
    [InlineData(1L << 40, "1TB")]
    public void A_size_is_written_in_the_largest_unit_that_loses_nothing(long bytes, string text) =>
        Assert.Equal(text, Quantities.FormatBytes(bytes));

    [Theory]
    [InlineData(0, "0ms")]
    [InlineData(250, "250ms")]
    [InlineData(1_500, "1500ms")]
    [InlineData(90_000, "90s")]
    [InlineData(600_000, "10m")]
    [InlineData(3_600_000, "1h")]
    [InlineData(604_800_000, "7d")]
    [InlineData(0.0001, "0.0001ms")]
    public void A_duration_is_written_in_the_largest_unit_that_loses_nothing(double milliseconds, string text) =>
        Assert.Equal(text, Quantities.FormatDuration(TimeSpan.FromTicks((long)(milliseconds * TimeSpan.TicksPerMillisecond))));

    [Fact]
    public void What_is_written_reads_back_equal() => Gen.Long[0, long.MaxValue].Sample(amount =>
    {
        Assert.True(Quantities.TryParseBytes(Quantities.FormatBytes(amount), out var bytes));
        Assert.Equal(amount, bytes);
        Assert.True(Quantities.TryParseDuration(Quantities.FormatDuration(TimeSpan.FromTicks(amount)), out var duration));
        Assert.Equal(amount, duration.Ticks);
    });

    [Fact]
    public void Any_text_is_read_or_refused() => Gen.String.Sample(text =>
    {
        foreach (var unit in (string[])["", "B", "KB", "GiB", "ms", "s", "d"])
        {
            Assert.False(Quantities.TryParseBytes(text + unit, out var bytes) && bytes < 0);
            Assert.False(Quantities.TryParseDuration(text + unit, out var duration) && duration < TimeSpan.Zero);
        }
    });
}
