using System.CommandLine;
using Broker.Cli.Commands;
using Broker.Cli.Connection;
using Broker.Client;

namespace Broker.Cli;

/// <summary>The command <c>broker</c>: reads the command line, runs what it asks for, and turns every end into an exit code.</summary>
public static class CommandLine
{
    private const string Description = """
        A market for GPU compute: submit CUDA kernels, and workers that offer their devices run them.

        Start with `broker demo`: it runs three jobs on this machine, from end to end. `broker doctor` says what this machine lacks.
        A broker is found by --url and --key, else by BROKER_URL and BROKER_KEY, else by what `broker login` stored. With --json the
        answer is JSON on stdout, one object or one a line; everything else goes to stderr. NO_COLOR turns colours off.

        Exit codes:
          0    done
          1    the job or the check failed
          2    the command line or the document is wrong
          3    the broker cannot be reached, or does not permit it
          4    this machine lacks something: Node.js, clang, a build
          130  cancelled
        """;

    /// <summary>How long a cancelled command may take to put away what it started, before the process ends anyway.</summary>
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(30);

    public static async Task<int> RunAsync(IReadOnlyList<string> args, TextWriter output, TextWriter error, CancellationToken cancellation = default)
    {
        // No response files: here an @ means a file to upload.
        var parsed = Create(output, error).Parse(args.Count == 0 ? ["--help"] : args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count > 0)
        {
            foreach (var problem in parsed.Errors) await error.WriteLineAsync($"error: {problem.Message}");
            await error.WriteLineAsync($"See `{Path(parsed.CommandResult.Command)} --help`.");
            return (int)ExitCode.BadInput;
        }

        var configuration = new InvocationConfiguration
        {
            Output = output,
            Error = error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = StopPatience,
        };
        return await GuardAsync(() => parsed.InvokeAsync(configuration, cancellation), error);
    }

    internal static RootCommand Create(TextWriter output, TextWriter error)
    {
        var root = new RootCommand(Description);
        var global = new GlobalOptions(root, output, error);
        GlobalOptions.SetHelp(root);
        root.Add(DemoCommand.Create(global));
        root.Add(DoctorCommand.Create(global));
        root.Add(UpCommand.Create(global));
        root.Add(LoginCommand.Create(global));
        root.Add(SubmitCommand.Create(global));
        root.Add(WatchCommand.Create(global));
        root.Add(JobsCommand.Create(global));
        root.Add(ShowCommand.Create(global));
        root.Add(LogsCommand.Create(global));
        root.Add(ResultCommand.Create(global));
        root.Add(ReceiptCommand.Create(global));
        root.Add(AuditCommand.Create(global));
        root.Add(CancelCommand.Create(global));
        root.Add(DeleteCommand.Create(global));
        root.Add(OffersCommand.Create(global));
        root.Add(WorkersCommand.Create(global));
        root.Add(KernelsCommand.Create(global));
        root.Add(CompletionCommand.Create(global));
        return root;
    }

    private static async Task<int> GuardAsync(Func<Task<int>> run, TextWriter error)
    {
        try
        {
            return await run();
        }
        catch (CommandException e)
        {
            await error.WriteLineAsync($"error: {e.Message}");
            return (int)e.Code;
        }
        catch (BrokerException e)
        {
            await error.WriteLineAsync($"error: {e.Message}");
            if (BrokerTrouble.Remedy(e) is { } remedy) await error.WriteLineAsync(remedy);
            return (int)BrokerTrouble.Code(e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            await error.WriteLineAsync($"error: {e.Message}");
            return (int)ExitCode.Environment;
        }
        catch (OperationCanceledException)
        {
            await error.WriteLineAsync("Cancelled.");
            return (int)ExitCode.Cancelled;
        }
    }

    private static string Path(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? $"{Path(parent)} {command.Name}" : "broker";
}
