using Broker.Core.Documents;
using Broker.Core.Jobs;
using Broker.Core.Verification;
using Broker.Ptx;
using Broker.Verification;

namespace Broker.Worker.Execution.Cpu;

/// <summary>A job in this machine's memory.</summary>
internal sealed class CpuExecution : IExecution
{
    private readonly JobDocument _document;
    private readonly IReadOnlyDictionary<string, CompiledKernel> _kernels;
    private readonly int _threads;
    private readonly DeviceMemory _memory = new();
    private readonly Dictionary<string, DeviceBuffer> _buffers;

    public CpuExecution(JobDocument document, IReadOnlyDictionary<string, CompiledKernel> kernels, int threads)
    {
        _document = document;
        _kernels = kernels;
        _threads = threads;

        // In the document's order, so that a buffer has the same address in every run: a kernel may show it.
        _buffers = document.Buffers.ToDictionary(
            buffer => buffer.Name, buffer => _memory.Allocate(buffer.Name, buffer.Bytes, writable: buffer.Role != BufferRole.Input));
    }

    public void Write(string buffer, long offset, ReadOnlySpan<byte> bytes) => _buffers[buffer].Write(offset, bytes);

    public void Read(string buffer, long offset, Span<byte> destination) => _buffers[buffer].Read(offset, destination);

    public ExecutionResult Run(Action<ExecutionProgress> progress, Action<string> printed, CancellationToken cancellation)
    {
        long instructions = 0;
        long blocksBefore = 0;
        var launches = 0;
        for (var index = 0; index < _document.Steps.Length; index++)
        {
            var step = _document.Steps[index];
            var launch = Launch(step);
            progress(new ExecutionProgress(index, blocksBefore));
            for (var repetition = 0; repetition < step.Repeat; repetition++, launches++)
            {
                var (number, before) = (index, blocksBefore);
                var options = new RunOptions
                {
                    MaxThreads = _threads,

                    // The job's own timeout bounds it: a block that takes minutes is slow, not wrong.
                    StepBudgetPerBlock = long.MaxValue,
                    BlocksDone = done => progress(new ExecutionProgress(number, before + done)),
                    Printed = printed,
                };
                var outcome = _kernels[step.Kernel].Run(launch, _memory, options, cancellation);
                instructions += outcome.Steps;
                if (outcome.Status != LaunchStatus.Completed) return Ended(outcome, index, launches, instructions);
                blocksBefore += step.Grid.Count;
            }
        }

        return new ExecutionResult(ExecutionStatus.Completed, instructions);
    }

    public void Dispose() => _memory.Dispose();

    private KernelLaunch Launch(StepSpec step)
    {
        var kernel = _kernels[step.Kernel];
        try
        {
            var launch = StepLaunch.Make(kernel.Signature, step, name => _buffers[name].Address);
            return kernel.CheckLaunch(launch) is { } refusal ? throw new ExecutorException($"kernel '{step.Kernel}': {refusal}") : launch;
        }
        catch (ArgumentException e)
        {
            throw new ExecutorException(e.Message, e);
        }
    }

    private ExecutionResult Ended(LaunchOutcome outcome, int step, int launches, long instructions)
    {
        var (kernel, grid, block) = (_document.Steps[step].Kernel, _document.Steps[step].Grid, _document.Steps[step].Block);
        if (outcome.Status == LaunchStatus.Cancelled)
        {
            var where = outcome.Fault is { } stood ? $"kernel '{kernel}', step {step}, {Describe(stood)}" : null;
            return new ExecutionResult(ExecutionStatus.Cancelled, instructions, Where: where);
        }

        var fault = outcome.Fault!;
        var message = $"kernel '{kernel}', step {step}, {Describe(fault)}: {fault.Message}";
        var record = new KernelFaultRecord(
            BrokerJson.Word(fault.Kind), fault.Line, message, new BlockIndex(launches, PlaceOf(fault.Block, grid)), (int)PlaceOf(fault.Thread, block));
        return new ExecutionResult(ExecutionStatus.Faulted, instructions, record);
    }

    private static string Describe(KernelFault fault) => $"block {fault.Block}, thread {fault.Thread}, PTX line {fault.Line}";

    private static long PlaceOf(Dim3 index, Dimensions size) => index.X + (size.X * (index.Y + (size.Y * index.Z)));
}
