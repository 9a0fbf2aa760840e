using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Broker.Cli.Commands;

/// <summary>A command whose help ends with lines that one could type.</summary>
internal sealed class CommandWithExamples(string name, string summary, params string[] examples) : Command(name, summary)
{
    /// <summary>Writes the help of any command, with its examples.</summary>
    public sealed class Help : SynchronousCommandLineAction
    {
        private readonly HelpAction _help = new();

        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            _help.Invoke(parseResult);
            if (parseResult.CommandResult.Command is not CommandWithExamples command) return 0;
            var output = parseResult.InvocationConfiguration.Output;
            output.WriteLine("Examples:");
            foreach (var example in command.Examples) output.WriteLine($"  {example}");
            output.WriteLine();
            return 0;
        }
    }

    private string[] Examples { get; } = examples;
}
