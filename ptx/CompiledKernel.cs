using Broker.Ptx.Emit;
using Broker.Ptx.Running;

namespace Broker.Ptx;

/// <summary>Is a kernel ready to run on the CPU.</summary>
public sealed class CompiledKernel
{
    private readonly Module _module;
    private readonly KernelPlan _plan;
    private readonly IReadOnlyList<RegionCode> _codeByEntry;

    private CompiledKernel(Module module, KernelPlan plan, KernelSignature signature)
    {
        (_module, _plan, Signature) = (module, plan, signature);
        var code = new RegionCode[plan.Regions.Starts.Count];
        foreach (var region in plan.Regions.Regions)
        {
            var emitted = RegionEmitter.Run(plan, region);
            foreach (var entry in region.Entries) code[entry] = emitted;
        }

        _codeByEntry = code;
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
            return new GridRunner(new LaunchContext(_plan, launch, space, options, cancellation), _codeByEntry).Run();
        }
        finally
        {
            memory.EndRun();
        }
    }

    /// <summary>Says why a launch does not fit this kernel, or null where it does.</summary>
    public string? CheckLaunch(KernelLaunch launch)
    {
        ArgumentNullException.ThrowIfNull(launch);
        return LaunchLimits.Check(Signature, launch);
    }
}
