using Broker.Cli.Output;

namespace Broker.Cli.Tests.Output;

public sealed class PlainTableTests
{
    [Fact]
    public void A_row_stays_one_line_and_ends_with_its_text()
    {
        var output = new StringWriter();
        var table = new PlainTable("NAME", "REASON");
        table.Add("a", new string('x', 300));
        table.Add("longer", "");
        table.Write(new Terminal(output, TextWriter.Null, json: false));

        Assert.Equal(["NAME    REASON", "a       " + new string('x', 300), "longer", ""], output.ToString().ReplaceLineEndings("\n").Split('\n'));
    }

    [Fact]
    public void An_escape_sequence_in_a_name_does_not_reach_the_screen()
    {
        var output = new StringWriter();
        new Terminal(output, TextWriter.Null, json: false).Say("worker \u001b[2J is\nready");

        Assert.Equal("worker ?[2J is\nready", output.ToString().ReplaceLineEndings("\n").TrimEnd());
    }
}
