using System.Text;
using System.Text.RegularExpressions;

namespace Broker.Ptx.Tests.Hostile;

/// <summary>Spoils PTX: from real texts it makes ones that are nearly right, which go further than noise does.</summary>
/// <remarks>The same seed and the same texts give the same text.</remarks>
internal sealed partial class TextMutator(int seed, IReadOnlyList<string> texts)
{
    public const int MaxLength = 200_000;

    private static readonly string[] Splinters =
        ["{", "}", "(", ")", "[", "]", ";", ",", "@", "!", "|", "%r1", "%p1", "_", "-", "+", "0f7FC00000", "0d7FF0000000000000", ".reg", ".entry", ".func", ".param", ".shared", ".local",
         ".align 16", ".b8", "[999999999]", "<2147483647>", ".version", "\"", "/*", "bra", "call", "bar.sync 0;", "bar.red.popc.u32 %r1, 0, %p1;", "ret;", "exit;", "trap;", ".v4", ".f64",
         "%tid.x", "%clock64", "WARP_SZ", "\0", "€"];

    private static readonly string[] Extremes =
        ["0", "1", "-1", "2", "7", "31", "32", "33", "63", "64", "65", "127", "255", "256", "1024", "1025", "32764", "65535", "65536", "262144", "2147483647", "2147483648", "4294967295",
         "4294967296", "-2147483648", "9223372036854775807", "9223372036854775808", "18446744073709551615", "18446744073709551616", "0x7fffffffffffffff", "0f00000001", "0f7F800000",
         "0fFFFFFFFF", "0f80000000", "0d0000000000000001", "0dFFFFFFFFFFFFFFFF", "1.5e308", "1e999999999", "0b", "0x", "08"];

    private readonly Random _random = new(seed);

    public string Next()
    {
        var text = Any(texts);
        for (var edits = 1 + _random.Next(_random.Next(1, 6)); edits > 0; edits--)
        {
            text = Edit(text);
            if (text.Length > MaxLength) text = text[..MaxLength];
        }

        return text;
    }

    private string Edit(string text) => _random.Next(13) switch
    {
        0 => EditBytes(text),
        1 or 2 => ReplaceToken(text, token => Peer(text, token) ?? token),
        3 => ReplaceToken(text, token => Peer(Any(texts), token) ?? token),
        4 => ReplaceToken(text, _ => Any(Splinters)),
        5 => ReplaceNumber(text),
        6 => SwapTokens(text),
        7 or 8 => EditLines(text),
        9 or 10 => Splice(text),
        11 => Nest(text),
        _ => Repeat(text),
    };

    private string EditBytes(string text)
    {
        var start = _random.Next(text.Length + 1);
        var end = Math.Min(start + _random.Next(30), text.Length);
        return _random.Next(4) switch
        {
            0 => text[..start] + text[end..],
            1 => text[..end] + text[start..],
            2 => text.Insert(_random.Next(text.Length + 1), text[start..end]),
            _ => text[..start] + (char)_random.Next(_random.Next(2) == 0 ? 128 : char.MaxValue) + text[end..],
        };
    }

    private string ReplaceToken(string text, Func<string, string> replacement) =>
        FindToken(text, _ => true) is { } found ? Replace(text, found, replacement(found.Value)) : text;

    private string ReplaceNumber(string text) =>
        FindToken(text, t => char.IsAsciiDigit(t.Value[0])) is { } found ? Replace(text, found, Any(Extremes)) : text;

    /// <summary>Exchanges two words of one line: operands trade places.</summary>
    private string SwapTokens(string text)
    {
        if (FindToken(text, _ => true) is not { } first) return text;
        var end = text.IndexOf('\n', first.Index);
        var others = Tokens().Matches(text[(first.Index + first.Length)..(end < 0 ? text.Length : Math.Max(end, first.Index + first.Length))]).Where(t => KindOf(t.Value) == KindOf(first.Value)).ToList();
        if (others.Count == 0) return text;
        var second = Any(others);
        var place = first.Index + first.Length + second.Index;
        return text[..first.Index] + second.Value + text[(first.Index + first.Length)..place] + first.Value + text[(place + second.Length)..];
    }

    private string EditLines(string text)
    {
        var lines = text.Split('\n').ToList();
        var (from, count, to) = (_random.Next(lines.Count), _random.Next(1, 4), _random.Next(lines.Count));
        var piece = lines.GetRange(from, Math.Min(count, lines.Count - from));
        switch (_random.Next(3))
        {
            case 0: lines.RemoveRange(from, piece.Count); break;
            case 1: lines.InsertRange(to, piece); break;
            default:
                lines.RemoveRange(from, piece.Count);
                lines.InsertRange(Math.Min(to, lines.Count), piece);
                break;
        }

        return string.Join('\n', lines);
    }

    /// <summary>Puts lines of another text into this one, or goes over to the other for good.</summary>
    private string Splice(string text)
    {
        var (lines, others) = (text.Split('\n'), Any(texts).Split('\n'));
        var (at, from) = (_random.Next(lines.Length), _random.Next(others.Length));
        return string.Join('\n', _random.Next(4) == 0
            ? lines[..at].Concat(others[from..])
            : lines[..at].Concat(others.Skip(from).Take(_random.Next(1, 6))).Concat(lines[at..]));
    }

    private string Nest(string text)
    {
        var lines = text.Split('\n');
        var (at, depth) = (_random.Next(lines.Length), _random.Next(4) == 0 ? _random.Next(20_000) : _random.Next(1, 40));
        var (open, close) = Any([("{", "}"), ("(", ")"), ("[", "]"), ("/*", "*/"), ("-", ""), ("!", ""), ("@%p1 ", ""), ("{1,", "}")]);
        lines[at] = Many(open, depth) + lines[at] + Many(close, depth);
        return string.Join('\n', lines);
    }

    private string Repeat(string text)
    {
        var lines = text.Split('\n').ToList();
        var from = _random.Next(lines.Count);
        var piece = lines.GetRange(from, Math.Min(_random.Next(1, 4), lines.Count - from));
        var times = Math.Min(_random.Next(4) == 0 ? 3000 : 20, MaxLength / (piece.Sum(l => l.Length + 1) + 1));
        // What names something gets a new name each time, so that it is not refused for that alone.
        lines.InsertRange(from, Enumerable.Range(0, _random.Next(times + 1)).SelectMany(i => piece.Select(l => NameEnds().Replace(l, $"_{i}", 1))));
        return string.Join('\n', lines);
    }

    private Match? FindToken(string text, Func<Match, bool> wanted)
    {
        // From somewhere on, around the end: every word comes up, and not the whole text is cut into words.
        var start = _random.Next(text.Length + 1);
        return Tokens().Matches(text, start).FirstOrDefault(wanted) ?? Tokens().Matches(text).FirstOrDefault(wanted);
    }

    /// <summary>Finds a word of the same kind in a text.</summary>
    private string? Peer(string text, string token)
    {
        for (var tries = 0; tries < 8; tries++)
            if (FindToken(text, t => KindOf(t.Value) == KindOf(token) && t.Value != token) is { } found)
                return found.Value;
        return null;
    }

    private static (char, char) KindOf(string token) => token[0] switch
    {
        '%' => ('%', token.Length > 1 ? token[1] : ' '),
        '.' => ('.', ' '),
        var c when char.IsAsciiDigit(c) => ('0', ' '),
        var c when char.IsAsciiLetter(c) || c is '_' or '$' => ('a', ' '),
        var c => ('!', c),
    };

    private static string Replace(string text, Match found, string by) => string.Concat(text.AsSpan(0, found.Index), by, text.AsSpan(found.Index + found.Length));

    private static string Many(string piece, int count) => new StringBuilder().Insert(0, piece, count).ToString();

    private T Any<T>(IReadOnlyList<T> list) => list[_random.Next(list.Count)];

    [GeneratedRegex(@"[%$A-Za-z_][\w$]*|\.[\w:]+|\d[\w.]*|\S")]
    private static partial Regex Tokens();

    /// <summary>Finds where the name of a label, a function or an array ends that is declared.</summary>
    [GeneratedRegex(@"(?<=^\s*[$\w]+)(?=:)|(?<=\.func \w+)(?=\s*\()|(?<=\.[bus]\d+ \w+)(?=\[)")]
    private static partial Regex NameEnds();
}
