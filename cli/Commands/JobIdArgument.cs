using System.CommandLine;
using Broker.Core.Ids;

namespace Broker.Cli.Commands;

/// <summary>Job ids on a command line, checked before anything is sent.</summary>
internal static class JobIdArgument
{
    public static Argument<JobId> One() => new("id")
    {
        Description = "The job's id; `broker jobs` lists them",
        HelpName = "ID",
        CustomParser = result => Parse(result.Tokens[0].Value, result.AddError),
    };

    public static Argument<JobId[]> Many() => new("id")
    {
        Description = "The jobs' ids; `broker jobs` lists them",
        HelpName = "ID",
        Arity = ArgumentArity.OneOrMore,
        CustomParser = result => [.. result.Tokens.Select(token => Parse(token.Value, result.AddError))],
    };

    private static JobId Parse(string text, Action<string> refuse)
    {
        if (!JobId.TryParse(text, out var id)) refuse($"'{text}' is not valid: {JobId.Rule}; `broker jobs` lists yours");
        return id;
    }
}
