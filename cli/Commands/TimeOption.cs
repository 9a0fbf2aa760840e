using System.CommandLine;
using System.Globalization;
using Broker.Core.Documents;

namespace Broker.Cli.Commands;

/// <summary>An option that names a time, or how long ago it was.</summary>
internal static class TimeOption
{
    public static Option<DateTimeOffset?> Create(string name, string description) => new(name)
    {
        Description = $"{description}: a time such as 2026-01-31T12:00Z, or how long ago such as 2h",
        HelpName = "TIME",
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (Quantities.TryParseDuration(text, out var ago)) return DateTimeOffset.UtcNow - ago;
            if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)) return time;
            result.AddError($"'{text}' is not a time: write one such as 2026-01-31T12:00Z, or how long ago such as 2h");
            return null;
        },
    };
}
