using Broker.Cli.Submit;

namespace Broker.Cli.Tests.Submit;

public sealed class DimensionsTextTests
{
    [Theory]
    [InlineData("4096", "[4096]")]
    [InlineData("120,68", "[120,68]")]
    [InlineData("1,2,3", "[1,2,3]")]
    [InlineData("2147483648", "[2147483648]")]
    public void One_to_three_sizes_are_read(string text, string sizes) => Assert.Equal(sizes, DimensionsText.Read("--grid", text).ToJsonString());

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("1,")]
    [InlineData("1, 2")]
    [InlineData("1,2,3,4")]
    [InlineData("16x16")]
    [InlineData("1e3")]
    [InlineData("99999999999999999999")]
    public void Anything_else_is_refused_by_the_name_of_its_option(string text)
    {
        var e = Assert.Throws<CommandException>(() => DimensionsText.Read("--block", text));
        Assert.Equal(ExitCode.BadInput, e.Code);
        Assert.StartsWith($"--block '{text}' is not a size: write X, X,Y or X,Y,Z", e.Message, StringComparison.Ordinal);
    }
}
