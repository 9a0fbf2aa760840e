using System.CommandLine;
using Broker.Cli.Output;
using Broker.Client;
using Broker.Core.Ids;
using Broker.Core.Jobs;

namespace Broker.Cli.Commands;

/// <summary><c>broker logs</c>: what the workers of a job wrote about their runs.</summary>
internal static class LogsCommand
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(20);

    public static Command Create(GlobalOptions global)
    {
        var id = JobIdArgument.One(global);
        var follow = new Option<bool>("--follow", "-f") { Description = "Tell the job's events until it has ended, then its log" };
        var command = new Command("logs", "Show what a job's workers wrote about their runs: what they fetched, ran and stored, and when") { id, follow };
        global.SetAction(command, async (parsed, terminal, cancellation) =>
        {
            using var client = global.Connect(parsed);
            var job = parsed.GetValue(id);
            if (parsed.GetValue(follow)) await FollowAsync(client, job, terminal, cancellation);
            var lines = (await client.ReadLogAsync(job, cancellation)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            terminal.Answer(new JobLog(job, lines), () =>
            {
                if (lines.Length == 0) terminal.Note($"No worker has begun it yet. Follow it: broker watch {job}");
                foreach (var line in lines) terminal.Say(line);
            });
            return ExitCode.Ok;
        });
        return command;
    }

    private static async Task FollowAsync(BrokerClient client, JobId job, Terminal terminal, CancellationToken cancellation)
    {
        var wait = new EventWait(client, LongestWait);
        for (var seen = 0; ;)
        {
            foreach (var entry in await wait.NextAsync(job, seen, cancellation))
            {
                terminal.Note($"{Words.Time(entry.At)}  {entry.Kind.ToString().ToLowerInvariant()}{(entry.Text is { } text ? $": {text}" : "")}");
                if (entry.Kind.EndsJob()) return;
                seen = entry.Number;
            }
        }
    }
}

/// <summary>What <c>broker logs --json</c> answers.</summary>
internal sealed record JobLog(JobId Job, IReadOnlyList<string> Lines);
