using Broker.Core.Market;

namespace Broker.Worker.Execution.Cpu;

/// <summary>Says what this machine is, as far as an offer tells it.</summary>
internal static class CpuFacts
{
    public const string Kind = "cpu";

    /// <summary>The engine runs what a device of 9.0 runs, as far as it runs it at all.</summary>
    private const int ComputeCapability = 90;

    private const string LinuxFacts = "/proc/cpuinfo";

    /// <summary>What one slot offers where nothing is said: three quarters of the memory, shared evenly, in whole MiB.</summary>
    public static long DefaultSlotMemory(long memoryBytes, int slots) => Math.Max(1L << 20, memoryBytes / 4 * 3 / slots >> 20 << 20);

    public static long MemoryBytes => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    public static DeviceFacts Read() => new(Kind, ReadName(), ComputeCapability, MemoryBytes);

    private static string ReadName()
    {
        var cores = $"{Environment.ProcessorCount} {(Environment.ProcessorCount == 1 ? "core" : "cores")}";
        return $"{FindModel() ?? "CPU engine"}, {cores}";
    }

    private static string? FindModel()
    {
        if (OperatingSystem.IsWindows()) return Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER");
        if (!File.Exists(LinuxFacts)) return null;
        var line = File.ReadLines(LinuxFacts).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal));
        var model = line?.Split(':', 2)[^1].Trim();
        return model is { Length: > 0 and <= 150 } ? model : null;
    }
}
