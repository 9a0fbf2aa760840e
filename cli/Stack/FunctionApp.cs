using System.Diagnostics;

namespace Broker.Cli.Stack;

/// <summary>The function app as a process of its own, self-hosted on the loopback.</summary>
/// <remarks>It ends when disposed, and also when this process ends in any other way.</remarks>
public sealed class FunctionApp : IAsyncDisposable
{
    private const string KeyLine = "operator key (shown once): ";
    private const string ListeningLine = "listening on ";
    private const string ReadyLine = "storage is ready";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ChildProcess _process;

    private FunctionApp(ChildProcess process, Uri url, string? operatorKey) => (_process, Url, OperatorKey) = (process, url, operatorKey);

    public Uri Url { get; }

    /// <summary>The operator's key; null where the storage account has seen a function app before.</summary>
    public string? OperatorKey { get; }

    public int ProcessId => _process.ProcessId;

    /// <summary>The last lines that it wrote.</summary>
    public string LastLines => _process.LastLines;

    /// <exception cref="CommandException">It cannot be started, and why.</exception>
    public static async Task<FunctionApp> StartAsync(FunctionAppOptions options, CancellationToken cancellation = default)
    {
        string? operatorKey = null, url = null;
        var ready = false;
        bool IsReady(string line)
        {
            operatorKey ??= After(line, KeyLine);
            url ??= After(line, ListeningLine);
            ready |= line == ReadyLine;
            return ready && url is not null;
        }

        var process = await ChildProcess.StartAsync("The function app", Command(options), IsReady, Patience, cancellation);
        return new FunctionApp(process, new Uri(url!), operatorKey);
    }

    /// <summary>Ends it at once, as a crash would.</summary>
    public Task KillAsync() => _process.KillAsync();

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    internal Task ThrowWhenEndedAsync(CancellationToken cancellation) => _process.ThrowWhenEndedAsync(cancellation);

    private static ProcessStartInfo Command(FunctionAppOptions options)
    {
        var command = DotNet.Command(options.AssemblyPath, "--urls", $"http://127.0.0.1:{options.Port}");
        command.Environment["AzureWebJobsStorage"] = options.ConnectionString;

        // Where this variable is set the app believes that a Functions host started it, and waits for its calls.
        command.Environment.Remove("FUNCTIONS_CUSTOMHANDLER_PORT");
        foreach (var (name, value) in options.Settings) command.Environment[name] = value;
        return command;
    }

    private static string? After(string line, string start) =>
        line.StartsWith(start, StringComparison.Ordinal) ? line[start.Length..].Trim() : null;
}
