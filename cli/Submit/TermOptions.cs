using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Broker.Core.Documents;
using Broker.Core.Verification;

namespace Broker.Cli.Submit;

/// <summary>The options that say how a job is run, verified and paid; they outrank what its document says.</summary>
internal sealed class TermOptions
{
    private readonly Dictionary<Option<string?>, string[]> _texts = new()
    {
        [new("--name") { Description = "The job's name", HelpName = "NAME" }] = ["name"],
        [new("--pool") { Description = "The pool whose offers it meets", HelpName = "POOL" }] = ["pool"],
        [new("--max-price") { Description = "What it may cost at most, in credits, such as 0.50", HelpName = "CREDITS" }] = ["terms", "maxPrice"],
        [new("--timeout") { Description = "How long it may run, such as 10m", HelpName = "TIME" }] = ["terms", "timeout"],
        [new("--estimate") { Description = "How long it will run, as far as you know", HelpName = "TIME" }] = ["terms", "estimate"],
        [new("--memory") { Description = "Device memory that it needs, such as 2GB; never less than its buffers", HelpName = "SIZE" }] = ["requires", "memory"],
    };

    private readonly Option<string?> _verify = new("--verify") { Description = "How its result is verified; without it the job's class decides: `broker kernels analyze` tells", HelpName = "MODE" };

    private readonly Dictionary<Option<string?>, string[]> _numbers = new()
    {
        [new("--confidence") { Description = "How surely a sample must meet a wrong block, such as 0.99; goes with --verify sample", HelpName = "NUMBER" }] = ["verification", "confidence"],
        [new("--fraction") { Description = "The share of wrong blocks that a sample must meet, such as 0.01; goes with --verify sample", HelpName = "NUMBER" }] = ["verification", "fraction"],
    };

    public TermOptions(Command command)
    {
        _verify.AcceptOnlyFromAmong([.. Enum.GetValues<VerificationMode>().Select(BrokerJson.Word)]);
        _texts.Add(_verify, ["verification", "mode"]);
        foreach (var option in _texts.Keys.Concat(_numbers.Keys)) command.Add(option);
    }

    /// <exception cref="CommandException">What must be a number is none.</exception>
    public void Apply(ParseResult parsed, JsonObject document)
    {
        foreach (var (option, place) in _texts)
        {
            if (parsed.GetValue(option) is { } text) Set(document, place, JsonValue.Create(text));
        }

        foreach (var (option, place) in _numbers)
        {
            if (parsed.GetValue(option) is not { } text) continue;
            if (!decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
                throw new CommandException(ExitCode.BadInput, $"{option.Name} '{text}' is not a number: write it as in {option.Name} 0.95.");
            Set(document, place, JsonValue.Create(number));
        }
    }

    private static void Set(JsonObject document, string[] place, JsonValue value)
    {
        var parent = document;
        if (place.Length > 1)
        {
            if (document[place[0]] is not JsonObject existing) document[place[0]] = existing = [];
            parent = existing;
        }

        parent[place[^1]] = value;
    }
}
