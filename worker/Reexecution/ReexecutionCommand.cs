using System.Collections;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Broker.Worker.Reexecution;

/// <summary>How this program starts itself as a process that executes again.</summary>
internal static class ReexecutionCommand
{
    /// <summary>What a .NET program needs of its environment, on one system or another.</summary>
    private static readonly string[] Needed = ["PATH", "LD_LIBRARY_PATH", "TMPDIR", "TMP", "TEMP", "SystemRoot", "windir", "SystemDrive"];

    /// <summary>Makes the command, with streams to speak over and an environment in which no secret is left.</summary>
    public static ProcessStartInfo Make(long memoryBytes)
    {
        var command = Find();
        command.RedirectStandardInput = command.RedirectStandardOutput = command.RedirectStandardError = true;
        command.StandardInputEncoding = command.StandardOutputEncoding = command.StandardErrorEncoding = new UTF8Encoding(false);
        command.Environment.Clear();
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            if (IsNeeded((string)variable.Key)) command.Environment[(string)variable.Key] = (string?)variable.Value;
        }

        command.Environment["DOTNET_GCHeapHardLimit"] = "0x" + memoryBytes.ToString("x", CultureInfo.InvariantCulture);
        command.Environment["DOTNET_gcServer"] = "0";

        // Else it listens on a socket in the folder for temporary files, and leaves it there when it is killed.
        command.Environment["DOTNET_EnableDiagnostics"] = "0";
        return command;
    }

    private static bool IsNeeded(string name) =>
        name.StartsWith("DOTNET_", StringComparison.OrdinalIgnoreCase) || Needed.Contains(name, StringComparer.OrdinalIgnoreCase);

    /// <summary>The .NET that runs this program runs it once more; a program that brings its own is started as it is.</summary>
    private static ProcessStartInfo Find()
    {
        var host = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));
        var program = Path.Combine(AppContext.BaseDirectory, typeof(ReexecutionCommand).Assembly.GetName().Name + ".dll");
        return File.Exists(host) && File.Exists(program)
            ? new ProcessStartInfo(host, [program, ReexecutionHost.Argument])
            : new ProcessStartInfo(Environment.ProcessPath!, [ReexecutionHost.Argument]);
    }
}
