using System.CommandLine;

namespace Broker.Cli.Commands;

/// <summary><c>broker kernels</c>: what can be done with kernels before there is a job.</summary>
internal static class KernelsCommand
{
    public static Command Create(GlobalOptions global)
    {
        var command = new Command("kernels", "Compile kernels, and see what is in them")
        {
            BuildKernelsCommand.Create(global),
            AnalyzeKernelsCommand.Create(global),
        };
        GlobalOptions.SetHelp(command);
        return command;
    }
}
