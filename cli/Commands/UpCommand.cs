using System.CommandLine;
using Broker.Cli.Stack;

namespace Broker.Cli.Commands;

/// <summary><c>broker up</c>: a broker of one's own, until Ctrl-C.</summary>
internal static class UpCommand
{
    public static Command Create(GlobalOptions global)
    {
        var workers = new Option<int>("--workers") { Description = "How many workers", HelpName = "N", DefaultValueFactory = _ => 1 };
        workers.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 0 or > 16) result.AddError("--workers takes a number from 0 to 16.");
        });
        var data = new Option<string?>("--data")
        {
            Description = "Keep jobs, results, accounts and keys in this folder, and go on from there at the next start; without it all is gone at the end",
            HelpName = "DIR",
        };
        var command = new CommandWithExamples(
            "up", "Start a broker on this machine: storage emulator, function app, workers, a verifier; Ctrl-C stops it",
            "broker up                           # says how to log in to it from another terminal",
            "broker up --workers 3 --data here   # three workers; all of it is kept in the folder here")
        {
            workers, data,
        };
        var stackOptions = new StackOptions(command);
        global.SetAction(command, async (parsed, terminal, cancellation) =>
        {
            await using var stack = await stackOptions.StartAsync(parsed, StackOptions.Workers(parsed.GetValue(workers)), parsed.GetValue(data), terminal, cancellation);
            terminal.Answer(RunningBroker.Of(stack), () => StackOptions.Describe(stack, terminal.Say));
            return await StackOptions.HoldAsync(stack, terminal, cancellation);
        });
        return command;
    }
}

/// <summary>What <c>broker up --json</c> answers when everything stands.</summary>
internal sealed record RunningBroker(Uri Url, string OperatorKey, string SubmitterKey, IReadOnlyList<string> ProviderKeys, string VerifierKey, string StorageConnectionString)
{
    public static RunningBroker Of(LocalBroker stack) =>
        new(stack.Url, stack.OperatorKey, stack.SubmitterKey, [.. stack.Providers.Select(provider => provider.Key)], stack.Verifier.Key, stack.Emulator.ConnectionString);
}
