using Broker.Ptx.Emit;
using Broker.Ptx.Passes;
using Broker.Ptx.Running;

namespace Broker.Ptx;

/// <summary>Is a kernel ready to run on the CPU.</summary>
public sealed class CompiledKernel
{
    private const int MaxThreadsPerBlock = 1024;
    private const ulong MaxGridX = int.MaxValue;
    private const uint MaxGridYZ = 65535;

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
        if (launch.Block.Count is 0 or > MaxThreadsPerBlock || launch.Block is { X: > 1024 } or { Y: > 1024 } or { Z: > 64 })
            return $"a block of {launch.Block} threads is not between 1 and {MaxThreadsPerBlock}";
        if (launch.Grid.Count == 0 || launch.Grid.X > MaxGridX || launch.Grid.Y > MaxGridYZ || launch.Grid.Z > MaxGridYZ)
            return $"a grid of {launch.Grid} blocks is empty or too large";
        if (Signature.RequiredThreads is { } required && required != launch.Block)
            return $"the kernel requires blocks of {required} threads, not {launch.Block}";
        if (Signature.MaxThreads is { } most && launch.Block.Count > most.Count)
            return $"the kernel allows {most.Count} threads in a block, not {launch.Block.Count}";
        if (launch.Parameters.Length != Signature.PackedBytes)
            return $"the parameters take {Signature.PackedBytes} bytes, not {launch.Parameters.Length}";
        return launch.DynamicSharedBytes < 0 || launch.DynamicSharedBytes > LayOutMemory.MaxSharedBytes - Signature.StaticSharedBytes
            ? $"{launch.DynamicSharedBytes} bytes of dynamic shared memory are not between 0 and {LayOutMemory.MaxSharedBytes - Signature.StaticSharedBytes}"
            : null;
    }
}
