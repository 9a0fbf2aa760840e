using System.Collections.Immutable;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Sas;
using Broker.Core.Api;
using Broker.Core.Ids;
using Broker.Core.Verification;

namespace Broker.Storage;

/// <summary>One run of an attempt, as its blobs are named.</summary>
/// <param name="Attempt">The attempt.</param>
/// <param name="Run">The run inside it.</param>
public readonly record struct RunId(AttemptId Attempt, string Run);

/// <summary>Where the runs of attempts store their results, and the lists of their leaves.</summary>
/// <remarks>Workers write by URLs that create a part once and cannot overwrite it. The function app reads no result itself, but for the lists.</remarks>
public sealed class OutputStore(BrokerStorage storage)
{
    private readonly BlobContainerClient _outputs = storage.Outputs;
    private readonly BlobContainerClient _leaves = storage.Leaves;

    /// <summary>Where to create each part of a result.</summary>
    public OutputUrls CreateUrls(RunId run, string buffer, long bytes, DateTimeOffset until) => Urls(_outputs, run, buffer, bytes, BlobSasPermissions.Create, until);

    public OutputUrls ReadUrls(RunId run, string buffer, long bytes, DateTimeOffset until) => Urls(_outputs, run, buffer, bytes, BlobSasPermissions.Read, until);

    /// <summary>Where to create each part of the list of a result's leaves.</summary>
    public OutputUrls CreateLeafUrls(RunId run, string buffer, long bytes, DateTimeOffset until) =>
        Urls(_leaves, run, buffer, LeafList.StoredBytes(bytes), BlobSasPermissions.Create, until);

    public OutputUrls ReadLeafUrls(RunId run, string buffer, long bytes, DateTimeOffset until) =>
        Urls(_leaves, run, buffer, LeafList.StoredBytes(bytes), BlobSasPermissions.Read, until);

    /// <summary>The list of a result's leaves as the worker stored it; null where a part is missing or has another length.</summary>
    public async Task<ImmutableArray<Digest>?> FindLeavesAsync(RunId run, string buffer, long bytes, CancellationToken cancellation)
    {
        var stored = LeafList.StoredBytes(bytes);
        var leaves = ImmutableArray.CreateBuilder<Digest>();
        for (var part = 0; part < OutputParts.Count(stored); part++)
        {
            var (blob, length) = (_leaves.GetBlobClient(Name(run, buffer, part)), OutputParts.Length(stored, part));
            if (await FindAsync(blob, length, cancellation) is not { } content) return null;
            leaves.AddRange(LeafList.Load(content.ToMemory().Span));
        }

        return leaves.ToImmutable();
    }

    /// <summary>The length of each part that a run stored, by the name that <see cref="PartName"/> gives.</summary>
    public async Task<IReadOnlyDictionary<string, long>> ListPartsAsync(RunId run, CancellationToken cancellation)
    {
        var (parts, folder) = (new Dictionary<string, long>(StringComparer.Ordinal), Folder(run));
        await foreach (var blob in _outputs.GetBlobsAsync(BlobTraits.None, BlobStates.None, folder, cancellation))
            parts[blob.Name[folder.Length..]] = blob.Properties.ContentLength ?? 0;
        return parts;
    }

    /// <summary>A part of a result, as a run's folder names it.</summary>
    public static string PartName(string buffer, int part) => $"{buffer}/{part:D4}";

    /// <summary>Deletes what every run of a job stored.</summary>
    public async Task DeleteAsync(JobId job, CancellationToken cancellation)
    {
        await _outputs.DeleteAsync($"{job}/", cancellation);
        await _leaves.DeleteAsync($"{job}/", cancellation);
    }

    private static OutputUrls Urls(BlobContainerClient container, RunId run, string buffer, long bytes, BlobSasPermissions permissions, DateTimeOffset until) => new(
        buffer, bytes,
        [.. Enumerable.Range(0, OutputParts.Count(bytes)).Select(part => BlobUrls.Sign(container.GetBlobClient(Name(run, buffer, part)), permissions, until))]);

    /// <summary>The content of a blob of this length. One that a worker made longer is not read.</summary>
    private static async Task<BinaryData?> FindAsync(BlobClient blob, long bytes, CancellationToken cancellation)
    {
        try
        {
            var answer = await blob.DownloadContentAsync(new BlobDownloadOptions { Range = new HttpRange(0, bytes + 1) }, cancellation);
            return answer.Value.Content.ToMemory().Length == bytes ? answer.Value.Content : null;
        }
        catch (RequestFailedException e) when (e.Status is 404 or 416)
        {
            return null;
        }
    }

    private static string Folder(RunId run) => $"{run.Attempt.Job}/{run.Attempt.Replica}-{run.Attempt.Number}/{run.Run}/";

    private static string Name(RunId run, string buffer, int part) => Folder(run) + PartName(buffer, part);
}
