using System.Diagnostics;

namespace Broker.Tests;

/// <summary>Ctrl-C, as a process that a test has started gets it.</summary>
internal static class Interrupt
{
    /// <summary>Skips the test where no process can be interrupted.</summary>
    public static void Require()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the signal is sent by a program of Linux");
        var ignored = File.ReadLines("/proc/self/status").First(line => line.StartsWith("SigIgn:", StringComparison.Ordinal));
        Assert.SkipWhen((Convert.ToUInt64(ignored.Split('\t')[1], 16) & 0b10) != 0, "what was started in the background ignores Ctrl-C, and so does all that it starts");
    }

    public static async Task SendAsync(Process process)
    {
        using var kill = Process.Start("kill", ["-INT", $"{process.Id}"]);
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, kill.ExitCode);
    }
}
