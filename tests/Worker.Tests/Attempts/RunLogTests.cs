using System.Text;
using Broker.Core.Api;
using Broker.Worker.Attempts;

namespace Broker.Worker.Tests.Attempts;

public class RunLogTests
{
    private readonly RunLog _log = new(TimeProvider.System);

    [Fact]
    public void A_line_stays_one_line()
    {
        _log.Say("first\r\nand\nmore");
        Assert.EndsWith("Z first and more\n", Text(), StringComparison.Ordinal);
        Assert.Single(Text().Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void What_is_too_long_is_cut_at_a_line_and_says_so()
    {
        for (var i = 0; i < 3000; i++) _log.Say(new string('ä', 300));
        _log.Say("short");
        Assert.InRange(_log.ToBytes().Length, RunLogs.Bytes - 1000, RunLogs.Bytes);
        var lines = Text().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(lines[..^1], line => Assert.EndsWith(new string('ä', 300), line, StringComparison.Ordinal));
        Assert.Equal($"cut: {3001 - (lines.Length - 1)} more lines, the log of a run has at most {RunLogs.Bytes} bytes", lines[^1]);
    }

    [Fact]
    public void A_short_log_goes_with_the_report()
    {
        _log.Say("all of it");
        Assert.Equal(Text(), _log.ToReportText());
        while (_log.ToReportText() is not null) _log.Say(new string('ä', 100));
        Assert.InRange(_log.ToBytes().Length, RunLogs.ReportBytes + 1, RunLogs.ReportBytes + 300);
    }

    private string Text() => Encoding.UTF8.GetString(_log.ToBytes());
}
