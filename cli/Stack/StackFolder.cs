using System.Diagnostics;
using System.Text.Json;
using Broker.Core.Documents;

namespace Broker.Cli.Stack;

/// <summary>A folder in which a local stack keeps its state, held by one process at a time.</summary>
internal sealed class StackFolder : IDisposable
{
    /// <summary>The parts of a stack that was killed end by themselves within seconds.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly string _stateFile;
    private readonly FileStream _lock;

    private StackFolder(string path, FileStream held)
    {
        StoragePath = Path.Combine(path, "storage");
        _stateFile = Path.Combine(path, "stack.json");
        _lock = held;
    }

    /// <summary>Where the emulator keeps its data.</summary>
    public string StoragePath { get; }

    /// <summary>Null before the first run.</summary>
    public StackState? State { get; private set; }

    /// <exception cref="CommandException">Another process holds it, or what it holds is damaged.</exception>
    public static StackFolder Open(string folder)
    {
        var path = Path.GetFullPath(folder);
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(path);
        else Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var opened = new StackFolder(path, Hold(path));
        try
        {
            opened.State = opened.Read();
            return opened;
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    public void Save(StackState state)
    {
        OwnerFile.Write(_stateFile, file => JsonSerializer.Serialize(file, state, BrokerJson.Options));
        State = state;
    }

    /// <summary>Waits until nothing of the latest run is left: its emulator would write into the data of the next.</summary>
    /// <exception cref="CommandException">Something of it does not end.</exception>
    public async Task WaitForLatestRunAsync(CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        while (State?.Processes.FirstOrDefault(process => process.IsAlive()) is { } process)
        {
            if (clock.Elapsed > Patience)
                throw new CommandException(ExitCode.Environment, $"Process {process.Id} of the latest run on {Path.GetDirectoryName(_stateFile)} is still there: end it, then try again.");
            await Task.Delay(TimeSpan.FromMilliseconds(100), cancellation);
        }
    }

    public void Dispose() => _lock.Dispose();

    /// <summary>The system gives the lock back for a process that dies.</summary>
    private static FileStream Hold(string path)
    {
        var file = Path.Combine(path, "lock");
        try
        {
            return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (File.Exists(file))
        {
            throw new CommandException(ExitCode.Environment, $"Another `broker up` runs on {path}: stop it, or name another folder with --data.", e);
        }
    }

    private StackState? Read()
    {
        if (!File.Exists(_stateFile)) return null;
        try
        {
            return JsonSerializer.Deserialize<StackState>(File.ReadAllBytes(_stateFile), BrokerJson.Options);
        }
        catch (JsonException e)
        {
            throw new CommandException(ExitCode.Environment, $"{_stateFile} is damaged, and with it the keys of this broker: name another folder with --data.", e);
        }
    }
}
