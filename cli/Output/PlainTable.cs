namespace Broker.Cli.Output;

/// <summary>A table of plain text without lines, which people and <c>grep</c> read alike.</summary>
/// <remarks>A row stays one line, however narrow the terminal: a row that is broken in its cells can be read by neither.</remarks>
internal sealed class PlainTable(params string[] headers)
{
    private readonly List<string[]> _rows = [headers];

    public void Add(params string[] cells) => _rows.Add(cells);

    public void Write(Terminal terminal)
    {
        var widths = Enumerable.Range(0, headers.Length).Select(column => _rows.Max(row => row[column].Length)).ToArray();
        foreach (var row in _rows) terminal.Say(string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
    }
}
