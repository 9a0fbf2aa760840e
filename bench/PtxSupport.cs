using System.CommandLine;
using Broker.Ptx;

namespace Broker.Bench;

/// <summary>Prints docs/ptx-support.md.</summary>
internal static class PtxSupport
{
    public static Command Command()
    {
        var command = new Command("ptx-support", "Print what of PTX the engine runs, as docs/ptx-support.md has it");
        command.SetAction(_ => Console.Write(SupportTable.Write()));
        return command;
    }
}
