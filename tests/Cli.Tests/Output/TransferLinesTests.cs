using Broker.Cli.Output;

namespace Broker.Cli.Tests.Output;

public sealed class TransferLinesTests
{
    [Fact]
    public void A_long_transfer_tells_its_quarters_once_each()
    {
        Assert.Equal(["  25 %, 25 MB of 100 MB", "  75 %, 80 MB of 100 MB"], Tell(100, 1, 25, 26, 80, 60, 99, 100));
    }

    [Fact]
    public void A_short_one_tells_nothing() => Assert.Empty(Tell(60, 20, 40, 60));

    private static string[] Tell(long megabytes, params long[] done)
    {
        using StringWriter output = new(), error = new();
        var lines = new TransferLines(new Terminal(output, error, json: false), megabytes << 20);
        foreach (var reached in done) lines.Report(reached << 20);
        Assert.Equal("", output.ToString());
        return error.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
    }
}
