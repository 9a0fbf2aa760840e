using System.Globalization;
using System.Text.RegularExpressions;

namespace Broker.Simulation.Memory;

/// <summary>A table filter of the kind that the broker sends: comparisons of text and of times, joined by <c>and</c>, <c>or</c> and parentheses.</summary>
internal sealed partial class Filter
{
    private const string Time = "datetime'";

    private readonly Func<IReadOnlyDictionary<string, object>, bool> _test;

    private Filter(Func<IReadOnlyDictionary<string, object>, bool> test, string? partition)
    {
        _test = test;
        Partition = partition;
    }

    /// <summary>The one partition that can match; null where it may be any.</summary>
    public string? Partition { get; }

    public static Filter Parse(string? text)
    {
        if (string.IsNullOrEmpty(text)) return new Filter(_ => true, null);
        var tokens = new Queue<string>(Tokens().Matches(text).Select(match => match.Value));
        var partition = Partitions().Match(text) is { Success: true } found ? found.Groups[1].Value : null;
        var test = Or(tokens);
        return tokens.Count == 0 ? new Filter(test, partition) : throw new FormatException($"'{tokens.Peek()}' is not understood in {text}");
    }

    public bool Matches(IReadOnlyDictionary<string, object> row) => _test(row);

    private static Func<IReadOnlyDictionary<string, object>, bool> Or(Queue<string> tokens)
    {
        var left = And(tokens);
        while (tokens.TryPeek(out var next) && next == "or")
        {
            tokens.Dequeue();
            var (first, second) = (left, And(tokens));
            left = row => first(row) || second(row);
        }

        return left;
    }

    private static Func<IReadOnlyDictionary<string, object>, bool> And(Queue<string> tokens)
    {
        var left = Term(tokens);
        while (tokens.TryPeek(out var next) && next == "and")
        {
            tokens.Dequeue();
            var (first, second) = (left, Term(tokens));
            left = row => first(row) && second(row);
        }

        return left;
    }

    private static Func<IReadOnlyDictionary<string, object>, bool> Term(Queue<string> tokens)
    {
        var name = tokens.Dequeue();
        if (name == "(")
        {
            var inner = Or(tokens);
            return tokens.Dequeue() == ")" ? inner : throw new FormatException("a parenthesis is not closed");
        }

        var compare = tokens.Dequeue();
        var value = tokens.Dequeue();
        if (value.StartsWith(Time, StringComparison.Ordinal))
        {
            var time = DateTimeOffset.Parse(value[Time.Length..^1], CultureInfo.InvariantCulture);
            return row => row.TryGetValue(name, out var found) && Holds(compare, ((DateTimeOffset)found).CompareTo(time));
        }

        var text = value[1..^1];
        return row => row.TryGetValue(name, out var found) && Holds(compare, string.CompareOrdinal((string)found, text));
    }

    private static bool Holds(string compare, int order) => compare switch
    {
        "eq" => order == 0,
        "ne" => order != 0,
        "lt" => order < 0,
        "le" => order <= 0,
        "gt" => order > 0,
        "ge" => order >= 0,
        _ => throw new FormatException($"'{compare}' compares nothing"),
    };

    [GeneratedRegex(@"'[^']*'|\(|\)|[^\s()]+")]
    private static partial Regex Tokens();

    [GeneratedRegex("^PartitionKey eq '([^']*)'")]
    private static partial Regex Partitions();
}
