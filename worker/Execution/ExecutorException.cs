namespace Broker.Worker.Execution;

/// <summary>Says why a device cannot run a program that is right in itself.</summary>
public sealed class ExecutorException : Exception
{
    public ExecutorException(string message, Exception? inner = null)
        : base(message, inner) { }
}
