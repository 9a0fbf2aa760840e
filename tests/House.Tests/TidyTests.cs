using System.Text.RegularExpressions;
using Broker.Tests;

namespace Broker.House.Tests;

public sealed partial class TidyTests
{
    private const int MostLines = 350;
    private static readonly string[] Projects = ["core", "ptx", "storage", "functions", "worker", "client", "cli"];

    private static IEnumerable<string> Sources => Projects
        .SelectMany(project => Directory.EnumerateFiles(Path.Combine(Repository.Root, project), "*.cs", SearchOption.AllDirectories))
        .Where(file => !Generated().IsMatch(file));

    [Fact]
    public void No_file_is_long() => Assert.DoesNotContain(Sources, file => File.ReadLines(file).Count() > MostLines);

    [Fact]
    public void No_file_holds_a_region_or_a_note_to_do_later() =>
        Assert.DoesNotContain(Sources, file => Leftover().IsMatch(File.ReadAllText(file)));

    [Fact]
    public void No_type_has_a_name_that_says_nothing() =>
        Assert.Empty(Sources.SelectMany(file => Vague().Matches(File.ReadAllText(file)).Select(match => $"{Path.GetFileName(file)}: {match.Value}")));

    [Fact]
    public void Every_public_type_is_documented() => Assert.Empty(Sources.SelectMany(Undocumented));

    private static IEnumerable<string> Undocumented(string file)
    {
        var lines = File.ReadAllLines(file);
        for (var i = 0; i < lines.Length; i++)
        {
            if (!PublicType().IsMatch(lines[i])) continue;
            var above = i - 1;
            while (above >= 0 && lines[above].StartsWith('[')) above--;
            // One part of a partial type says it for all.
            if (!lines[i].Contains(" partial ", StringComparison.Ordinal) && (above < 0 || !lines[above].StartsWith("///", StringComparison.Ordinal)))
                yield return $"{Path.GetFileName(file)}:{i + 1}";
        }
    }

    [GeneratedRegex(@"[\\/](obj|bin)[\\/]")]
    private static partial Regex Generated();

    [GeneratedRegex(@"#region|\bTODO\b|\bFIXME\b|\bHACK\b")]
    private static partial Regex Leftover();

    [GeneratedRegex(@"\b(class|record|struct|interface) \w+(Manager|Helper|Util|Utils|Service|Processor|Impl|Common)\b")]
    private static partial Regex Vague();

    [GeneratedRegex(@"^public (sealed |static |abstract |readonly |partial |unsafe )*(class|record|struct|interface|enum) ")]
    private static partial Regex PublicType();
}
