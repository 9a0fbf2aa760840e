using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Broker.Core.Documents;

namespace Broker.Functions.Api;

/// <summary>Reads the parameters of a query; what is wrong first is kept as the answer.</summary>
internal sealed class QueryReader(HttpRequest request)
{
    /// <summary>ISO 8601 with a date: a time of day alone would be completed from the clock.</summary>
    private static readonly string[] TimeFormats = ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd"];

    /// <summary>The answer to a query that is not valid; null while all is well.</summary>
    public IResult? Refusal { get; private set; }

    public string? Text(string name) => request.Query.TryGetValue(name, out var value) ? value.ToString() : null;

    public int Integer(string name, int usual, int least, int most)
    {
        if (Text(name) is not { } text) return usual;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most) return value;
        Refuse(name, $"must be a whole number from {least} to {most}");
        return usual;
    }

    public DateTimeOffset? Time(string name)
    {
        if (Text(name) is not { } text) return null;
        if (DateTimeOffset.TryParseExact(text, TimeFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time))
            return time;
        Refuse(name, "must be a time such as 2026-01-31T12:00:00Z; in a URL a + is written %2B");
        return null;
    }

    /// <summary>One of an enumeration's names, as the API writes them.</summary>
    public T? Name<T>(string name, params IReadOnlyList<T> allowed) where T : struct, Enum
    {
        if (Text(name) is not { } text) return null;
        foreach (var value in allowed)
        {
            if (string.Equals(BrokerJson.Word(value), text, StringComparison.OrdinalIgnoreCase)) return value;
        }

        Refuse(name, $"must be one of {string.Join(", ", allowed.Select(BrokerJson.Word))}");
        return null;
    }

    /// <summary>Where the page before ended, as <see cref="Write"/> wrote it.</summary>
    /// <param name="isPosition">Whether the list knows the position: a token comes from outside.</param>
    public string? Position(Func<string, bool> isPosition)
    {
        if (Text(Paging.Continue) is not { } token) return null;
        var position = Base64Url.IsValid(token) ? Encoding.UTF8.GetString(Base64Url.DecodeFromChars(token)) : "";
        if (isPosition(position)) return position;
        Refuse(Paging.Continue, "must be the token that the page before this one gave as 'next'");
        return null;
    }

    public void Refuse(string name, string message) => Refusal ??= Problems.InvalidParameter(name, message);

    /// <summary>The token for the page that follows.</summary>
    public static string? Write(string? position) => position is null ? null : Base64Url.EncodeToString(Encoding.UTF8.GetBytes(position));
}
