using System.Diagnostics;
using System.Globalization;

namespace Broker.Worker.Reexecution;

/// <summary>What a process that executes again may take.</summary>
/// <param name="MemoryBytes">Of memory.</param>
/// <param name="Cpu">Of a core: the job's own budget for its verification.</param>
internal sealed record ReexecutionLimits(long MemoryBytes, TimeSpan Cpu)
{
    /// <summary>Waiting is bounded too, more loosely: a machine that swaps is slow without computing.</summary>
    private TimeSpan Waiting => (4 * Cpu) + TimeSpan.FromMinutes(1);

    public string TooMuchMemory => $"the check took more than {MemoryBytes} bytes of memory";

    /// <summary>Says what a process has taken too much of; null for nothing.</summary>
    /// <param name="process">The process.</param>
    /// <param name="cpu">The time of a core that it has taken.</param>
    /// <param name="waited">How long it was waited for.</param>
    public string? FindExcess(Process process, TimeSpan cpu, TimeSpan waited)
    {
        if (cpu > Cpu) return $"the check took more than the {Seconds(Cpu)} cpu-seconds of verification.budget";

        // What Windows counts as the working set shrinks when memory is short, and elsewhere private memory includes what was never touched.
        if ((OperatingSystem.IsWindows() ? process.PrivateMemorySize64 : process.WorkingSet64) > MemoryBytes) return TooMuchMemory;
        return waited > Waiting ? $"the check took longer than {Seconds(Waiting)} seconds" : null;
    }

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString(CultureInfo.InvariantCulture);
}
