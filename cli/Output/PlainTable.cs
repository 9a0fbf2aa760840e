using Spectre.Console;

namespace Broker.Cli.Output;

/// <summary>A table of plain text without lines, which people and <c>grep</c> read alike.</summary>
internal sealed class PlainTable
{
    private readonly Table _table = new Table().Border(TableBorder.None);

    public PlainTable(params ReadOnlySpan<string> headers)
    {
        foreach (var header in headers)
            _table.AddColumn(new TableColumn(new Text(header, new Style(decoration: Decoration.Bold))).PadRight(2).NoWrap());
    }

    public void Add(params ReadOnlySpan<string> cells) => _table.AddRow(cells.ToArray().Select(cell => new Text(cell)));

    public void Write(IAnsiConsole console) => console.Write(_table);
}
