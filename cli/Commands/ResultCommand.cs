using System.CommandLine;
using Broker.Cli.Output;
using Broker.Client;
using Broker.Core.Api;
using Broker.Core.Ids;

namespace Broker.Cli.Commands;

/// <summary><c>broker result</c>: downloads what a completed job computed.</summary>
internal static class ResultCommand
{
    private const string StandardOutput = "-";

    public static Command Create(GlobalOptions global)
    {
        var id = JobIdArgument.One(global);
        var buffer = new Option<string?>("--buffer") { Description = "Only this buffer; without it all results", HelpName = "NAME" };
        var target = new Option<string?>("--out")
        {
            Description = "Where to: a folder, a file if there is one result, or - for stdout; without it a folder named by the job's id",
            HelpName = "DIR|FILE|-",
        };
        var command = new CommandWithExamples(
            "result", "Download a completed job's results, and hold every byte against what the worker committed to",
            "broker result 0123456789abcdef01234567 --out results                 # every result, in a folder",
            "broker result 0123456789abcdef01234567 --buffer arg0 --out - | xxd   # one, to another program")
        {
            id, buffer, target,
        };
        global.SetAction(command, async (parsed, terminal, cancellation) =>
        {
            using var client = global.Connect(parsed);
            var job = parsed.GetValue(id);
            var outputs = await FindAsync(client, job, parsed.GetValue(buffer), cancellation);
            await NoteVerdictAsync(client, job, terminal, cancellation);
            var place = parsed.GetValue(target) ?? job.ToString();
            if (place == StandardOutput)
            {
                await WriteToStandardOutputAsync(client, outputs, terminal, cancellation);
                return ExitCode.Ok;
            }

            var saved = new List<SavedResult>();
            foreach (var output in outputs)
                saved.Add(await new ResultFiles(client, terminal).SaveAsync(output, FileFor(output, place, parsed.GetValue(target) is null || outputs.Count > 1), cancellation));
            terminal.Answer(new SavedResults(job, saved), () =>
            {
                foreach (var result in saved) terminal.Say($"{result.File}  {Words.Bytes(result.Bytes)}  {result.Root}");
            });
            return ExitCode.Ok;
        });
        return command;
    }

    private static async Task<IReadOnlyList<OutputView>> FindAsync(BrokerClient client, JobId job, string? buffer, CancellationToken cancellation)
    {
        if (buffer is not null) return [await client.ReadOutputAsync(job, buffer, cancellation)];
        var outputs = (await client.ReadOutputsAsync(job, cancellation)).Items;
        return outputs.IsEmpty ? throw new CommandException(ExitCode.Failed, $"Job {job} has no results: none of its buffers is output or inout.") : outputs;
    }

    /// <summary>Says whether anybody has looked at what is about to be downloaded.</summary>
    private static async Task NoteVerdictAsync(BrokerClient client, JobId job, Terminal terminal, CancellationToken cancellation)
    {
        if (VerdictWords.Of(await client.ReadJobAsync(job, cancellation)) is { } found) terminal.Note($"Job {job}: {found}.");
    }

    private static string FileFor(OutputView output, string place, bool isFolder) =>
        isFolder || Directory.Exists(place) || Path.EndsInDirectorySeparator(place) ? Path.Combine(place, output.Buffer + ".bin") : place;

    private static async Task WriteToStandardOutputAsync(
        BrokerClient client, IReadOnlyList<OutputView> outputs, Terminal terminal, CancellationToken cancellation)
    {
        if (terminal.IsJson) throw new CommandException(ExitCode.BadInput, "--out - and --json both want stdout: name a file.");
        if (outputs is not [var only])
            throw new CommandException(ExitCode.BadInput, $"--out - takes one result: choose with --buffer from {string.Join(", ", outputs.Select(output => output.Buffer))}.");
        await using var stdout = Console.OpenStandardOutput();
        await client.DownloadOutputAsync(only, stdout, progress: null, cancellation);
    }
}

/// <summary>What <c>broker result --json</c> answers.</summary>
internal sealed record SavedResults(JobId Job, IReadOnlyList<SavedResult> Results);
