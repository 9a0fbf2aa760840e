using Broker.Ptx.Emit;
using Broker.Ptx.Running;

namespace Broker.Ptx;

/// <summary>Is a kernel ready to run on the CPU.</summary>
public sealed class CompiledKernel
{
    private readonly Module _module;
    private readonly KernelCodeCache _code;

    private CompiledKernel(Module module, KernelPlan plan, KernelSignature signature) =>
        (_module, _code, Signature) = (module, new KernelCodeCache(plan), signature);

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

    /// <summary>Gives how many threads run side by side in a launch: 1 where they run one after the other.</summary>
    public int LanesOf(KernelLaunch launch, RunOptions options) => _code.Find(launch, options.Lanes).Lanes;

    /// <summary>Says why a launch does not fit this kernel, or null where it does.</summary>
    public string? CheckLaunch(KernelLaunch launch)
    {
        ArgumentNullException.ThrowIfNull(launch);
        return LaunchLimits.Check(Signature, launch);
    }
}
