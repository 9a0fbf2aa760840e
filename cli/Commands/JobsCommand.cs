using System.CommandLine;
using Broker.Cli.Output;
using Broker.Client;
using Broker.Core.Jobs;

namespace Broker.Cli.Commands;

/// <summary><c>broker jobs</c>: the account's jobs, the newest first.</summary>
internal static class JobsCommand
{
    public static Command Create(GlobalOptions global)
    {
        var state = new Option<string?>("--state") { Description = "Only the jobs in this state", HelpName = "STATE" };
        state.AcceptOnlyFromAmong([.. Enum.GetValues<JobState>().Select(Words.State)]);
        var since = TimeOption.Create("--since", "Only jobs submitted then or later");
        var until = TimeOption.Create("--until", "Only jobs submitted before");
        var limit = new Option<int>("--limit") { Description = "How many at most", HelpName = "N", DefaultValueFactory = _ => 20 };
        var next = new Option<string?>("--continue") { Description = "The next page, as the page before named it", HelpName = "TOKEN" };
        var command = new CommandWithExamples(
            "jobs", "List the account's jobs, the newest first",
            "broker jobs --state failed --since 2h",
            "broker jobs --limit 100 --json")
        {
            state, since, until, limit, next,
        };
        global.SetAction(command, async (parsed, terminal, cancellation) =>
        {
            using var client = global.Connect(parsed);
            var query = new JobQuery
            {
                State = parsed.GetValue(state) is { } text ? Enum.Parse<JobState>(text, ignoreCase: true) : null,
                Since = parsed.GetValue(since),
                Until = parsed.GetValue(until),
                Limit = parsed.GetValue(limit),
                Continue = parsed.GetValue(next),
            };
            var page = await client.ListJobsAsync(query, cancellation);
            terminal.Answer(page, () =>
            {
                if (page.Items.IsEmpty)
                {
                    terminal.Note(query is { State: null, Since: null, Until: null, Continue: null } ? "No jobs yet: `broker submit --help` says how to submit one." : "No such jobs.");
                    return;
                }

                var table = new PlainTable("ID", "NAME", "POOL", "STATE", "SUBMITTED", "ENDED", "PRICE");
                foreach (var job in page.Items)
                    table.Add($"{job.Id}", job.Name, $"{job.Pool}", Words.State(job.State), Words.Time(job.SubmittedAt), job.EndedAt is { } ended ? Words.Time(ended) : "", Words.Price(job.Price));
                table.Write(terminal);
                if (page.Next is { } more) terminal.Note($"There are more: the same with --continue {more}");
            });
            return ExitCode.Ok;
        });
        return command;
    }
}
