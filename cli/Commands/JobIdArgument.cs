using System.CommandLine;
using System.CommandLine.Completions;
using Broker.Client;
using Broker.Core.Ids;

namespace Broker.Cli.Commands;

/// <summary>Job ids on a command line, checked before anything is sent.</summary>
internal static class JobIdArgument
{
    /// <summary>Whoever pressed Tab waits no longer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    public static Argument<JobId> One(GlobalOptions global) => new("id")
    {
        Description = "The job's id; `broker jobs` lists them",
        HelpName = "ID",
        CompletionSources = { context => Suggest(global, context) },
        CustomParser = result => Parse(result.Tokens[0].Value, result.AddError),
    };

    /// <param name="global">Finds the broker whose jobs are suggested.</param>
    /// <param name="orOpen">Whether none stands for all that are open.</param>
    public static Argument<JobId[]> Many(GlobalOptions global, bool orOpen = false) => new("id")
    {
        Description = "The jobs' ids; `broker jobs` lists them" + (orOpen ? ". Without any: all of the account's jobs that are open at the beginning" : ""),
        HelpName = "ID",
        CompletionSources = { context => Suggest(global, context) },
        Arity = orOpen ? ArgumentArity.ZeroOrMore : ArgumentArity.OneOrMore,
        CustomParser = result => [.. result.Tokens.Select(token => Parse(token.Value, result.AddError))],
    };

    /// <summary>The account's latest jobs; none where the broker is not to be had.</summary>
    private static IEnumerable<CompletionItem> Suggest(GlobalOptions global, CompletionContext context)
    {
        try
        {
            using var client = global.Connect(context.ParseResult);
            using var limited = new CancellationTokenSource(Patience);
            return [.. client.ListJobsAsync(cancellation: limited.Token).GetAwaiter().GetResult().Items.Select(job => new CompletionItem($"{job.Id}"))];
        }
        catch (Exception e) when (e is CommandException or BrokerException or OperationCanceledException)
        {
            return [];
        }
    }

    private static JobId Parse(string text, Action<string> refuse)
    {
        if (!JobId.TryParse(text, out var id)) refuse($"'{text}' is not valid: {JobId.Rule}; `broker jobs` lists yours");
        return id;
    }
}
