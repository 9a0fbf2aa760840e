using System.Security.Cryptography;
using Azure;
using Azure.Data.Tables;
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
        await new ContentBlob(storage, hash).CreateAsync(bytes, account, cancellation);
        await GrantAsync(account, hash, bytes.ToMemory().Length, cancellation);
    }

    /// <summary>Stores what the broker itself made for an account, and gives the account the right to it. It stays when the right ends.</summary>
    public async Task KeepAsync(AccountId account, ContentHash hash, BinaryData bytes, CancellationToken cancellation)
    {
        await new ContentBlob(storage, hash).CreateAsync(bytes, owner: null, cancellation);
        await GrantAsync(account, hash, bytes.ToMemory().Length, cancellation);
    }

    /// <summary>Ends an account's right to content, and deletes the content where no other ever had it.</summary>
    /// <returns>Whether there was anything to delete.</returns>
    public async Task<bool> RemoveAsync(AccountId account, ContentHash hash, CancellationToken cancellation)
    {
        // The version comes first: whoever uploads the same meanwhile changes it, and keeps the blob.
        var blob = new ContentBlob(storage, hash);
        var owned = await blob.FindOwnedAsync(account, cancellation);
        using var right = await storage.Accounts.DeleteEntityAsync(account.ToString(), RightPrefix + hash.Hex, ETag.All, cancellation);
        if (owned is { } version) await blob.DeleteAsync(version, cancellation);
        return owned is not null || right.Status != 404;
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

    /// <summary>Deletes what was staged, where it is not needed: its content is there.</summary>
    public Task DropStagedAsync(string ticket, CancellationToken cancellation) => storage.Staging.GetBlobClient(ticket).DeleteIfExistsAsync(cancellationToken: cancellation);

    /// <summary>Makes a staged upload content: hashes what was stored, and moves it under its hash.</summary>
    /// <returns>The size, and null where it is not taken; the hash that was found, and null where nothing was staged under this name.</returns>
    public async Task<(long? Bytes, ContentHash? Found)> TakeStagedAsync(
        AccountId account, string ticket, ContentHash expected, DateTimeOffset now, CancellationToken cancellation)
    {
        var staged = storage.Staging.GetBlobClient(ticket);
        try
        {
            await using var stream = await staged.OpenReadAsync(cancellationToken: cancellation);
            var hash = ContentHash.Parse(Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellation)));
            if (hash != expected) return (null, hash);
            await new ContentBlob(storage, expected).CopyAsync(BlobUrls.Sign(staged, BlobSasPermissions.Read, now.AddHours(1)), account, cancellation);
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
}
