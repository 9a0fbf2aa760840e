namespace Broker.Cli.Stack;

/// <summary>The emulator's packages in a folder of the user's, installed once.</summary>
/// <param name="folder">Where the installations lie.</param>
/// <param name="install">Installs what the package files in a folder name: npm, but for a test.</param>
internal sealed class EmulatorInstall(string folder, Func<string, CancellationToken, Task> install)
{
    private const string Name = "azurite-3.37.0";
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly string _target = Path.Combine(folder, Name);

    /// <summary>The package files that were published with the program.</summary>
    public static string Source { get; } = Path.Combine(AppContext.BaseDirectory, "Stack", "emulator");

    public string Script => Path.Combine(_target, "node_modules", "azurite", "dist", "src", "azurite.js");

    /// <summary>The one of this user: <c>BROKER_EMULATOR_FOLDER</c>, else a folder of the user's profile.</summary>
    public static EmulatorInstall OfUser()
    {
        var named = Environment.GetEnvironmentVariable("BROKER_EMULATOR_FOLDER");
        if (!string.IsNullOrEmpty(named)) return new EmulatorInstall(Path.GetFullPath(named), Node.InstallPackagesAsync);
        var profile = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create);
        return profile.Length > 0
            ? new EmulatorInstall(Path.Combine(profile, "broker"), Node.InstallPackagesAsync)
            : throw new CommandException(ExitCode.Environment, "This user has no profile folder for the storage emulator: name one in BROKER_EMULATOR_FOLDER.");
    }

    /// <summary>Installs unless the same packages are installed.</summary>
    /// <param name="log">Is told before what takes long.</param>
    /// <param name="cancellation">Ends it; what is half installed is not used.</param>
    /// <remarks>Safe to call in many processes at once: the first installs, the others wait for it.</remarks>
    public async Task EnsureAsync(Action<string>? log, CancellationToken cancellation)
    {
        if (IsComplete()) return;
        Directory.CreateDirectory(folder);
        await using var turn = await WaitForTurnAsync(log, cancellation);
        if (IsComplete()) return;

        log?.Invoke("Installing the storage emulator, Azurite 3.37.0: once, about a minute");
        RemoveLeftovers();
        var partial = $"{_target}.partial-{Guid.NewGuid():N}";
        Directory.CreateDirectory(partial);
        foreach (var file in (string[])["package.json", "package-lock.json"]) File.Copy(Path.Combine(Source, file), Path.Combine(partial, file));
        await install(partial, cancellation);
        if (Directory.Exists(_target)) Directory.Delete(_target, recursive: true);

        // A folder under its final name is complete: nothing is ever written into it.
        Directory.Move(partial, _target);
    }

    /// <summary>Whether what is installed was made from the lock file of this program, not from an older one's.</summary>
    public bool IsComplete()
    {
        var installed = Path.Combine(_target, "package-lock.json");
        return File.Exists(Script) && File.Exists(installed)
            && File.ReadAllBytes(installed).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(Source, "package-lock.json")));
    }

    /// <summary>The system gives the lock back for a process that dies.</summary>
    private async Task<FileStream> WaitForTurnAsync(Action<string>? log, CancellationToken cancellation)
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                return new FileStream(_target + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (File.Exists(_target + ".lock"))
            {
                if (tries == 5) log?.Invoke("Waiting for another process to install the storage emulator");
                await Task.Delay(Pause, cancellation);
            }
        }
    }

    private void RemoveLeftovers()
    {
        foreach (var leftover in Directory.EnumerateDirectories(folder, Name + ".partial-*"))
        {
            try
            {
                Directory.Delete(leftover, recursive: true);
            }
            catch (IOException)
            {
                // An orphaned npm may still write there; the next installation removes it.
            }
        }
    }
}
