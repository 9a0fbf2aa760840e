using System.Net;
using Broker.Core.Api;
using Broker.Core.Ids;

namespace Broker.Client;

/// <content>Programs, inputs and outputs.</content>
public sealed partial class BrokerClient
{
    /// <summary>What one request may carry; what is larger goes straight to the storage and is then taken over.</summary>
    public const long LargestRequestBytes = 100_000_000;

    /// <summary>Whether the account has uploaded this content before and need not do it again.</summary>
    public async Task<bool> HasContentAsync(ContentHash hash, CancellationToken cancellation = default)
    {
        try
        {
            await _transport.SendAsync<ContentView>(HttpMethod.Get, $"api/content/{hash.Hex}", cancellation);
            return true;
        }
        catch (BrokerException e) when (e.Status == HttpStatusCode.NotFound)
        {
            return false;
        }
    }

    /// <summary>Ends the account's right to content; what no other account ever had is deleted.</summary>
    /// <returns>False where there is none, or no more.</returns>
    /// <exception cref="BrokerException">With 409: a job that has not ended needs it.</exception>
    public Task<bool> DeleteContentAsync(ContentHash hash, CancellationToken cancellation = default) => DeleteAsync($"api/content/{hash.Hex}", cancellation);

    /// <summary>Uploads bytes and names them by their hash.</summary>
    public async Task<ContentView> UploadContentAsync(byte[] bytes, CancellationToken cancellation = default)
    {
        using var stream = new MemoryStream(bytes, writable: false);
        return await UploadContentAsync(ContentHash.Of(bytes), stream, bytes.Length, null, cancellation);
    }

    /// <param name="hash">What the bytes must hash to.</param>
    /// <param name="content">The bytes, from where the stream stands; it must be able to seek, so that a try can be repeated.</param>
    /// <param name="length">How many bytes.</param>
    /// <param name="progress">Told how many bytes were handed over.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <exception cref="BrokerException">With 422: the bytes have another hash.</exception>
    public async Task<ContentView> UploadContentAsync(
        ContentHash hash, Stream content, long length, IProgress<long>? progress = null, CancellationToken cancellation = default)
    {
        if (!content.CanSeek) throw new ArgumentException("the stream cannot seek", nameof(content));
        if (length > LargestRequestBytes) return await UploadStagedAsync(hash, content, length, progress, cancellation);
        var start = content.Position;
        return await _transport.SendAsync<ContentView>(
            HttpMethod.Put, $"api/content/{hash.Hex}", cancellation, () => new StreamRange(content, start, length, progress));
    }

    /// <summary>Reads an output, and proves that it is whole.</summary>
    /// <param name="output">The output, as the broker showed it.</param>
    /// <param name="destination">Where its bytes go, in order.</param>
    /// <param name="progress">Told how many bytes have come.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <exception cref="BrokerException">A link has ended, the storage cannot be reached, or the bytes are not what the worker committed to: <see cref="BrokerException.RootMismatch"/>.</exception>
    public Task DownloadOutputAsync(
        OutputView output, Stream destination, IProgress<long>? progress = null, CancellationToken cancellation = default) =>
        new OutputDownload(_transport, output, destination, progress).RunAsync(cancellation);

    private async Task<ContentView> UploadStagedAsync(
        ContentHash hash, Stream content, long length, IProgress<long>? progress, CancellationToken cancellation)
    {
        var ticket = await _transport.SendAsync<StagingTicket>(HttpMethod.Post, "api/content/staging", cancellation);
        await new StagedUpload(_transport, ticket.Url).RunAsync(content, length, progress, cancellation);
        return await _transport.SendAsync<ContentView>(
            HttpMethod.Put, $"api/content/{hash.Hex}/from-staging/{Uri.EscapeDataString(ticket.Id)}", cancellation);
    }
}
