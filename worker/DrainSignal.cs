namespace Broker.Worker;

/// <summary>Says once that the worker is to stop taking jobs and come to its end.</summary>
internal sealed class DrainSignal
{
    private readonly TaskCompletionSource _raised = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when it was raised.</summary>
    public Task Raised => _raised.Task;

    /// <returns>Whether this was the first time.</returns>
    public bool Raise() => _raised.TrySetResult();
}
