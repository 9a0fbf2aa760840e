using System.CommandLine;
using System.Text.Json.Nodes;

namespace Broker.Cli.Submit;

/// <summary>The options that say how a job is run and paid; they outrank what its document says.</summary>
internal sealed class TermOptions
{
    private readonly Dictionary<Option<string?>, string[]> _places = new()
    {
        [new("--name") { Description = "The job's name", HelpName = "NAME" }] = ["name"],
        [new("--pool") { Description = "The pool whose offers it meets", HelpName = "POOL" }] = ["pool"],
        [new("--max-price") { Description = "What it may cost at most, in credits, such as 0.50", HelpName = "CREDITS" }] = ["terms", "maxPrice"],
        [new("--timeout") { Description = "How long it may run, such as 10m", HelpName = "TIME" }] = ["terms", "timeout"],
        [new("--estimate") { Description = "How long it will run, as far as you know", HelpName = "TIME" }] = ["terms", "estimate"],
        [new("--memory") { Description = "Device memory that it needs, such as 2GB; never less than its buffers", HelpName = "SIZE" }] = ["requires", "memory"],
    };

    public TermOptions(Command command)
    {
        foreach (var option in _places.Keys) command.Add(option);
    }

    public void Apply(ParseResult parsed, JsonObject document)
    {
        foreach (var (option, place) in _places)
        {
            if (parsed.GetValue(option) is not { } value) continue;
            var parent = document;
            if (place.Length > 1)
            {
                if (document[place[0]] is not JsonObject existing) document[place[0]] = existing = [];
                parent = existing;
            }

            parent[place[^1]] = value;
        }
    }
}
