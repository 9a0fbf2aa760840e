using System.ComponentModel;
using System.Diagnostics;

namespace Broker.Cli.Stack;

/// <summary>A process of the stack: its lines are read, its last ones kept, and it ends when this process ends.</summary>
/// <remarks>
/// Its stdin is a pipe that this process holds. Every part of the stack ends when that pipe closes, so closing it stops a part cleanly on
/// every system, and the system closes it for a parent that was killed.
/// </remarks>
internal sealed class ChildProcess : IAsyncDisposable
{
    private const int LinesKept = 40;
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private readonly string _what;
    private readonly Process _process;
    private readonly Func<string, bool> _isReady;
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Queue<string> _lastLines = new();
    private readonly Task _output;

    private ChildProcess(string what, Process process, Func<string, bool> isReady)
    {
        _what = what;
        _process = process;
        _isReady = isReady;
        _output = Task.WhenAll(ReadAsync(process.StandardOutput), ReadAsync(process.StandardError));
    }

    public int ProcessId => _process.Id;

    /// <summary>The last lines that it wrote, for an error message.</summary>
    public string LastLines
    {
        get
        {
            lock (_lastLines) return string.Join(Environment.NewLine, _lastLines.Select(line => "  " + line));
        }
    }

    /// <summary>Starts a process and waits for the line that says that it is ready.</summary>
    /// <param name="what">What it is, for an error message: "the storage emulator".</param>
    /// <param name="command">What to start.</param>
    /// <param name="isReady">Is shown every line, in order, and says which one is the last to wait for.</param>
    /// <param name="patience">How long that line may take.</param>
    /// <param name="cancellation">Ends the wait, and the process.</param>
    /// <exception cref="CommandException">It ended first, or took too long.</exception>
    public static async Task<ChildProcess> StartAsync(
        string what, ProcessStartInfo command, Func<string, bool> isReady, TimeSpan patience, CancellationToken cancellation)
    {
        var child = new ChildProcess(what, Start(what, command), isReady);
        try
        {
            var ended = child._process.WaitForExitAsync(cancellation);
            var first = await Task.WhenAny(child._ready.Task, ended).WaitAsync(patience, cancellation);
            if (first == ended) await child.ThrowEndedAsync();
            return child;
        }
        catch (TimeoutException e)
        {
            await child.DisposeAsync();
            throw new CommandException(
                ExitCode.Environment, $"{what} was not ready after {patience.TotalSeconds:0} s. It said:\n{child.LastLines}", e);
        }
        catch
        {
            await child.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until it ends by itself, which no part of the stack does.</summary>
    /// <exception cref="CommandException">It has, and this is what it said.</exception>
    public async Task ThrowWhenEndedAsync(CancellationToken cancellation)
    {
        await _process.WaitForExitAsync(cancellation);

        // Ctrl-C reaches every process of the terminal at once: a part may be faster than the word of it is here.
        await Task.Delay(TimeSpan.FromMilliseconds(300), cancellation);
        throw new CommandException(ExitCode.Environment, $"{_what} ended by itself with exit code {_process.ExitCode}. It said:\n{LastLines}");
    }

    /// <summary>Ends it at once, as a crash would, and waits until it is gone.</summary>
    public async Task KillAsync()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself.
        }

        await _process.WaitForExitAsync();
    }

    /// <summary>Asks it to end, and ends it where it does not.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has ended by itself, with what it had not read.
        }

        using var grace = new CancellationTokenSource(Grace);
        try
        {
            await _process.WaitForExitAsync(grace.Token);
        }
        catch (OperationCanceledException)
        {
            await KillAsync();
        }

        await _output;
        _process.Dispose();
    }

    private static Process Start(string what, ProcessStartInfo command)
    {
        command.RedirectStandardInput = command.RedirectStandardOutput = command.RedirectStandardError = true;
        command.Environment["BROKER_EXIT_ON_STDIN_EOF"] = "1";
        try
        {
            return Process.Start(command)!;
        }
        catch (Win32Exception e)
        {
            throw new CommandException(ExitCode.Environment, $"{what} cannot be started: {command.FileName}: {e.Message}", e);
        }
    }

    private async Task ThrowEndedAsync()
    {
        await _output;
        throw new CommandException(
            ExitCode.Environment, $"{_what} ended with exit code {_process.ExitCode} before it was ready. It said:\n{LastLines}");
    }

    private async Task ReadAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (_lastLines)
            {
                _lastLines.Enqueue(line);
                if (_lastLines.Count > LinesKept) _lastLines.Dequeue();
                if (!_ready.Task.IsCompleted && _isReady(line)) _ready.TrySetResult();
            }
        }
    }
}
