using Broker.Ptx;

namespace Broker.Bench.Kernels;

/// <summary>Runs a case on the PTX engine, on one core.</summary>
internal sealed class EngineRun : Contender
{
    private readonly RunOptions _oneCore;
    private readonly DeviceMemory _memory = new();
    private readonly Dictionary<BufferData, DeviceBuffer> _buffers = [];
    private readonly List<(CompiledKernel Kernel, KernelLaunch Launch)> _launches;

    // Without a number of lanes the engine chooses.
    public EngineRun(KernelCase kernel, Func<string, CompiledKernel> compile, int? lanes = null)
        : base(kernel)
    {
        _oneCore = new RunOptions { MaxThreads = 1, StepBudgetPerBlock = long.MaxValue, Lanes = lanes };
        foreach (var buffer in kernel.Buffers)
        {
            _buffers[buffer] = _memory.Allocate(buffer.Name, buffer.Content.Length, buffer.Written);
            buffer.Content.CopyTo(Memory(buffer));
        }

        var compiled = kernel.FirstOfEachEntry.ToDictionary(step => step.Entry, step => compile(step.Entry));
        _launches = [.. kernel.Steps.Select(step => (compiled[step.Entry], Launch(step.Block, step.Grid, step.Arguments)))];
    }

    /// <summary>Runs one short block of each entry of a program.</summary>
    public void Touch(Func<string, CompiledKernel> compile)
    {
        foreach (var step in Case.FirstOfEachEntry) Run(compile(step.Entry), Launch(step.Block, KernelStep.Size(1), step.ShortArguments));
    }

    public override Span<byte> Memory(BufferData buffer) => _buffers[buffer].Span(0, buffer.Content.Length);

    protected override void Run()
    {
        foreach (var (kernel, launch) in _launches) Run(kernel, launch);
    }

    protected override void Dispose(bool disposing) => _memory.Dispose();

    private void Run(CompiledKernel kernel, KernelLaunch launch)
    {
        var outcome = kernel.Run(launch, _memory, _oneCore, CancellationToken.None);
        if (outcome.Status != LaunchStatus.Completed) throw new InvalidOperationException($"{Case.Name} ended as {outcome.Status}: {outcome.Fault}");
    }

    private KernelLaunch Launch(Dim3 block, Dim3 grid, IReadOnlyList<object> arguments) =>
        new(grid, block, 0, PackedArguments.Pack(arguments, buffer => _buffers[buffer].Address));
}
