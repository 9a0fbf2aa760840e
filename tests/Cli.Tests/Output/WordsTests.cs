using Broker.Cli.Output;

namespace Broker.Cli.Tests.Output;

public sealed class WordsTests
{
    [Theory]
    [InlineData(0, "0")]
    [InlineData(9_999, "9999")]
    [InlineData(12_000, "12k")]
    [InlineData(12_399, "12.3k")]
    [InlineData(999_999, "999k")]
    [InlineData(1_000_000, "1M")]
    [InlineData(8_250_000_000, "8.2G")]
    public void A_count_is_short_and_never_rounded_up(long number, string text) => Assert.Equal(text, Words.Count(number));
}
