using System.Text.Json;
using Broker.Core.Documents;
using Spectre.Console;

namespace Broker.Cli.Output;

/// <summary>Where a command speaks: answers go to stdout, what happens on the way to stderr.</summary>
internal sealed class Terminal
{
    /// <summary>Wide enough that no line of a table breaks in a file or a pipe.</summary>
    private const int PipeWidth = 240;

    private readonly TextWriter _output;

    /// <param name="output">Takes the answer.</param>
    /// <param name="error">Takes everything else.</param>
    /// <param name="json">Whether the answer is JSON; words for people then go to <paramref name="error"/>.</param>
    public Terminal(TextWriter output, TextWriter error, bool json)
    {
        _output = output;
        IsJson = json;
        Progress = Open(error);
        Words = json ? Progress : Open(output);
    }

    public bool IsJson { get; }

    /// <summary>Takes the answer in words.</summary>
    public IAnsiConsole Words { get; }

    /// <summary>Takes what happens on the way.</summary>
    public IAnsiConsole Progress { get; }

    /// <summary>Whether a display may be drawn anew in place.</summary>
    public static bool IsLive(IAnsiConsole console) =>
        console.Profile.Out.IsTerminal && console.Profile.Capabilities.Ansi && console.Profile.Capabilities.Interactive;

    /// <summary>Writes a line of the answer in words, as it is.</summary>
    public void Say(string text) => Words.Profile.Out.Writer.WriteLine(Printable(text));

    /// <summary>Writes a line of what happens on the way, as it is.</summary>
    public void Note(string text) => Progress.Profile.Out.Writer.WriteLine(Printable(text));

    /// <summary>Writes an object of the answer, on a line of its own.</summary>
    public void WriteJson<T>(T document)
    {
        _output.WriteLine(JsonSerializer.Serialize(document, BrokerJson.Options));
        _output.Flush();
    }

    /// <summary>Answers with one object, or with words.</summary>
    public void Answer<T>(T document, Action words)
    {
        if (IsJson) WriteJson(document);
        else words();
    }

    /// <summary>Names and reasons come from strangers, and an escape sequence in one could rewrite what the screen says.</summary>
    public static string Printable(string text) =>
        text.Any(IsHidden) ? string.Concat(text.Select(c => IsHidden(c) ? '?' : c)) : text;

    private static bool IsHidden(char c) => char.IsControl(c) && c is not ('\n' or '\r' or '\t');

    private static IAnsiConsole Open(TextWriter writer)
    {
        // It heeds NO_COLOR and TERM by itself.
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(writer) });
        if (!console.Profile.Out.IsTerminal) console.Profile.Width = PipeWidth;
        return console;
    }
}
