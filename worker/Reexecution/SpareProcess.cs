using System.Diagnostics;

namespace Broker.Worker.Reexecution;

/// <summary>Keeps a process ready for the next check: to start one and to compile the engine in it takes longer than many a check.</summary>
/// <param name="memoryBytes">What executing again may take.</param>
/// <remarks>For one caller at a time.</remarks>
internal sealed class SpareProcess(long memoryBytes) : IDisposable
{
    private Process? _ready = Start(memoryBytes);

    /// <summary>Gives a process that has executed nothing yet, and starts the one after it.</summary>
    public Process Take()
    {
        var taken = _ready;
        if (taken?.HasExited != false)
        {
            taken?.Dispose();
            taken = Start(memoryBytes);
        }

        _ready = Start(memoryBytes);
        return taken;
    }

    public void Dispose()
    {
        // It ends with its input.
        _ready?.StandardInput.Dispose();
        _ready?.Dispose();
        _ready = null;
    }

    private static Process Start(long memoryBytes) => Process.Start(ReexecutionCommand.Make(memoryBytes))!;
}
