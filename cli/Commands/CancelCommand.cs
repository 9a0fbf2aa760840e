using System.CommandLine;
using Broker.Cli.Output;

namespace Broker.Cli.Commands;

/// <summary><c>broker cancel</c>: stops a job that waits or runs.</summary>
internal static class CancelCommand
{
    public static Command Create(GlobalOptions global)
    {
        var id = JobIdArgument.One(global);
        var command = new Command("cancel", "Stop a job that waits or runs") { id };
        global.SetAction(command, async (parsed, terminal, cancellation) =>
        {
            using var client = global.Connect(parsed);
            var job = await client.CancelAsync(parsed.GetValue(id), cancellation);
            terminal.Answer(job, () => terminal.Say($"Job {job.Id} ({job.Name}) is {Words.State(job.State)}. {JobDetails.NextCommand(job)}"));
            return ExitCode.Ok;
        });
        return command;
    }
}
