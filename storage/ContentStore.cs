using System.Security.Cryptography;
using Azure;
using Azure.Data.Tables;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Azure.Storage.Sas;
using Broker.Core.Ids;

namespace Broker.Storage;

/// <summary>Programs and inputs by their hash, and which account may read which.</summary>
public sealed class ContentStore(BrokerStorage storage)
{
    private const string RightPrefix = "content:";

    /// <summary>The size of content that an account has shown to possess; null where it has not.</summary>
    /// <remarks>A hash alone gives no right to read: what one account uploaded does not exist for another.</remarks>
    public async Task<long?> FindBytesAsync(AccountId account, ContentHash hash, CancellationToken cancellation)
    {
        var found = await storage.Accounts.GetEntityIfExistsAsync<TableEntity>(
            account.ToString(), RightPrefix + hash.Hex, cancellationToken: cancellation);
        return found.HasValue ? found.Value!.GetInt64("bytes") : null;
    }

    /// <summary>Stores bytes of which the caller knows that they have this hash, and gives the account the right to them.</summary>
    public async Task PutAsync(AccountId account, ContentHash hash, BinaryData bytes, CancellationToken cancellation)
    {
        await UploadOnceAsync(storage.Content.GetBlockBlobClient(hash.Hex), bytes.ToStream(), cancellation);
        await GrantAsync(account, hash, bytes.ToMemory().Length, cancellation);
    }

    public async Task<BinaryData> ReadAsync(ContentHash hash, CancellationToken cancellation)
    {
        var answer = await storage.Content.GetBlobClient(hash.Hex).DownloadContentAsync(cancellation);
        return answer.Value.Content;
    }

    /// <summary>A URL that reads one content.</summary>
    public Uri ReadUrl(ContentHash hash, DateTimeOffset until) => BlobUrls.Sign(storage.Content.GetBlobClient(hash.Hex), BlobSasPermissions.Read, until);

    /// <summary>A URL that a large upload is written to.</summary>
    public Uri StagingUrl(string ticket, DateTimeOffset until) =>
        BlobUrls.Sign(storage.Staging.GetBlobClient(ticket), BlobSasPermissions.Create | BlobSasPermissions.Write, until);

    /// <summary>How much was staged; null where nothing was.</summary>
    public async Task<long?> FindStagedBytesAsync(string ticket, CancellationToken cancellation)
    {
        try
        {
            return (await storage.Staging.GetBlobClient(ticket).GetPropertiesAsync(cancellationToken: cancellation)).Value.ContentLength;
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return null;
        }
    }

    /// <summary>Makes a staged upload content: hashes what was stored, and moves it under its hash.</summary>
    /// <returns>The size, and null where it is not taken; the hash that was found, and null where nothing was staged under this name.</returns>
    public async Task<(long? Bytes, ContentHash? Found)> TakeStagedAsync(
        AccountId account, string ticket, ContentHash expected, DateTimeOffset now, CancellationToken cancellation)
    {
        var staged = storage.Staging.GetBlobClient(ticket);
        var target = storage.Content.GetBlockBlobClient(expected.Hex);
        try
        {
            await using var stream = await staged.OpenReadAsync(cancellationToken: cancellation);
            var hash = ContentHash.Parse(Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellation)));
            if (hash != expected) return (null, hash);
            if (!await target.ExistsAsync(cancellation))
            {
                var copy = await target.StartCopyFromUriAsync(
                    BlobUrls.Sign(staged, BlobSasPermissions.Read, now.AddHours(1)), cancellationToken: cancellation);
                await copy.WaitForCompletionAsync(cancellation);
            }

            await GrantAsync(account, expected, stream.Length, cancellation);
            await staged.DeleteIfExistsAsync(cancellationToken: cancellation);
            return (stream.Length, hash);
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return (null, null);
        }
    }

    private Task GrantAsync(AccountId account, ContentHash hash, long bytes, CancellationToken cancellation) =>
        storage.Accounts.UpsertEntityAsync(
            new TableEntity(account.ToString(), RightPrefix + hash.Hex) { ["bytes"] = bytes }, TableUpdateMode.Replace, cancellation);

    private static async Task UploadOnceAsync(BlockBlobClient blob, Stream bytes, CancellationToken cancellation)
    {
        try
        {
            var options = new BlobUploadOptions { Conditions = new BlobRequestConditions { IfNoneMatch = ETag.All } };
            await blob.UploadAsync(bytes, options, cancellation);
        }
        catch (RequestFailedException e) when (e.Status == 409)
        {
            // It is named by its hash: what is there is the same.
        }
    }
}
