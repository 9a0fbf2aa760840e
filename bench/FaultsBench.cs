using System.CommandLine;
using Broker.Simulation;

namespace Broker.Bench;

/// <summary>Prints the fault matrix.</summary>
internal static class FaultsBench
{
    public static Command Command()
    {
        var command = new Command("faults", "Puts every fault at every write and send, and prints docs/measurements/fault-matrix.md");
        command.SetAction(_ => Console.Out.Write(FaultReport.Make()));
        return command;
    }
}
