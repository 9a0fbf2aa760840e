using Broker.Ptx.Audit;
using Broker.Ptx.Emit;

namespace Broker.Ptx.Running;

/// <summary>Is what all blocks of a launch share.</summary>
internal sealed class LaunchContext(KernelPlan plan, KernelLaunch launch, AddressSpace memory, RunOptions options, CancellationToken cancellation)
{
    private readonly List<BlockState> _blocks = [];
    private readonly Lock _lock = new();
    private long _firstFault = long.MaxValue;

    public KernelPlan Plan => plan;

    public KernelLaunch Launch => launch;

    public AddressSpace Memory => memory;

    public RunOptions Options => options;

    /// <summary>Gets the memory of an audit, or null in a run.</summary>
    public AuditArena? Arena { get; init; }

    public CancellationToken Cancellation => cancellation;

    /// <summary>Says whether a block has nothing to add: the launch is cancelled, or a block before it has faulted.</summary>
    /// <remarks>Blocks before a fault run on: one of them may fault too, and the first is the one that is reported.</remarks>
    public bool Stops(ulong block) => cancellation.IsCancellationRequested || block > (ulong)Volatile.Read(ref _firstFault);

    public void Watch(BlockState block)
    {
        lock (_lock) _blocks.Add(block);
    }

    public void NoteFault(ulong block)
    {
        lock (_lock) Volatile.Write(ref _firstFault, Math.Min(_firstFault, (long)block));
        StopUnwanted();
    }

    public void StopUnwanted()
    {
        Interlocked.MemoryBarrier();
        lock (_lock)
        {
            foreach (var block in _blocks) block.StopIfUnwanted();
        }
    }
}
