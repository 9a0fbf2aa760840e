using System.Globalization;
using System.Text;

namespace Broker.Ptx.Tests.Hostile;

/// <summary>Keeps what a long run finds, so that it survives the death of the process.</summary>
internal sealed class FuzzNotes(int from)
{
    private static readonly string Folder = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), "broker-fuzz")).FullName;

    // Spoilt texts may hold halves of characters.
    private static readonly UTF8Encoding Lenient = new(false);

    private const int MaxShorter = 150;

    private readonly HashSet<string> _seen = [];
    private readonly Dictionary<string, int> _counts = [];
    private int _tried;

    public List<string> Failures { get; } = [];

    public void Try(string text)
    {
        File.WriteAllText(Path.Combine(Folder, $"current-{from}.ptx"), text, Lenient);
        _tried++;
        IReadOnlySet<string> seen;
        try
        {
            seen = Watched.Try(text);
        }
        catch (InvalidDataException e)
        {
            Failures.Add(e.Message);
            Keep("failed", Shorten(text, t => Watched.Find(t) is { } other && FirstLine(other) == FirstLine(e.Message)), e.Message);
            return;
        }

        foreach (var what in seen) _counts[what] = _counts.GetValueOrDefault(what) + 1;
        foreach (var what in seen.Where(_seen.Add).ToList())
            if (_tried > PtxTexts.Seeds.Count)
                Keep("new", Shorten(text, t => Watched.Find(t) is null && Watched.Try(t).Contains(what)), what);
    }

    public void Close() => File.WriteAllLines(
        Path.Combine(Folder, $"counts-{from}.txt"),
        _counts.OrderByDescending(c => c.Value).Select(c => $"{c.Value} {c.Key}").Prepend($"{_tried} texts, {Failures.Count} failures"));

    private void Keep(string kind, string text, string what)
    {
        var name = Path.Combine(Folder, string.Create(CultureInfo.InvariantCulture, $"{kind}-{from}-{_tried}-{_seen.Count}"));
        File.WriteAllText(name + ".ptx", text, Lenient);
        File.WriteAllText(name + ".txt", what);
    }

    /// <summary>Takes lines away for as long as the text stays as interesting.</summary>
    private static string Shorten(string text, Func<string, bool> keeps)
    {
        var (lines, left) = (text.Split('\n').ToList(), MaxShorter);
        for (var size = lines.Count / 2; size > 0 && left > 0; size /= 2)
        {
            for (var at = 0; at + size <= lines.Count && left-- > 0;)
            {
                var fewer = lines.Take(at).Concat(lines.Skip(at + size)).ToList();
                if (keeps(string.Join('\n', fewer))) lines = fewer;
                else at += size;
            }
        }

        return string.Join('\n', lines);
    }

    private static string FirstLine(string message) => message.Split('\n')[0];
}
