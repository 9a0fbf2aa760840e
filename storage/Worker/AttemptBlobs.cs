using System.Globalization;
using Azure;
using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Broker.Core.Api;

namespace Broker.Storage.Worker;

/// <summary>The blobs that one run of an attempt reads and creates, each through a link of its own.</summary>
/// <param name="http">Carries the requests; its own timeout must be longer than five minutes.</param>
public sealed class AttemptBlobs(HttpClient http)
{
    /// <summary>Five minutes of storage that does not answer: what a run has computed is worth the wait, and a failed run costs its job an attempt.</summary>
    private const int Retries = 60;

    /// <summary>What a part of 64 MiB takes on a slow line, 2 Mbit/s.</summary>
    private static readonly TimeSpan NetworkTimeout = TimeSpan.FromMinutes(5);

    private readonly BlobClientOptions _options = LinkOptions.Configure(new BlobClientOptions(), http, NetworkTimeout, Retries);
    private int _operations;

    /// <summary>How many storage operations were made here.</summary>
    public int Operations => _operations;

    /// <summary>Copies a blob to a stream; what breaks off goes on where it broke.</summary>
    public async Task ReadAsync(Uri link, Stream destination, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _operations);
        var answer = await new BlobClient(link, _options).DownloadStreamingAsync(cancellationToken: cancellation);
        using var download = answer.Value;
        await download.Content.CopyToAsync(destination, cancellation);
    }

    /// <summary>Reads bytes from the middle of a blob.</summary>
    /// <param name="link">The blob.</param>
    /// <param name="wholeBytes">How long it must be.</param>
    /// <param name="offset">The first of the bytes.</param>
    /// <param name="destination">Where they go; not empty.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <exception cref="InvalidDataException">It is not there, or has another length.</exception>
    public async Task ReadRangeAsync(Uri link, long wholeBytes, long offset, Memory<byte> destination, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _operations);
        try
        {
            var range = new BlobDownloadOptions { Range = new HttpRange(offset, destination.Length) };
            var answer = await new BlobClient(link, _options).DownloadStreamingAsync(range, cancellation);
            using var download = answer.Value;
            var stored = WholeLength(download.Details);
            if (stored != wholeBytes) throw new InvalidDataException($"{stored} bytes are stored where {wholeBytes} must be");
            await download.Content.ReadExactlyAsync(destination, cancellation);
        }
        catch (RequestFailedException e) when (e.ErrorCode == BlobErrorCode.BlobNotFound)
        {
            throw new InvalidDataException("nothing is stored there", e);
        }
        catch (RequestFailedException e) when (e.ErrorCode == BlobErrorCode.InvalidRange)
        {
            throw new InvalidDataException($"fewer than {wholeBytes} bytes are stored where so many must be", e);
        }
    }

    /// <summary>Stores one part, in one request, unless it is there.</summary>
    /// <remarks>
    /// A run stores each part once and with the same bytes. So a part that is there was stored by a try of this run whose answer was
    /// lost, and nothing is left to do.
    /// </remarks>
    public async Task CreateAsync(Uri link, Stream part, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _operations);
        var whole = new StorageTransferOptions { InitialTransferSize = OutputParts.Bytes, MaximumTransferSize = OutputParts.Bytes };
        var options = new BlobUploadOptions { Conditions = new BlobRequestConditions { IfNoneMatch = ETag.All }, TransferOptions = whole };
        try
        {
            await new BlockBlobClient(link, _options).UploadAsync(part, options, cancellation);
        }
        catch (RequestFailedException e) when (IsThere(e))
        {
            // Stored before: see the remarks.
        }
    }

    /// <summary>The length of a blob of which a range was read: <c>bytes 0-99/1234</c>.</summary>
    private static long WholeLength(BlobDownloadDetails details) =>
        details.ContentRange is { } range && long.TryParse(range.AsSpan(range.LastIndexOf('/') + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            ? length
            : details.ContentLength;

    /// <summary>A link that may only create is refused with 403 where the blob exists; one that has ended has another code.</summary>
    private static bool IsThere(RequestFailedException e) =>
        e.Status == 409 || (e.Status == 403 && e.ErrorCode != BlobErrorCode.AuthenticationFailed);
}
