using Azure;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Broker.Core.Ids;

namespace Broker.Storage;

/// <summary>The blob of one content. It knows the account that stored it for as long as no other did.</summary>
/// <remarks>
/// Who stores what is there already makes it shared, which changes its version: so a deletion that began before meets another
/// version, and one that was faster is seen as a blob that is gone, and stored again.
/// </remarks>
internal sealed class ContentBlob(BrokerStorage storage, ContentHash hash)
{
    private const string Owner = "account";

    private static readonly BlobRequestConditions Missing = new() { IfNoneMatch = ETag.All };

    private readonly BlockBlobClient _blob = storage.Content.GetBlockBlobClient(hash.Hex);

    /// <param name="bytes">The content.</param>
    /// <param name="owner">Who stores it; null for the broker.</param>
    /// <param name="cancellation">Ends the work.</param>
    public Task CreateAsync(BinaryData bytes, AccountId? owner, CancellationToken cancellation) => EnsureAsync(
        owner, () => _blob.UploadAsync(bytes.ToStream(), new BlobUploadOptions { Conditions = Missing, Metadata = Metadata(owner) }, cancellation), cancellation);

    public Task CopyAsync(Uri source, AccountId owner, CancellationToken cancellation) => EnsureAsync(
        owner,
        async () =>
        {
            var options = new BlobCopyFromUriOptions { DestinationConditions = Missing, Metadata = Metadata(owner) };
            var copy = await _blob.StartCopyFromUriAsync(source, options, cancellation);
            await copy.WaitForCompletionAsync(cancellation);
        },
        cancellation);

    /// <summary>The blob's version, where this account alone stored it; null for any other.</summary>
    public async Task<ETag?> FindOwnedAsync(AccountId account, CancellationToken cancellation) =>
        await FindAsync(cancellation) is { } found && OwnerOf(found) == account.ToString() ? found.ETag : null;

    /// <summary>Deletes it, unless it has another version by now.</summary>
    public async Task DeleteAsync(ETag version, CancellationToken cancellation)
    {
        try
        {
            await _blob.DeleteIfExistsAsync(conditions: new BlobRequestConditions { IfMatch = version }, cancellationToken: cancellation);
        }
        catch (RequestFailedException e) when (e.Status == 412)
        {
            // Another stored the same meanwhile.
        }
    }

    private static Dictionary<string, string> Metadata(AccountId? owner) => owner is { } account ? new() { [Owner] = account.ToString() } : [];

    private static string? OwnerOf(BlobProperties blob) => blob.Metadata.TryGetValue(Owner, out var owner) ? owner : null;

    private async Task EnsureAsync(AccountId? owner, Func<Task> create, CancellationToken cancellation)
    {
        do
        {
            try
            {
                await create();
                return;
            }
            catch (RequestFailedException e) when (e.Status is 409 or 412)
            {
                // It is named by its hash: what is there is the same.
            }
        }
        while (!await TryShareAsync(owner, cancellation));
    }

    /// <returns>False where it is gone by now, or has changed.</returns>
    private async Task<bool> TryShareAsync(AccountId? owner, CancellationToken cancellation)
    {
        if (await FindAsync(cancellation) is not { } found) return false;
        if (OwnerOf(found) is not { } first) return true;
        try
        {
            var still = first == owner?.ToString() ? owner : null;
            await _blob.SetMetadataAsync(Metadata(still), new BlobRequestConditions { IfMatch = found.ETag }, cancellation);
            return true;
        }
        catch (RequestFailedException e) when (e.Status is 404 or 412)
        {
            return false;
        }
    }

    private async Task<BlobProperties?> FindAsync(CancellationToken cancellation)
    {
        try
        {
            return await _blob.GetPropertiesAsync(cancellationToken: cancellation);
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return null;
        }
    }
}
