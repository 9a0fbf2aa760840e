using System.Diagnostics;
using System.Reflection;

namespace Broker.Cli.Stack;

/// <summary>The function app and the worker as they are built from the repository that this program comes from.</summary>
public sealed class StackBuild
{
    /// <summary>As this program was built, so that one build makes all of them.</summary>
    private static readonly string Configuration =
        typeof(StackBuild).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()?.Configuration ?? "Debug";

    private readonly string _root;

    private StackBuild(string root) => _root = root;

    public string FunctionsAssembly => AssemblyOf("functions", "Broker.Functions");

    public string WorkerAssembly => AssemblyOf("worker", "Broker.Worker");

    /// <summary>A worker that cheats, for the demo.</summary>
    public string CheatingWorkerAssembly => AssemblyOf("tests/CheatingWorker", "Broker.CheatingWorker");

    public bool IsBuilt => FindMissing(andCheating: false) is null;

    /// <exception cref="CommandException">This program lies in no clone of the repository.</exception>
    public static StackBuild Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "functions", "Broker.Functions.csproj"))) return new StackBuild(folder.FullName);
        }

        throw new CommandException(
            ExitCode.Environment, "The function app and the worker were not found: a local stack runs from a clone of the repository, as in dotnet run --project cli -- demo.");
    }

    /// <summary>Builds both; what is up to date takes seconds.</summary>
    /// <exception cref="CommandException">A build failed.</exception>
    public async Task RunAsync(Action<string>? log, CancellationToken cancellation)
    {
        log?.Invoke("Building the function app and the worker");
        await BuildAsync("functions", "Broker.Functions", cancellation);
        // It is the worker, and more.
        await BuildAsync("tests/CheatingWorker", "Broker.CheatingWorker", cancellation);
    }

    /// <param name="andCheating">Whether the worker that cheats is needed too.</param>
    /// <exception cref="CommandException">They have not been built.</exception>
    public void RequireBuilt(bool andCheating = false)
    {
        if (FindMissing(andCheating) is { } assembly) throw new CommandException(ExitCode.Environment, $"There is no {assembly}: leave --no-build out, and it is built.");
    }

    private string? FindMissing(bool andCheating) =>
        Array.Find<string>(andCheating ? [FunctionsAssembly, WorkerAssembly, CheatingWorkerAssembly] : [FunctionsAssembly, WorkerAssembly], assembly => !File.Exists(assembly));

    private string AssemblyOf(string folder, string name) => Path.Combine(_root, folder, "bin", Configuration, "net10.0", name + ".dll");

    private async Task BuildAsync(string folder, string name, CancellationToken cancellation)
    {
        // Without build servers: they would outlive the demo, which leaves nothing behind.
        var command = DotNet.Command(
            "build", Path.Combine(_root, folder, name + ".csproj"), "--configuration", Configuration, "--nologo", "--verbosity", "quiet", "--disable-build-servers");
        command.RedirectStandardOutput = command.RedirectStandardError = true;
        using var process = Process.Start(command)!;
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancellation);
            var errors = process.StandardError.ReadToEndAsync(cancellation);
            await process.WaitForExitAsync(cancellation);
            if (process.ExitCode == 0) return;
            throw new CommandException(ExitCode.Environment, $"{name} does not build:\n{await output}{await errors}");
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}
