using System.Diagnostics;

namespace Broker.Bench.VerifyCost;

/// <summary>Measures the time of cores that this process takes from now on.</summary>
internal sealed class CoreClock : IDisposable
{
    private readonly Process _process = Process.GetCurrentProcess();
    private readonly TimeSpan _start;

    public CoreClock() => _start = _process.TotalProcessorTime;

    public double Seconds
    {
        get
        {
            _process.Refresh();
            return (_process.TotalProcessorTime - _start).TotalSeconds;
        }
    }

    public void Dispose() => _process.Dispose();
}
