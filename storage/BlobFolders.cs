using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace Broker.Storage;

/// <summary>Deletes blobs whose names begin alike.</summary>
internal static class BlobFolders
{
    private const int MostAtOnce = 8;

    public static async Task DeleteAsync(this BlobContainerClient container, string prefix, CancellationToken cancellation)
    {
        var blobs = container.GetBlobsAsync(BlobTraits.None, BlobStates.None, prefix, cancellation);
        await foreach (var some in blobs.Chunk(MostAtOnce).WithCancellation(cancellation))
            await Task.WhenAll(some.Select(blob => container.GetBlobClient(blob.Name).DeleteIfExistsAsync(cancellationToken: cancellation)));
    }
}
