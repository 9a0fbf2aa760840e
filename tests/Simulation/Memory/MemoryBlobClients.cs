using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Azure.Storage.Sas;

namespace Broker.Simulation.Memory;

/// <summary>A process's way to the simulated blobs.</summary>
internal sealed class MemoryBlobService(MemoryBlobs blobs, Door door) : BlobServiceClient
{
    public override BlobContainerClient GetBlobContainerClient(string blobContainerName) => new MemoryContainer(blobs, door, blobContainerName);
}

/// <summary>One simulated container, by the calls that the broker makes.</summary>
internal sealed class MemoryContainer(MemoryBlobs blobs, Door door, string container) : BlobContainerClient
{
    public override async Task<Response<BlobContainerInfo>> CreateIfNotExistsAsync(
        PublicAccessType publicAccessType = PublicAccessType.None, IDictionary<string, string>? metadata = null,
        BlobContainerEncryptionScopeOptions? encryptionScopeOptions = null, CancellationToken cancellationToken = default)
    {
        await door.CreateAsync($"{container} container");
        return Response.FromValue(BlobsModelFactory.BlobContainerInfo(default, default), new MemoryAnswer(201));
    }

    public override BlobClient GetBlobClient(string blobName) => new MemoryBlobClient(new BlobDoor(blobs, door, container, blobName));

    public override AsyncPageable<BlobItem> GetBlobsAsync(
        BlobTraits traits = BlobTraits.None, BlobStates states = BlobStates.None, string? prefix = null, CancellationToken cancellationToken = default) =>
        new MemoryPages<BlobItem>(async _ =>
        {
            var names = await door.PassAsync(new StorageOperation($"{container} list", false), () => blobs.Names($"{container}/{prefix}").Select(Item).ToList());
            return Page<BlobItem>.FromValues(names, null, new MemoryAnswer(200));
        });

    private BlobItem Item(string name) => BlobsModelFactory.BlobItem(
        name: name[(container.Length + 1)..], properties: BlobsModelFactory.BlobItemProperties(accessTierInferred: false, contentLength: blobs.Find(name)!.Bytes.Length));

    protected override BlockBlobClient GetBlockBlobClientCore(string blobName) => new MemoryBlockBlobClient(new BlobDoor(blobs, door, container, blobName));
}

/// <summary>What both kinds of clients do with one blob.</summary>
internal sealed class BlobDoor(MemoryBlobs blobs, Door door, string container, string name)
{
    private readonly string _key = $"{container}/{name}";

    public string Container => container;

    public string Name => name;

    public Uri Link => new($"http://memory/{_key}");

    public Task<MemoryBlob> ReadAsync() => door.PassAsync(new StorageOperation($"{container} read blob", false), () => blobs.Read(_key));

    public Task<MemoryBlob> WriteAsync(byte[] bytes, IDictionary<string, string>? metadata, bool mustBeMissing) =>
        door.PassAsync(new StorageOperation($"{container} write blob", true), () => blobs.Write(_key, bytes, metadata, mustBeMissing));

    public Task<MemoryBlob> CopyAsync(Uri source, IDictionary<string, string>? metadata, bool mustBeMissing) => door.PassAsync(
        new StorageOperation($"{container} copy blob", true),
        () => blobs.Write(_key, blobs.Read(source.AbsolutePath[1..]).Bytes, metadata, mustBeMissing));

    public Task<MemoryBlob> SetMetadataAsync(IDictionary<string, string> metadata, ETag? version) =>
        door.PassAsync(new StorageOperation($"{container} mark blob", true), () => blobs.SetMetadata(_key, metadata, version));

    public async Task<Response<bool>> DeleteAsync(ETag? version)
    {
        var was = await door.PassAsync(new StorageOperation($"{container} delete blob", true), () => blobs.Delete(_key, version));
        return Response.FromValue(was, new MemoryAnswer(was ? 202 : 404));
    }
}

/// <summary>One simulated blob, by the calls that the broker makes.</summary>
internal sealed class MemoryBlobClient(BlobDoor blob) : BlobClient
{
    public override string BlobContainerName => blob.Container;

    public override string Name => blob.Name;

    public override Uri GenerateSasUri(BlobSasBuilder builder) => blob.Link;

    public override Task<Response<bool>> DeleteIfExistsAsync(
        DeleteSnapshotsOption snapshotsOption = DeleteSnapshotsOption.None, BlobRequestConditions? conditions = null, CancellationToken cancellationToken = default) =>
        blob.DeleteAsync(conditions?.IfMatch);

    public override async Task<Stream> OpenReadAsync(
        long position = 0, int? bufferSize = null, BlobRequestConditions? conditions = null, CancellationToken cancellationToken = default) =>
        new MemoryStream((await blob.ReadAsync()).Bytes, writable: false);

    public override Task<Response<BlobDownloadResult>> DownloadContentAsync(CancellationToken cancellationToken = default) =>
        DownloadContentAsync(new BlobDownloadOptions(), cancellationToken);

    public override async Task<Response<BlobDownloadResult>> DownloadContentAsync(BlobDownloadOptions options, CancellationToken cancellationToken = default)
    {
        var bytes = (await blob.ReadAsync()).Bytes;
        var content = BinaryData.FromBytes(options.Range.Length is { } most && most < bytes.Length ? bytes[..(int)most] : bytes);
        return Response.FromValue(BlobsModelFactory.BlobDownloadResult(content), new MemoryAnswer(200));
    }

    public override async Task<Response<BlobContentInfo>> UploadAsync(BinaryData content, BlobUploadOptions options, CancellationToken cancellationToken = default)
    {
        var written = await blob.WriteAsync(content.ToArray(), options.Metadata, options.Conditions?.IfNoneMatch == ETag.All);
        return Response.FromValue(BlobsModelFactory.BlobContentInfo(written.ETag, default, null, null, null, null, 0), new MemoryAnswer(201));
    }
}

/// <summary>One simulated block blob, by the calls that the broker makes.</summary>
internal sealed class MemoryBlockBlobClient(BlobDoor blob) : BlockBlobClient
{
    public override async Task<Response<BlobContentInfo>> UploadAsync(Stream content, BlobUploadOptions options, CancellationToken cancellationToken = default)
    {
        using var bytes = new MemoryStream();
        content.CopyTo(bytes);
        var written = await blob.WriteAsync(bytes.ToArray(), options.Metadata, options.Conditions?.IfNoneMatch == ETag.All);
        return Response.FromValue(BlobsModelFactory.BlobContentInfo(written.ETag, default, null, null, null, null, 0), new MemoryAnswer(201));
    }

    public override async Task<CopyFromUriOperation> StartCopyFromUriAsync(Uri source, BlobCopyFromUriOptions options, CancellationToken cancellationToken = default)
    {
        await blob.CopyAsync(source, options.Metadata, options.DestinationConditions?.IfNoneMatch == ETag.All);
        return new Copied();
    }

    public override async Task<Response<BlobProperties>> GetPropertiesAsync(BlobRequestConditions? conditions = null, CancellationToken cancellationToken = default)
    {
        var found = await blob.ReadAsync();
        return Response.FromValue(BlobsModelFactory.BlobProperties(eTag: found.ETag, metadata: found.Metadata, contentLength: found.Bytes.Length), new MemoryAnswer(200));
    }

    public override async Task<Response<BlobInfo>> SetMetadataAsync(
        IDictionary<string, string> metadata, BlobRequestConditions? conditions = null, CancellationToken cancellationToken = default)
    {
        var marked = await blob.SetMetadataAsync(metadata, conditions?.IfMatch);
        return Response.FromValue(BlobsModelFactory.BlobInfo(marked.ETag, default), new MemoryAnswer(200));
    }

    public override Task<Response<bool>> DeleteIfExistsAsync(
        DeleteSnapshotsOption snapshotsOption = DeleteSnapshotsOption.None, BlobRequestConditions? conditions = null, CancellationToken cancellationToken = default) =>
        blob.DeleteAsync(conditions?.IfMatch);

    private sealed class Copied : CopyFromUriOperation
    {
        public override ValueTask<Response<long>> WaitForCompletionAsync(CancellationToken cancellationToken = default) => new(Response.FromValue(0L, new MemoryAnswer(200)));
    }
}
