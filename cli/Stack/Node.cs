using System.Diagnostics;
using System.Globalization;

namespace Broker.Cli.Stack;

/// <summary>The Node.js of this machine, and its npm.</summary>
internal static class Node
{
    /// <summary>What the emulator and its dependencies run on.</summary>
    private const int OldestMajor = 20;

    private const string Remedy = "The local storage emulator runs on it: install Node.js 20 or newer from https://nodejs.org, then try again.";

    /// <exception cref="CommandException">There is none, or it is too old.</exception>
    /// <returns>Its version.</returns>
    public static async Task<string> RequireAsync(CancellationToken cancellation)
    {
        var version = (await ProgramRun.StartAsync(new ProcessStartInfo("node", ["--version"]), cancellation))?.Output.Trim();
        if (version is null) throw new CommandException(ExitCode.Environment, $"Node.js was not found. {Remedy}");
        var known = int.TryParse(version.TrimStart('v').Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var major);
        return known && major >= OldestMajor ? version : throw new CommandException(ExitCode.Environment, $"Node.js {version} is too old. {Remedy}");
    }

    /// <exception cref="CommandException">There is none.</exception>
    /// <returns>Its version.</returns>
    public static async Task<string> RequireNpmAsync(CancellationToken cancellation) =>
        (await RunNpmAsync(["--version"], folder: null, cancellation)).Output.Trim();

    /// <summary>Installs what a folder's package-lock.json names, and nothing else; no package's scripts are run.</summary>
    /// <exception cref="CommandException">npm is missing, or failed.</exception>
    public static async Task InstallPackagesAsync(string folder, CancellationToken cancellation)
    {
        string[] arguments = ["ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"];
        var run = await RunNpmAsync(arguments, folder, cancellation);
        if (run.ExitCode == 0) return;
        throw new CommandException(
            ExitCode.Environment,
            $"npm could not install the storage emulator (exit code {run.ExitCode}); check the network and npm's registry setting, then try again. npm said:\n{run.Errors.Trim()}");
    }

    private static async Task<ProgramRun> RunNpmAsync(IEnumerable<string> arguments, string? folder, CancellationToken cancellation)
    {
        var npm = FindNpm();
        foreach (var argument in arguments) npm.ArgumentList.Add(argument);
        if (folder is not null) npm.WorkingDirectory = folder;
        return await ProgramRun.StartAsync(npm, cancellation)
            ?? throw new CommandException(ExitCode.Environment, $"npm was not found: it is part of Node.js. {Remedy}");
    }

    /// <summary>On Windows npm is a batch file, which only a shell can start; what it starts lies beside it.</summary>
    private static ProcessStartInfo FindNpm()
    {
        if (!OperatingSystem.IsWindows()) return new ProcessStartInfo("npm");
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        var script = folders.Select(folder => Path.Combine(folder, "node_modules", "npm", "bin", "npm-cli.js")).FirstOrDefault(File.Exists);
        return script is null ? new ProcessStartInfo("npm") : new ProcessStartInfo("node", [script]);
    }
}
