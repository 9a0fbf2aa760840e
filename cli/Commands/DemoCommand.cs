using System.CommandLine;
using System.Globalization;
using Broker.Cli.Demo;
using Broker.Cli.Output;
using Broker.Cli.Stack;
using Broker.Core;

namespace Broker.Cli.Commands;

/// <summary><c>broker demo</c>: three jobs from end to end, on this machine alone.</summary>
internal static class DemoCommand
{
    private const int Honest = 3;

    /// <summary>The cheapest, so that it gets a job; it leaves out one block in twenty.</summary>
    private static readonly LocalWorker Cheating = new("cuckoo", Money.Parse("0.0009")) { Cheat = "zeros:0.05" };

    public static Command Create(GlobalOptions global)
    {
        var keep = new Option<bool>("--keep") { Description = "Leave the broker running until Ctrl-C, and print its URLs and keys" };
        var folder = new Option<string>("--out") { Description = "Where the ray-traced picture goes", HelpName = "DIR", DefaultValueFactory = _ => "broker-demo" };
        var command = new Command("demo", "Start a broker on this machine, run three jobs on it, catch a worker that cheats, check every result, stop everything")
        {
            keep, folder,
        };
        var stackOptions = new StackOptions(command);
        global.SetAction(command, async (parsed, terminal, cancellation) =>
        {
            await using var stack = await stackOptions.StartAsync(parsed, [Cheating, .. StackOptions.Workers(Honest)], dataFolder: null, terminal, cancellation);
            var result = await stack.WhileItStandsAsync(
                new DemoRun(stack, terminal, parsed.GetRequiredValue(folder)).RunAsync, cancellation);
            Describe(result, terminal);
            if (terminal.IsJson) terminal.WriteJson(result);
            if (parsed.GetValue(keep))
            {
                terminal.Say("");
                StackOptions.Describe(stack, terminal.Say);
                await StackOptions.HoldAsync(stack, terminal, cancellation);
            }

            if (result.Passed) terminal.Note("Next: `broker up` starts a broker of your own, and says how to use it.");
            return result.Passed ? ExitCode.Ok : ExitCode.Failed;
        });
        return command;
    }

    private static void Describe(DemoResult result, Terminal terminal)
    {
        terminal.Say("");
        var table = new PlainTable("JOB", "STATE", "WORKER", "ATTEMPTS", "VERDICT", "PRICE", "SECONDS", "STORAGE OPERATIONS");
        foreach (var job in result.Jobs)
        {
            table.Add(
                job.Name, Words.State(job.State), job.Worker, $"{job.Attempts}", job.Verdict?.ToString().ToLowerInvariant() ?? "none", Words.Price(job.Price), job.Seconds.ToString("0.0", CultureInfo.InvariantCulture),
                job.StorageOperations.ToString("0.0", CultureInfo.InvariantCulture));
        }

        table.Write(terminal);
        terminal.Say("");
        foreach (var job in result.Jobs)
        {
            terminal.Say($"{job.Name} {(job.Passed ? "passed" : "FAILED")}: {job.Check}");
            if (job.Found is { } found) terminal.Say($"  {found}");
        }

        terminal.Say("");
        terminal.Say(result.CaughtCheats > 0
            ? $"Worker {Cheating.Name} left out one block in twenty: {(result.CaughtCheats == 1 ? "it was caught, and the job" : $"it was caught {result.CaughtCheats} times, and each job")} ran again elsewhere."
            : $"Worker {Cheating.Name} cheats, and was NOT caught.");
        terminal.Say(result.Passed
            ? $"All {result.Jobs.Count} jobs ran on {result.Jobs.Select(job => job.Worker).Distinct().Count()} workers, and every result is right."
            : $"{result.Jobs.Count(job => job.Passed)} of {result.Jobs.Count} jobs gave a right result.");
    }
}
