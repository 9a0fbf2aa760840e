using System.Diagnostics;
using Broker.Cli.Stack;

namespace Broker.Cli.Tests.Commands;

/// <summary>The command line in a process of its own: what it does with its environment and its streams belongs to a whole process.</summary>
internal static class CommandProcess
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static Task<CommandRun> RunAsync(IReadOnlyDictionary<string, string> environment, params IEnumerable<string> args) =>
        RunAsync(DotNet.Command([typeof(CommandLine).Assembly.Location, .. args]), environment);

    /// <summary>Runs any program to its end.</summary>
    public static async Task<CommandRun> RunAsync(ProcessStartInfo start, IReadOnlyDictionary<string, string>? environment = null)
    {
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        var run = await ProgramRun.StartAsync(start, Cancellation);
        Assert.NotNull(run);
        return new CommandRun((ExitCode)run.ExitCode, run.Output, run.Errors);
    }
}
