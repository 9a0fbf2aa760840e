using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Broker.Host.Tests.Hosting;

/// <summary>The handler's process: started, waited for, and started again when it crashed.</summary>
internal sealed class HandlerProcess : IAsyncDisposable
{
    /// <summary>The host starts a handler again after its first and its second crash; with the third it ends itself.</summary>
    private const int MostCrashes = 3;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly ScriptRoot _root;
    private readonly IReadOnlyDictionary<string, string> _settings;
    private readonly HttpClient _http;
    private readonly CancellationTokenSource _stopped = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private Process? _process;

    public HandlerProcess(ScriptRoot root, IReadOnlyDictionary<string, string> settings)
    {
        _root = root;
        _settings = settings;
        Port = FindFreePort();
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri($"http://127.0.0.1:{Port}") };
        Ended = SuperviseAsync();
    }

    public int Port { get; }

    public HttpClient Http => _http;

    /// <summary>Everything that it wrote.</summary>
    public ConcurrentQueue<string> Lines { get; } = new();

    /// <summary>The operator's key, which the handler writes when it has made it.</summary>
    public string OperatorKey => Lines.Single(line => line.StartsWith("operator key", StringComparison.Ordinal)).Split(' ')[^1];

    public int Starts { get; private set; }

    /// <summary>Completes with the last exit code, when it is not started again.</summary>
    public Task<int> Ended { get; }

    /// <summary>Completes when it has answered for the first time, or never will.</summary>
    public Task Initialized => Task.WhenAny(_ready.Task, Ended);

    /// <summary>Waits until it has answered, and then until it has its storage.</summary>
    public async Task ReadyAsync()
    {
        await Initialized;
        Assert.True(_ready.Task.IsCompleted, $"the handler ended before it was ready:\n{string.Join('\n', Lines)}");
        await SaysAsync("storage is ready");
    }

    /// <summary>Waits for a line that holds some words.</summary>
    public async Task SaysAsync(string words)
    {
        for (var clock = Stopwatch.StartNew(); !Lines.Any(line => line.Contains(words, StringComparison.Ordinal)); await Task.Delay(25))
            Assert.True(clock.Elapsed < Patience, $"the handler has not said '{words}':\n{string.Join('\n', Lines)}");
    }

    /// <summary>SIGKILL, at whatever line it is.</summary>
    public void Kill()
    {
        lock (_lock)
        {
            if (_process is { HasExited: false } process) process.Kill();
        }
    }

    public async ValueTask DisposeAsync()
    {
        // A handler is not asked to stop: the host kills it.
        await _stopped.CancelAsync();
        Kill();
        await Ended;
        _http.Dispose();
        _stopped.Dispose();
    }

    private async Task<int> SuperviseAsync()
    {
        for (var crashes = 1; ; crashes++)
        {
            using var process = Start();
            var output = Task.WhenAll(ReadAsync(process.StandardOutput), ReadAsync(process.StandardError));
            await Task.WhenAny(WaitUntilReadyAsync(), process.WaitForExitAsync());
            await process.WaitForExitAsync();
            await output;
            lock (_lock) _process = null;
            if (process.ExitCode == 0 || crashes == MostCrashes || _stopped.IsCancellationRequested) return process.ExitCode;
        }
    }

    private Process Start()
    {
        var start = new ProcessStartInfo(_root.Executable)
        {
            WorkingDirectory = _root.Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // Nothing of this machine's environment: what it needs stands in its folder and in these settings.
        start.Environment.Clear();
        foreach (var (name, value) in _settings) start.Environment[name] = value;
        start.Environment["FUNCTIONS_CUSTOMHANDLER_PORT"] = Port.ToString(CultureInfo.InvariantCulture);

        // Not the host's, but the tests': a handler must not outlive a test run that was killed.
        start.Environment["BROKER_EXIT_ON_STDIN_EOF"] = "1";
        lock (_lock)
        {
            _process = Process.Start(start)!;
            Starts++;
            if (_stopped.IsCancellationRequested) _process.Kill();
            return _process;
        }
    }

    /// <summary>Any answer at all says that it is ready.</summary>
    private async Task WaitUntilReadyAsync()
    {
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < Patience && !_stopped.IsCancellationRequested;)
        {
            try
            {
                using var answer = await _http.GetAsync(new Uri("/", UriKind.Relative), _stopped.Token);
                _ready.TrySetResult();
                return;
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
            {
                await Task.Delay(25, CancellationToken.None);
            }
        }

        Kill();
    }

    private async Task ReadAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line) Lines.Enqueue(line);
    }

    private static int FindFreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
