using Azure;

namespace Broker.Storage;

/// <summary>Tells trouble of the storage account from a bug.</summary>
public static class StorageTrouble
{
    /// <summary>Whether the storage account did not answer, or could not do what it was asked.</summary>
    /// <remarks>
    /// An answer that breaks off is an <see cref="IOException"/>, and one that does not come in time is told by the SDK as a cancellation:
    /// where the caller himself may have cancelled, he looks for that first.
    /// </remarks>
    public static bool Is(Exception exception) =>
        exception is RequestFailedException or IOException or OperationCanceledException || exception is AggregateException all && all.InnerExceptions.All(Is);
}
