using System.CommandLine;
using Broker.Cli.Output;
using Broker.Cli.Submit;
using Broker.Client;
using Broker.Core.Api;
using Broker.Core.Jobs;

namespace Broker.Cli.Commands;

/// <summary><c>broker submit</c>: sends a job, from a document or from a program and the options of one launch.</summary>
internal sealed class SubmitCommand
{
    private const string Files = """
        A job document (.json), in which "@file" may stand for content, a file beside it that is uploaded; or a program (.cu, .ptx) and
        the options of one launch of it. A .cu file is compiled with clang.
        """;

    private readonly GlobalOptions _global;
    private readonly TermOptions _terms;
    private readonly LaunchOptions _launch;
    private readonly Argument<string> _file = new("file") { Description = Files, HelpName = "FILE" };
    private readonly Option<bool> _watch = new("--watch") { Description = "Wait for the end of the job (the default)" };
    private readonly Option<bool> _noWatch = new("--no-watch") { Description = "Return when the job is accepted" };
    private readonly Option<string?> _outputFolder = new("--output-dir") { Description = "Download the results there when the job is completed", HelpName = "DIR" };
    private readonly Option<string?> _idempotencyKey = new("--idempotency-key") { Description = "The same key and job make one job, however often they are sent", HelpName = "KEY" };
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Print the document, and send nothing" };

    private SubmitCommand(GlobalOptions global, Command command)
    {
        _global = global;
        command.Add(_file);
        _launch = new LaunchOptions(command);
        _terms = new TermOptions(command);
        foreach (var option in (Option[])[_watch, _noWatch, _outputFolder, _idempotencyKey, _dryRun]) command.Add(option);
    }

    public static Command Create(GlobalOptions global)
    {
        var command = new CommandWithExamples(
            "submit", "Submit a job, from a document or a program, and wait for its end",
            "broker submit job.json",
            "broker submit saxpy.cu --grid 4096 --block 256 --arg inout:@y.bin --arg in:@x.bin --arg u32:1048576 --arg f32:2 --output-dir results");
        global.SetAction(command, new SubmitCommand(global, command).RunAsync);
        return command;
    }

    private async Task<ExitCode> RunAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellation)
    {
        var watch = !parsed.GetValue(_noWatch);
        if (!watch && (parsed.GetValue(_watch) || parsed.GetValue(_outputFolder) is not null))
            throw new CommandException(ExitCode.BadInput, "--no-watch goes with neither --watch nor --output-dir: results exist when the job has ended.");

        var draft = await DraftAsync(parsed, terminal, cancellation);
        _terms.Apply(parsed, draft.Document);
        draft.Check();
        if (parsed.GetValue(_dryRun))
        {
            terminal.Answer(draft.Document, () => terminal.Say(draft.ToText()));
            return ExitCode.Ok;
        }

        using var client = _global.Connect(parsed);
        await new Uploads(client, terminal).RunAsync(draft.Contents, cancellation);
        var job = await client.SubmitAsync(draft.ToBytes(), parsed.GetValue(_idempotencyKey), cancellation);
        if (!watch)
        {
            terminal.Answer(job, () => terminal.Say($"Job {job.Id} ({job.Name}) is {Words.State(job.State)}. {JobDetails.NextCommand(job)}"));
            return ExitCode.Ok;
        }

        terminal.Note($"Job {job.Id} is accepted.");
        return await FollowAsync(client, job, parsed.GetValue(_outputFolder), terminal, cancellation);
    }

    private async Task<JobDraft> DraftAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellation)
    {
        var file = parsed.GetRequiredValue(_file);
        if (!ProgramFile.IsProgram(file))
        {
            _launch.RefuseAny(parsed);
            return await new JobFile(file).ReadAsync(cancellation);
        }

        var program = await ProgramFile.ReadAsync(file, cancellation);
        if (program.Warnings.Length > 0) terminal.Note(program.Warnings.TrimEnd());
        return _launch.Draft(parsed, program);
    }

    private static async Task<ExitCode> FollowAsync(
        BrokerClient client, JobView job, string? outputFolder, Terminal terminal, CancellationToken cancellation)
    {
        try
        {
            var ended = await JobsDisplay.RunAsync(terminal.Progress, show => new JobWatch(client).UntilEndedAsync([job.Id], show, cancellation));
            job = ended[0];
        }
        catch (OperationCanceledException)
        {
            terminal.Note($"Job {job.Id} goes on without you. {JobDetails.NextCommand(job)}");
            throw;
        }

        if (job.State == JobState.Completed && outputFolder is not null)
            await new ResultFiles(client, terminal).SaveAllAsync(job.Id, outputFolder, cancellation);
        terminal.Answer(job, () => terminal.Say(WatchCommand.Outcome(job, outputFolder)));
        return job.State == JobState.Completed ? ExitCode.Ok : ExitCode.Failed;
    }
}
