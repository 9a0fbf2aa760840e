using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using Broker.Core.Documents;
using Broker.Core.Jobs;
using Broker.Core.Verification;
using Broker.Verification;

namespace Broker.Worker.Reexecution;

/// <summary>Executes parts of a job again in a process of its own, which may crash, and is ended when it takes too much.</summary>
internal sealed class ReexecutionProcess : IReexecution, IAsyncDisposable
{
    private const int ReasonLength = 300;
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(100);

    private readonly Process _process;
    private readonly ReexecutionLimits _limits;
    private readonly TimeSpan _before;
    private readonly Task<string?> _errors;
    private readonly Stopwatch _waited = new();
    private long _lastLook = Stopwatch.GetTimestamp();
    private string? _excess;

    private ReexecutionProcess(Process process, ReexecutionLimits limits)
    {
        (_process, _limits, _before) = (process, limits, CpuOf(process));
        _errors = ReadErrorsAsync(process.StandardError);
    }

    public ReexecutionCost Cost { get; private set; }

    public int ProcessId => _process.Id;

    /// <param name="started">A process that waits for its order.</param>
    /// <param name="order">What it is about.</param>
    /// <param name="limits">What it may take from now on.</param>
    public static async Task<ReexecutionProcess> StartAsync(Process started, ReexecutionOrder order, ReexecutionLimits limits)
    {
        var process = new ReexecutionProcess(started, limits);
        try
        {
            await process.WriteAsync(order);
        }
        catch (IOException)
        {
            // It has ended already: the first question is told why.
        }

        return process;
    }

    /// <remarks>One by one: what one block writes has to fit into an answer, what all of them write need not.</remarks>
    public async Task<IReadOnlyList<BlockRun>> RunBlocksAsync(IReadOnlyList<BlockIndex> blocks, bool tracked, CancellationToken cancellation)
    {
        var runs = new List<BlockRun>(blocks.Count);
        foreach (var block in blocks) runs.Add((await AskAsync(new ReexecutionRequest { Block = block, Tracked = tracked }, cancellation)).Block!);
        return runs;
    }

    public async Task<WholeRun> RunAllAsync(CancellationToken cancellation) =>
        (await AskAsync(new ReexecutionRequest { Whole = true }, cancellation)).Whole!;

    public async Task<RunLeaf> ReadLeafAsync(string buffer, long leaf, CancellationToken cancellation) =>
        (await AskAsync(new ReexecutionRequest { Leaf = new LeafPlace(buffer, leaf) }, cancellation)).Leaf!;

    public async Task<bool> ReproducesAsync(KernelFaultRecord claim, CancellationToken cancellation) =>
        (await AskAsync(new ReexecutionRequest { Claim = claim }, cancellation)).Reproduced!.Value;

    public async ValueTask DisposeAsync()
    {
        Kill();
        await _process.WaitForExitAsync();
        await _errors;
        _process.Dispose();
    }

    private async Task<ReexecutionAnswer> AskAsync(ReexecutionRequest request, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        _waited.Start();
        try
        {
            var answering = ExchangeAsync(request);
            while (await Task.WhenAny(answering, Task.Delay(BetweenLooks, cancellation)) != answering)
            {
                cancellation.ThrowIfCancellationRequested();
                Look();
            }

            var answer = await answering ?? throw await EndedAsync();
            Cost = answer.Cost;
            if (Stopwatch.GetElapsedTime(_lastLook) > BetweenLooks) Look();
            return answer.Refusal is null ? answer : throw new ReexecutionException(answer.Refusal);
        }
        finally
        {
            _waited.Stop();
        }
    }

    /// <returns>Null where the process has ended.</returns>
    private async Task<ReexecutionAnswer?> ExchangeAsync(ReexecutionRequest request)
    {
        try
        {
            await WriteAsync(request);
            return await _process.StandardOutput.ReadLineAsync() is { } line ? JsonSerializer.Deserialize<ReexecutionAnswer>(line, BrokerJson.Options) : null;
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            // A pipe without another end, or a line that was broken off.
            return null;
        }
    }

    private async Task WriteAsync<T>(T message)
    {
        await _process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(message, BrokerJson.Options));
        await _process.StandardInput.FlushAsync();
    }

    private void Look()
    {
        _lastLook = Stopwatch.GetTimestamp();
        try
        {
            _process.Refresh();
            var cpu = _process.TotalProcessorTime - _before;
            _excess ??= _limits.FindExcess(_process, cpu, _waited.Elapsed);
            if (_excess is null) return;
            Cost = Cost with { CpuSeconds = Math.Max(Cost.CpuSeconds, cpu.TotalSeconds) };
        }
        catch (Exception e) when (IsGone(e))
        {
            // It has ended: whoever waits for its answer finds that out.
            return;
        }

        Kill();
        throw new ReexecutionException(_excess);
    }

    private async Task<ReexecutionException> EndedAsync()
    {
        if (_excess is not null) return new ReexecutionException(_excess);
        Kill();
        await _process.WaitForExitAsync();
        if (_process.ExitCode == ReexecutionHost.OutOfMemory) return new ReexecutionException(_limits.TooMuchMemory);
        return new ReexecutionException($"the process that executes blocks again ended unexpectedly: {await _errors ?? $"its exit code is {_process.ExitCode}"}");
    }

    /// <summary>What it has taken to start is not the job's affair.</summary>
    private static TimeSpan CpuOf(Process process)
    {
        try
        {
            return process.TotalProcessorTime;
        }
        catch (InvalidOperationException)
        {
            return TimeSpan.Zero;
        }
    }

    private void Kill()
    {
        try
        {
            _process.Kill();
        }
        catch (Exception e) when (IsGone(e))
        {
            // It has ended by itself.
        }
    }

    /// <summary>What is told of a process that has ended depends on the system, and on how long ago.</summary>
    private static bool IsGone(Exception e) => e is InvalidOperationException or Win32Exception;

    /// <summary>Reads all that it complains about, and keeps the first line.</summary>
    private static async Task<string?> ReadErrorsAsync(StreamReader errors)
    {
        string? first = null;
        while (await errors.ReadLineAsync() is { } line)
        {
            if (first is null && line.Trim() is { Length: > 0 } said) first = said[..Math.Min(said.Length, ReasonLength)];
        }

        return first;
    }
}
