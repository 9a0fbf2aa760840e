using Broker.Ptx.Emit;

namespace Broker.Ptx.Running;

/// <summary>Is what all blocks of a launch share.</summary>
internal sealed class LaunchContext(KernelPlan plan, KernelLaunch launch, AddressSpace memory, RunOptions options, CancellationToken cancellation)
{
    private long _firstFault = long.MaxValue;

    public KernelPlan Plan => plan;

    public KernelLaunch Launch => launch;

    public AddressSpace Memory => memory;

    public RunOptions Options => options;

    public bool IsCancelled => cancellation.IsCancellationRequested;

    /// <summary>Says whether a block has nothing to add: the launch is cancelled, or a block before it has faulted.</summary>
    /// <remarks>Blocks before a fault run on: one of them may fault too, and the first is the one that is reported.</remarks>
    public bool Stops(ulong block) => IsCancelled || block > (ulong)Volatile.Read(ref _firstFault);

    public void NoteFault(ulong block)
    {
        var known = Volatile.Read(ref _firstFault);
        while ((long)block < known)
        {
            var seen = Interlocked.CompareExchange(ref _firstFault, (long)block, known);
            if (seen == known) return;
            known = seen;
        }
    }
}
