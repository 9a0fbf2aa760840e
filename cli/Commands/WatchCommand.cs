using System.CommandLine;
using System.Text.Json;
using Broker.Cli.Output;
using Broker.Client;
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
        var ids = JobIdArgument.Many(global, orOpen: true);
        var command = new CommandWithExamples(
            "watch", "Follow jobs, or all open ones, until they end; with --json a line for each change. Ctrl-C ends the watch, not the jobs",
            "broker watch                             # all jobs that are open now",
            "broker watch 0123456789abcdef01234567    # this one")
        {
            ids,
        };
        global.SetAction(command, async (parsed, terminal, cancellation) =>
        {
            using var client = global.Connect(parsed);
            var watched = parsed.GetValue(ids) is { Length: > 0 } named ? named : await FindOpenAsync(client, cancellation);
            if (watched.Length == 0)
            {
                terminal.Note("No job is open. `broker submit --help` says how to submit one; `broker jobs` lists those that have ended.");
                return ExitCode.Ok;
            }

            var jobs = await FollowAsync(client, watched, terminal, cancellation);
            if (!terminal.IsJson)
            {
                foreach (var job in jobs) terminal.Say(Outcome(job));
            }

            return jobs.All(job => job.State == JobState.Completed) ? ExitCode.Ok : ExitCode.Failed;
        });
        return command;
    }

    private static async Task<IReadOnlyList<JobView>> FollowAsync(BrokerClient client, JobId[] ids, Terminal terminal, CancellationToken cancellation)
    {
        var written = new Dictionary<JobId, string>();
        try
        {
            return await JobsDisplay.RunAsync(terminal.Progress, show => new JobWatch(client).UntilEndedAsync(
                ids,
                read =>
                {
                    show(read);
                    if (terminal.IsJson) WriteChanges(terminal, read, written);
                },
                cancellation));
        }
        catch (OperationCanceledException)
        {
            terminal.Note("The jobs go on without you. Follow them: broker watch    Stop one: broker cancel ID");
            throw;
        }
    }

    /// <summary>The account's jobs that have not ended.</summary>
    /// <remarks>Asked for state by state, in the order that a job takes them: one that moves on meanwhile is seen, if twice.</remarks>
    private static async Task<JobId[]> FindOpenAsync(BrokerClient client, CancellationToken cancellation)
    {
        var open = new List<JobId>();
        foreach (var state in Enum.GetValues<JobState>().Where(state => !state.IsEnded()))
        {
            var jobs = await Pages.ReadAllAsync(next => client.ListJobsAsync(new JobQuery { State = state, Continue = next }, cancellation));
            open.AddRange(jobs.Select(job => job.Id));
        }

        return [.. open.Distinct()];
    }

    /// <summary>How a job ended, and what to do next.</summary>
    /// <param name="job">The job.</param>
    /// <param name="results">The folder that has its results where it is completed; null where none has.</param>
    public static string Outcome(JobView job, string? results = null)
    {
        var price = job.Price is { } amount ? $" for {amount} credits" : "";
        var reason = job.Reason is { } text ? $": {text}" : "";
        var next = results is not null && job.State == JobState.Completed ? $"Its results are in {results}." : JobDetails.NextCommand(job);
        var verdict = VerdictWords.Of(job) is { } found ? $" {char.ToUpperInvariant(found[0])}{found[1..]}." : "";
        return $"Job {job.Id} ({job.Name}) is {Words.State(job.State)}{price}{reason}.{verdict} {next}";
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
