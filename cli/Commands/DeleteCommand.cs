using System.CommandLine;
using Broker.Core.Ids;

namespace Broker.Cli.Commands;

/// <summary><c>broker delete</c>: removes jobs that have ended, with their results and logs.</summary>
internal static class DeleteCommand
{
    public static Command Create(GlobalOptions global)
    {
        var ids = JobIdArgument.Many(global);
        var command = new Command("delete", "Delete jobs that have ended, with their results and logs; with --json a line for each") { ids };
        global.SetAction(command, async (parsed, terminal, cancellation) =>
        {
            using var client = global.Connect(parsed);
            foreach (var job in parsed.GetRequiredValue(ids))
            {
                var deleted = await client.DeleteJobAsync(job, cancellation);
                terminal.Answer(new DeletedJob(job, deleted), () => terminal.Say(deleted ? $"Job {job} is deleted." : $"There is no job {job}: `broker jobs` lists yours."));
            }

            return ExitCode.Ok;
        });
        return command;
    }
}

/// <summary>What <c>broker delete --json</c> answers.</summary>
/// <param name="Job">The job.</param>
/// <param name="Deleted">False where there was none.</param>
internal sealed record DeletedJob(JobId Job, bool Deleted);
