using Azure.Storage.Blobs;
using Azure.Storage.Sas;

namespace Broker.Storage;

/// <summary>Signs URLs that allow one thing on one blob for a while.</summary>
internal static class BlobUrls
{
    public static Uri Sign(BlobClient blob, BlobSasPermissions permissions, DateTimeOffset until) =>
        blob.GenerateSasUri(new BlobSasBuilder(permissions, until) { BlobContainerName = blob.BlobContainerName, BlobName = blob.Name });
}
