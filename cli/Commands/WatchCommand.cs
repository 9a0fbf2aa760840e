using System.CommandLine;
using System.Text.Json;
using Broker.Cli.Output;
using Broker.Core.Api;
using Broker.Core.Documents;
using Broker.Core.Ids;
using Broker.Core.Jobs;

namespace Broker.Cli.Commands;

/// <summary><c>broker watch</c>: follows jobs until they end.</summary>
internal static class WatchCommand
{
    public static Command Create(GlobalOptions global)
    {
        var ids = JobIdArgument.Many(global);
        var command = new Command("watch", "Follow jobs until they end; with --json a line for each change. Ctrl-C ends the watch, not the jobs") { ids };
        global.SetAction(command, async (parsed, terminal, cancellation) =>
        {
            using var client = global.Connect(parsed);
            var written = new Dictionary<JobId, string>();
            var jobs = await JobsDisplay.RunAsync(terminal.Progress, show => new JobWatch(client).UntilEndedAsync(
                parsed.GetRequiredValue(ids),
                read =>
                {
                    show(read);
                    if (terminal.IsJson) WriteChanges(terminal, read, written);
                },
                cancellation));
            if (!terminal.IsJson)
            {
                foreach (var job in jobs) terminal.Say(Outcome(job));
            }

            return jobs.All(job => job.State == JobState.Completed) ? ExitCode.Ok : ExitCode.Failed;
        });
        return command;
    }

    /// <summary>How a job ended, and what to do next.</summary>
    public static string Outcome(JobView job)
    {
        var price = job.Price is { } amount ? $" for {amount} credits" : "";
        var reason = job.Reason is { } text ? $": {text}" : "";
        return $"Job {job.Id} ({job.Name}) is {Words.State(job.State)}{price}{reason}. {JobDetails.NextCommand(job)}";
    }

    private static void WriteChanges(Terminal terminal, IEnumerable<JobView> jobs, Dictionary<JobId, string> written)
    {
        foreach (var job in jobs)
        {
            var line = JsonSerializer.Serialize(job, BrokerJson.Options);
            if (written.TryGetValue(job.Id, out var before) && before == line) continue;
            written[job.Id] = line;
            terminal.WriteJson(job);
        }
    }
}
