using System.CommandLine;
using Broker.Cli.Output;
using Broker.Core.Jobs;

namespace Broker.Cli.Commands;

/// <summary><c>broker jobs</c>: the account's jobs, the newest first.</summary>
internal static class JobsCommand
{
    public static Command Create(GlobalOptions global)
    {
        var state = new Option<string?>("--state") { Description = "Only the jobs in this state", HelpName = "STATE" };
        state.AcceptOnlyFromAmong([.. Enum.GetValues<JobState>().Select(Words.State)]);
        var top = new Option<int>("--top") { Description = "How many at most", HelpName = "N", DefaultValueFactory = _ => 20 };
        var token = new Option<string?>("--token") { Description = "The next page, as the page before named it", HelpName = "TOKEN" };
        var command = new Command("jobs", "List jobs, the newest first") { state, top, token };
        global.SetAction(command, async (parsed, terminal, cancellation) =>
        {
            using var client = global.Connect(parsed);
            JobState? wanted = parsed.GetValue(state) is { } text ? Enum.Parse<JobState>(text, ignoreCase: true) : null;
            var page = await client.ListJobsAsync(wanted, parsed.GetValue(top), parsed.GetValue(token), cancellation);
            terminal.Answer(page, () =>
            {
                if (page.Items.IsEmpty)
                {
                    terminal.Note(wanted is null ? "No jobs yet: `broker submit --help` says how to submit one." : $"No {parsed.GetValue(state)} jobs.");
                    return;
                }

                var table = new PlainTable("ID", "NAME", "POOL", "STATE", "SUBMITTED", "ENDED", "PRICE");
                foreach (var job in page.Items)
                    table.Add($"{job.Id}", job.Name, $"{job.Pool}", Words.State(job.State), Words.Time(job.SubmittedAt), job.EndedAt is { } ended ? Words.Time(ended) : "", Words.Price(job.Price));
                table.Write(terminal);
                if (page.Next is { } next) terminal.Note($"There are more: broker jobs --token {next}");
            });
            return ExitCode.Ok;
        });
        return command;
    }
}
