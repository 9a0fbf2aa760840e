using Broker.Ptx.Passes;

namespace Broker.Ptx;

/// <summary>Holds a launch against what its kernel and any GPU allow.</summary>
internal static class LaunchLimits
{
    private const int MaxThreadsPerBlock = 1024;
    private const ulong MaxGridX = int.MaxValue;
    private const uint MaxGridYZ = 65535;

    /// <summary>Says why a launch does not fit a kernel, or null where it does.</summary>
    public static string? Check(KernelSignature kernel, KernelLaunch launch)
    {
        if (launch.Block.Count is 0 or > MaxThreadsPerBlock || launch.Block is { X: > 1024 } or { Y: > 1024 } or { Z: > 64 })
            return $"a block of {launch.Block} threads is not between 1 and {MaxThreadsPerBlock}";
        if (launch.Grid.Count == 0 || launch.Grid.X > MaxGridX || launch.Grid.Y > MaxGridYZ || launch.Grid.Z > MaxGridYZ)
            return $"a grid of {launch.Grid} blocks is empty or too large";
        if (kernel.RequiredThreads is { } required && required != launch.Block)
            return $"the kernel requires blocks of {required} threads, not {launch.Block}";
        if (kernel.MaxThreads is { } most && launch.Block.Count > most.Count)
            return $"the kernel allows {most.Count} threads in a block, not {launch.Block.Count}";
        if (launch.Parameters.Length != kernel.PackedBytes)
            return $"the parameters take {kernel.PackedBytes} bytes, not {launch.Parameters.Length}";
        return launch.DynamicSharedBytes < 0 || launch.DynamicSharedBytes > LayOutMemory.MaxSharedBytes - kernel.StaticSharedBytes
            ? $"{launch.DynamicSharedBytes} bytes of dynamic shared memory are not between 0 and {LayOutMemory.MaxSharedBytes - kernel.StaticSharedBytes}"
            : null;
    }
}
