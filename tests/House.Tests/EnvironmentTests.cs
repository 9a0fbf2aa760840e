using System.Text.RegularExpressions;
using Broker.Tests;

namespace Broker.House.Tests;

public sealed partial class EnvironmentTests
{
    /// <summary>Means the same to the command line and to the workers that it starts.</summary>
    private static readonly string[] Shared = ["BROKER_URL", "BROKER_KEY"];

    /// <summary>Workers inherit the environment of the command line, and take each of their options from it.</summary>
    [Fact]
    public void A_variable_of_the_command_line_is_no_option_of_a_worker_unless_both_mean_the_same()
    {
        var command = File.ReadAllText(Path.Combine(Repository.Root, "worker", "WorkerCommand.cs"));
        var options = Option().Matches(command).Select(match => "BROKER_" + match.Groups[1].Value.Replace('-', '_').ToUpperInvariant()).ToList();
        Assert.Contains("BROKER_SLOT_MEMORY", options);
        var variables = Directory.EnumerateFiles(Path.Combine(Repository.Root, "cli"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => Variable().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value));
        Assert.DoesNotContain(variables.Distinct().Except(Shared), options.Contains);
    }

    [GeneratedRegex("\"--([a-z-]+)\"")]
    private static partial Regex Option();

    [GeneratedRegex("\"(BROKER_[A-Z_]+)\"")]
    private static partial Regex Variable();
}
