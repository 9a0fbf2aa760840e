namespace Broker.Cli;

/// <summary>Ends a command: its message is what the user reads, with the remedy.</summary>
public sealed class CommandException(ExitCode code, string message, Exception? inner = null) : Exception(message, inner)
{
    public ExitCode Code { get; } = code;
}
