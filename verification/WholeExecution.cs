using Broker.Core.Jobs;
using Broker.Core.Verification;
using Broker.Ptx;
using Broker.Ptx.Audit;
using Broker.Ptx.Verify;

namespace Broker.Verification;

/// <summary>A job that is executed again from its inputs to its results.</summary>
/// <remarks>
/// Where blocks do not act on each other each of them is audited alone, so that bits that machines leave differently are known, and two blocks
/// that write the same place are seen. Where their effects add up the grids run as they would on a worker.
/// </remarks>
internal sealed class WholeExecution : IDisposable
{
    private const int PieceBytes = 1 << 20;

    private readonly JobDocument _document;
    private readonly JobKernels _kernels;
    private readonly RunOptions _options;
    private readonly DeviceMemory _memory = new();
    private readonly Dictionary<string, DeviceBuffer> _buffers;
    private readonly Dictionary<string, SparseMask> _unspecified;

    public WholeExecution(JobDocument document, JobKernels kernels, IInputs inputs, RunOptions options)
    {
        (_document, _kernels, _options) = (document, kernels, options);
        _buffers = document.Buffers.ToDictionary(b => b.Name, b => _memory.Allocate(b.Name, b.Bytes, b.Role != BufferRole.Input));
        _unspecified = document.Buffers.ToDictionary(b => b.Name, _ => new SparseMask());
        foreach (var buffer in document.Buffers)
        {
            if (inputs.Open(buffer) is not { } content) continue;
            for (long offset = 0; offset < buffer.Bytes; offset += PieceBytes)
                content.Read(offset, _buffers[buffer.Name].Span(offset, (int)Math.Min(PieceBytes, buffer.Bytes - offset)));
        }
    }

    public long Steps { get; private set; }

    public WholeRun Run(CancellationToken cancellation)
    {
        var adds = JobClass.Of(_kernels.Module, _document).Class == KernelClass.ExactCommutative;
        foreach (var step in _document.Steps)
        {
            var kernel = _kernels.Find(step.Kernel);
            for (var repetition = 0; repetition < step.Repeat; repetition++)
            {
                var problem = adds ? RunGrid(kernel, step, cancellation) : RunBlocks(kernel, step, cancellation);
                cancellation.ThrowIfCancellationRequested();
                if (problem is not null) return new WholeRun(problem, []);
            }
        }

        return new WholeRun(null, [.. _document.Buffers.Where(buffer => buffer.IsResult).Select(Leaves)]);
    }

    public RunLeaf ReadLeaf(string buffer, long leaf)
    {
        var bytes = new byte[MerkleTree.Length(_buffers[buffer].Bytes, leaf)];
        _buffers[buffer].Read(leaf * MerkleTree.LeafBytes, bytes);
        return new RunLeaf(bytes, _unspecified[buffer].Find(leaf));
    }

    public void Dispose() => _memory.Dispose();

    private string? RunGrid(CompiledKernel kernel, StepSpec step, CancellationToken cancellation)
    {
        var outcome = kernel.Run(StepLaunch.Make(kernel.Signature, step, name => _buffers[name].Address), _memory, _options, cancellation);
        Steps += outcome.Steps;
        return outcome.Fault is { } fault && outcome.Status == LaunchStatus.Faulted
            ? $"block {fault.Block} faults at PTX line {fault.Line}, thread {fault.Thread}: {fault.Message}"
            : null;
    }

    private string? RunBlocks(CompiledKernel kernel, StepSpec step, CancellationToken cancellation)
    {
        using var audits = new AuditMemory();
        var addresses = _document.Buffers.ToDictionary(
            b => b.Name, b => audits.Allocate(LocalReexecution.BufferMark + b.Name, b.Bytes, b.Role != BufferRole.Input, new StateContent(_buffers[b.Name])).Address);
        var launch = StepLaunch.Make(kernel.Signature, step, name => addresses[name]);
        var writes = new List<BlockWrite>();
        for (long block = 0; block < step.Grid.Count; block++)
        {
            var audit = kernel.Audit(launch, audits, StepLaunch.At(step.Grid, block), tracks: false, _options, cancellation);
            if (audit.Status == AuditStatus.Cancelled) return null;
            Steps += audit.Steps;
            if (audit.Fault is { } fault) return $"block {audit.Block} faults at PTX line {fault.Line}, thread {fault.Thread}: {fault.Message}";
            if (audit.Findings is [var finding, ..]) return $"block {audit.Block}, PTX line {finding.Line}, thread {finding.Thread}: {finding.Message}";
            writes.AddRange(audit.Writes);
        }

        return Apply(writes);
    }

    /// <summary>Takes over what the blocks of a launch wrote, where no two of them wrote the same place.</summary>
    private string? Apply(List<BlockWrite> writes)
    {
        foreach (var its in writes.GroupBy(write => write.Buffer))
        {
            if (!its.Key.StartsWith(LocalReexecution.BufferMark, StringComparison.Ordinal)) throw new ReexecutionException($"the kernels keep state in the variable '{its.Key}', which cannot be checked yet");
            var (name, end) = (its.Key[LocalReexecution.BufferMark.Length..], 0L);
            foreach (var write in its.OrderBy(write => write.Start))
            {
                if (write.Start < end) return $"two blocks write byte {write.Start} of buffer '{name}'";
                end = write.Start + write.Bytes.Length;
                _buffers[name].Write(write.Start, write.Bytes.Span);
                _unspecified[name].Set(write.Start, write.Bytes.Length, write.Unspecified.Span);
            }
        }

        return null;
    }

    private Digest[] Leaves(BufferSpec result)
    {
        var leaves = new Digest[MerkleTree.Count(result.Bytes)];
        var buffer = _buffers[result.Name];
        for (var leaf = 0; leaf < leaves.Length; leaf++)
            leaves[leaf] = MerkleTree.Leaf(buffer.Span((long)leaf * MerkleTree.LeafBytes, MerkleTree.Length(result.Bytes, leaf)));
        return leaves;
    }

    private sealed class StateContent(DeviceBuffer buffer) : IBufferContent
    {
        public void Read(long offset, Span<byte> destination) => buffer.Read(offset, destination);
    }
}
