using System.Runtime.InteropServices;

namespace Broker.Worker;

/// <summary>Turns the ways in which a system asks a program to stop into a drain, and a second asking into an end at once.</summary>
internal sealed class StopSignals : IDisposable
{
    /// <summary>What a shell shows for a program that Ctrl-C ended.</summary>
    private const int Interrupted = 130;

    private static readonly TimeSpan InputGrace = TimeSpan.FromSeconds(5);

    private readonly DrainSignal _drain;
    private readonly PosixSignalRegistration[] _registrations;

    public StopSignals(DrainSignal drain)
    {
        _drain = drain;

        // The runtime gives these on every system: on Windows Ctrl-C, Ctrl-Break and the end of the session stand for them.
        _registrations = [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGQUIT, PosixSignal.SIGHUP }.Select(Register)];
        if (Environment.GetEnvironmentVariable("BROKER_EXIT_ON_STDIN_EOF") == "1") WatchInput();
    }

    public void Dispose()
    {
        foreach (var registration in _registrations) registration.Dispose();
    }

    private PosixSignalRegistration Register(PosixSignal signal) => PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        if (!_drain.Raise()) Environment.Exit(Interrupted);
    });

    /// <summary>A program that starts workers can ask for this: then none outlives it, even where it was killed.</summary>
    private void WatchInput()
    {
        var thread = new Thread(() =>
        {
            while (Console.In.Read() >= 0)
            {
                // Nothing that is written matters, only that it ends.
            }

            _drain.Raise();

            // A broker that ended with the same parent can hold a drain up for minutes; the attempt is given to another.
            Thread.Sleep(InputGrace);
            Environment.Exit(Interrupted);
        })
        { IsBackground = true, Name = "parent watch" };
        thread.Start();
    }
}
