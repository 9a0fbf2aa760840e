using Broker.Core.Api;

namespace Broker.Core.Tests.Api;

public class OutputPartsTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(OutputParts.Bytes, 1)]
    [InlineData(OutputParts.Bytes + 1, 2)]
    [InlineData(16L << 30, 256)]
    public void The_parts_of_a_result_are_full_but_the_last_and_add_up(long bytes, int count)
    {
        Assert.Equal(count, OutputParts.Count(bytes));
        var lengths = Enumerable.Range(0, count).Select(part => OutputParts.Length(bytes, part)).ToArray();
        Assert.Equal(bytes, lengths.Sum());
        Assert.All(lengths[..^1], length => Assert.Equal(OutputParts.Bytes, length));
        Assert.InRange(lengths[^1], 1, OutputParts.Bytes);
    }
}
