using System.Collections.Immutable;
using System.CommandLine;
using Broker.Cli.Output;
using Broker.Client;
using Broker.Core.Api;
using Broker.Core.Jobs;

namespace Broker.Cli.Commands;

/// <summary><c>broker show</c>: everything about one job.</summary>
internal static class ShowCommand
{
    public static Command Create(GlobalOptions global)
    {
        var id = JobIdArgument.One(global);
        var command = new Command("show", "Show a job: its state and why, prices, attempts, events") { id };
        global.SetAction(command, async (parsed, terminal, cancellation) =>
        {
            using var client = global.Connect(parsed);
            var job = await client.ReadJobAsync(parsed.GetValue(id), cancellation);
            var events = await Pages.ReadAllAsync(next => client.ReadEventsAsync(job.Id, new EventQuery { Continue = next }, cancellation));
            terminal.Answer(new JobWithEvents(job, events), () => JobDetails.Write(terminal, job, events));
            return ExitCode.Ok;
        });
        return command;
    }
}

/// <summary>What <c>broker show --json</c> answers.</summary>
internal sealed record JobWithEvents(JobView Job, ImmutableArray<JobEvent> Events);
