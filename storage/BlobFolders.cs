using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace Broker.Storage;

/// <summary>Deletes blobs whose names begin alike.</summary>
internal static class BlobFolders
{
    private const int MostAtOnce = 8;

    public static Task DeleteAsync(this BlobContainerClient container, string prefix, CancellationToken cancellation) => Parallel.ForEachAsync(
        container.GetBlobsAsync(BlobTraits.None, BlobStates.None, prefix, cancellation),
        new ParallelOptions { MaxDegreeOfParallelism = MostAtOnce, CancellationToken = cancellation },
        async (blob, token) => await container.GetBlobClient(blob.Name).DeleteIfExistsAsync(cancellationToken: token));
}
