using System.Diagnostics;
using Broker.Core.Jobs;
using Broker.Core.Verification;
using Broker.Ptx;
using Broker.Ptx.Audit;

namespace Broker.Verification;

/// <summary>Executes parts of a job again inside this process.</summary>
public sealed class LocalReexecution : IReexecution, IDisposable
{
    /// <summary>Goes before a buffer's name in an audit: a variable of the program may have the same name, and none begins like this.</summary>
    internal const string BufferMark = ":";

    private readonly JobDocument _document;
    private readonly LaunchList _launches;
    private readonly JobKernels _kernels;
    private readonly IInputs _inputs;
    private readonly RunOptions _options;
    private readonly AuditMemory _memory = new();
    private readonly Dictionary<string, ulong> _addresses = [];
    private WholeExecution? _whole;
    private double _cpuSeconds;
    private long _inputBytes;
    private long _steps;

    /// <param name="document">The resolved job document.</param>
    /// <param name="program">The text of its program.</param>
    /// <param name="inputs">What its buffers hold before it.</param>
    /// <param name="options">What bounds a launch.</param>
    /// <exception cref="ReexecutionException">The program cannot be executed here.</exception>
    public LocalReexecution(JobDocument document, string program, IInputs inputs, RunOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(inputs);
        (_document, _launches, _inputs, _options) = (document, new LaunchList(document), inputs, options ?? new RunOptions());
        _kernels = new JobKernels(program);
        foreach (var buffer in document.Buffers)
        {
            var (isWritable, content) = (buffer.Role != BufferRole.Input, inputs.Open(buffer));
            _addresses[buffer.Name] = _memory.Allocate(BufferMark + buffer.Name, buffer.Bytes, isWritable, content).Address;

            // What is read in place was fetched whole before, and no audit says how much of it was looked at.
            if (!isWritable && content is IMemoryContent) _inputBytes += buffer.Bytes;
        }
    }

    public ReexecutionCost Cost => new(_cpuSeconds, _inputBytes, _steps);

    public Task<IReadOnlyList<BlockRun>> RunBlocksAsync(IReadOnlyList<BlockIndex> blocks, bool tracked, CancellationToken cancellation) =>
        Task.FromResult(Measure<IReadOnlyList<BlockRun>>(() => [.. blocks.Select(block => RunBlock(block, tracked, cancellation))]));

    public Task<WholeRun> RunAllAsync(CancellationToken cancellation)
    {
        // What an earlier run left would be the inputs of this one.
        _whole?.Dispose();
        _whole = new WholeExecution(_document, _kernels, _inputs, _options);
        var run = Measure(() => _whole.Run(cancellation));
        _steps += _whole.Steps;
        return Task.FromResult(run);
    }

    public Task<RunLeaf> ReadLeafAsync(string buffer, long leaf, CancellationToken cancellation) =>
        Task.FromResult((_whole ?? throw new InvalidOperationException("nothing was run")).ReadLeaf(buffer, leaf));

    public Task<bool> ReproducesAsync(KernelFaultRecord claim, CancellationToken cancellation) => Task.FromResult(Measure(() => Reproduces(claim, cancellation)));

    public void Dispose()
    {
        _memory.Dispose();
        _whole?.Dispose();
    }

    private BlockRun RunBlock(BlockIndex index, bool tracked, CancellationToken cancellation)
    {
        var step = _launches.StepOf(index.Launch);
        var kernel = _kernels.Find(step.Kernel);
        var audit = kernel.Audit(StepLaunch.Make(kernel.Signature, step, name => _addresses[name]), _memory, StepLaunch.At(step.Grid, index.Block), tracked, _options, cancellation);
        cancellation.ThrowIfCancellationRequested();
        _steps += audit.Steps;
        _inputBytes += audit.FetchedBytes;
        return new BlockRun(index, ProblemOf(audit), [.. audit.Writes.Where(write => write.Buffer.StartsWith(BufferMark, StringComparison.Ordinal)).Select(write => write with { Buffer = write.Buffer[BufferMark.Length..] })]);
    }

    private bool Reproduces(KernelFaultRecord claim, CancellationToken cancellation)
    {
        if (claim.Block.Launch < 0 || claim.Block.Launch >= _launches.Count) return false;
        if (claim.Block.Launch > 0) throw new ReexecutionException("a fault past the first launch cannot be looked at yet");
        var step = _launches.StepOf(0);
        if (claim.Block.Block < 0 || claim.Block.Block >= step.Grid.Count || claim.Thread < 0 || claim.Thread >= step.Block.Count) return false;
        if (!Enum.TryParse<FaultKind>(claim.Kind, ignoreCase: true, out var kind)) return false;
        var kernel = _kernels.Find(step.Kernel);
        var claimed = new FaultClaim(StepLaunch.At(step.Grid, claim.Block.Block), StepLaunch.At(step.Block, claim.Thread), claim.Line, kind);
        return kernel.Reproduces(claimed, StepLaunch.Make(kernel.Signature, step, name => _addresses[name]), _memory, _options, cancellation);
    }

    private static string? ProblemOf(BlockAudit audit) => audit switch
    {
        { Fault: { } fault } => $"block {audit.Block} faults at PTX line {fault.Line}, thread {fault.Thread}: {fault.Message}",
        { Findings: [var finding, ..] } => $"block {audit.Block}, PTX line {finding.Line}, thread {finding.Thread}: {finding.Message}",
        _ => null,
    };

    private T Measure<T>(Func<T> work)
    {
        using var process = Process.GetCurrentProcess();
        var before = process.TotalProcessorTime;
        try
        {
            return work();
        }
        finally
        {
            process.Refresh();
            _cpuSeconds += (process.TotalProcessorTime - before).TotalSeconds;
        }
    }
}
