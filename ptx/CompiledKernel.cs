using Broker.Ptx.Audit;
using Broker.Ptx.Emit;
using Broker.Ptx.Running;

namespace Broker.Ptx;

/// <summary>Is a kernel ready to run on the CPU.</summary>
public sealed class CompiledKernel
{
    private readonly Module _module;
    private readonly KernelCodeCache _code;
    private readonly Lazy<BlockAuditor> _auditor;

    private CompiledKernel(Module module, KernelPlan plan, KernelSignature signature)
    {
        (_module, _code, Signature) = (module, new KernelCodeCache(plan), signature);
        _auditor = new Lazy<BlockAuditor>(() => new BlockAuditor(module, plan));
    }

    public KernelSignature Signature { get; }

    /// <summary>Compiles an entry of a module.</summary>
    /// <exception cref="PtxException">The module has what <see cref="Module.CheckSupported"/> lists.</exception>
    public static CompiledKernel Compile(Module module, string entry)
    {
        ArgumentNullException.ThrowIfNull(module);
        var plan = module.PlanOf(entry);
        return new CompiledKernel(module, plan, module.Kernels.First(k => k.Name == entry));
    }

    /// <summary>Runs a whole grid, its blocks spread over threads of this machine.</summary>
    /// <returns>How it ended. Of several faults the one in the first block is reported, whatever the number of threads.</returns>
    /// <exception cref="ArgumentException">The launch does not fit the kernel; <see cref="CheckLaunch"/> says why beforehand.</exception>
    public LaunchOutcome Run(KernelLaunch launch, DeviceMemory memory, RunOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(launch);
        ArgumentNullException.ThrowIfNull(memory);
        ArgumentNullException.ThrowIfNull(options);
        if (CheckLaunch(launch) is { } refusal) throw new ArgumentException(refusal, nameof(launch));
        var space = memory.BeginRun(_module);
        try
        {
            var code = _code.Find(launch, options.Lanes);
            return new GridRunner(new LaunchContext(code.Plan, launch, space, options, cancellation), code.ByEntry).Run();
        }
        finally
        {
            memory.EndRun();
        }
    }

    /// <summary>Runs one block of a launch alone, and gives what it writes.</summary>
    /// <param name="memory">The buffers as they are before the launch; the block changes nothing in them for others.</param>
    /// <param name="tracks">Whether races, uninitialised reads and divisions by zero are looked for, which takes much longer.</param>
    /// <exception cref="ArgumentException">The launch does not fit the kernel, or has no such block.</exception>
    public BlockAudit Audit(KernelLaunch launch, AuditMemory memory, Dim3 block, bool tracks, RunOptions options, CancellationToken cancellation) =>
        Audit(launch, memory, block, new AuditRequest(tracks, null, options, cancellation));

    /// <summary>Says whether a thread does what a claim says of it: the block runs alone, and faults of its other threads end these alone.</summary>
    /// <exception cref="ArgumentException">The launch does not fit the kernel, or has no such block or thread.</exception>
    public bool Reproduces(FaultClaim claim, KernelLaunch launch, AuditMemory memory, RunOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(claim);
        ArgumentNullException.ThrowIfNull(launch);
        if (!IsWithin(claim.Thread, launch.Block)) throw new ArgumentException($"the block has no thread {claim.Thread}", nameof(claim));
        var thread = claim.Thread.X + launch.Block.X * (claim.Thread.Y + launch.Block.Y * claim.Thread.Z);
        var audit = Audit(launch, memory, claim.Block, new AuditRequest(true, (int)thread, options, cancellation));
        return audit.Fault is { } fault && fault.Thread == claim.Thread && fault.Line == claim.Line && fault.Kind == claim.Kind;
    }

    private BlockAudit Audit(KernelLaunch launch, AuditMemory memory, Dim3 block, AuditRequest request)
    {
        ArgumentNullException.ThrowIfNull(launch);
        ArgumentNullException.ThrowIfNull(memory);
        ArgumentNullException.ThrowIfNull(request.Options);
        if (CheckLaunch(launch) is { } refusal) throw new ArgumentException(refusal, nameof(launch));
        if (!IsWithin(block, launch.Grid)) throw new ArgumentException($"the grid has no block {block}", nameof(block));
        return _auditor.Value.Run(launch, memory, block, request);
    }

    private static bool IsWithin(Dim3 position, Dim3 extent) => position.X < extent.X && position.Y < extent.Y && position.Z < extent.Z;

    /// <summary>Gives how many threads run side by side in a launch: 1 where they run one after the other.</summary>
    public int LanesOf(KernelLaunch launch, RunOptions options) => _code.Find(launch, options.Lanes).Lanes;

    /// <summary>Says why a launch does not fit this kernel, or null where it does.</summary>
    public string? CheckLaunch(KernelLaunch launch)
    {
        ArgumentNullException.ThrowIfNull(launch);
        return LaunchLimits.Check(Signature, launch);
    }
}
