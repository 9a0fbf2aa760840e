using Azure;

namespace Broker.Storage;

/// <summary>Tells trouble of the storage account from a bug.</summary>
public static class StorageTrouble
{
    /// <summary>Whether the storage account did not answer, or could not do what it was asked.</summary>
    public static bool Is(Exception exception) =>
        exception is RequestFailedException || exception is AggregateException all && all.InnerExceptions.All(Is);
}
