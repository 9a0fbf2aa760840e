using System.Diagnostics;
using System.Globalization;
using Broker.Core.Ids;

namespace Broker.Cli.Stack;

/// <summary>A worker, or a verifier, as a process of its own.</summary>
/// <remarks>It ends when disposed, and also when this process ends in any other way.</remarks>
public sealed class WorkerProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ChildProcess _process;

    private WorkerProcess(ChildProcess process, string name, WorkerId id) => (_process, Name, Id) = (process, name, id);

    public WorkerId Id { get; }

    public string Name { get; }

    public int ProcessId => _process.ProcessId;

    /// <summary>The last lines that it wrote.</summary>
    public string LastLines => _process.LastLines;

    /// <summary>Starts a worker and waits until its offer stands.</summary>
    /// <exception cref="CommandException">It cannot be started, and why.</exception>
    public static Task<WorkerProcess> StartAsync(WorkerOptions options, CancellationToken cancellation = default) =>
        StartAsync($"Worker {options.Name}", options.Name, Command(options), cancellation);

    /// <summary>Starts a verifier and waits until checks can be assigned to it.</summary>
    /// <exception cref="CommandException">It cannot be started, and why.</exception>
    public static Task<WorkerProcess> StartAsync(VerifierOptions options, CancellationToken cancellation = default) =>
        StartAsync($"Verifier {options.Name}", options.Name, Command(options), cancellation);

    /// <summary>Ends it at once, as a crash would.</summary>
    public Task KillAsync() => _process.KillAsync();

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    internal Task ThrowWhenEndedAsync(CancellationToken cancellation) => _process.ThrowWhenEndedAsync(cancellation);

    private static async Task<WorkerProcess> StartAsync(string what, string name, ProcessStartInfo command, CancellationToken cancellation)
    {
        WorkerId id = default;
        bool IsReady(string line) => line.Split(' ') is ["ready:", .., var text] && WorkerId.TryParse(text, out id);

        var process = await ChildProcess.StartAsync(what, command, IsReady, Patience, cancellation);
        return new WorkerProcess(process, name, id);
    }

    private static ProcessStartInfo Command(WorkerOptions options)
    {
        var command = DotNet.Command(options.AssemblyPath);
        void Add(string name, object? value)
        {
            if (value is null) return;
            command.ArgumentList.Add(name);
            command.ArgumentList.Add(Convert.ToString(value, CultureInfo.InvariantCulture)!);
        }

        Add("--cheat", options.Cheat);
        Add("--url", options.Url.AbsoluteUri);
        Add("--name", options.Name);
        Add("--price", options.PricePerSecond);
        Add("--start-price", options.StartPrice);
        Add("--slots", options.Slots);
        Add("--slot-memory", options.SlotMemoryBytes);
        Add("--pool", options.Pool);
        Add("--threads", options.Threads);

        return WithKey(command, options.Key);
    }

    private static ProcessStartInfo Command(VerifierOptions options) =>
        WithKey(DotNet.Command(options.AssemblyPath, "--role", "verifier", "--url", options.Url.AbsoluteUri, "--name", options.Name), options.Key);

    private static ProcessStartInfo WithKey(ProcessStartInfo command, string key)
    {
        // Not as an option: every user of the machine can list those.
        command.Environment["BROKER_KEY"] = key;
        return command;
    }
}
