using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using Broker.Core.Api;
using Broker.Core.Verification;

namespace Broker.Client;

/// <summary>Downloads an output part by part, hashing on the way; a part that breaks off goes on where it broke.</summary>
internal sealed class OutputDownload(Transport transport, OutputView output, Stream destination, IProgress<long>? progress)
{
    private long _received;

    public async Task RunAsync(CancellationToken cancellation)
    {
        var leaves = new LeafList();
        foreach (var part in output.Parts) await ReadPartAsync(part, leaves, cancellation);
        var actual = MerkleTree.Root(leaves.Finish().AsSpan());
        if (actual != output.Root) throw new BrokerException(ClientProblem.RootMismatch(output.Buffer, output.Root, actual));
    }

    private async Task ReadPartAsync(PartView part, LeafList leaves, CancellationToken cancellation)
    {
        var start = _received;
        while (_received - start < part.Bytes)
        {
            await transport.SendToStorageAsync(
                () => Request(part, _received - start),
                async (answer, cancel) =>
                {
                    await CopyAsync(answer, _received - start, part.Bytes, leaves, cancel);
                    return true;
                },
                cancellation);
        }
    }

    private static HttpRequestMessage Request(PartView part, long from)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, part.Url);
        if (from > 0) request.Headers.Range = new RangeHeaderValue(from, part.Bytes - 1);
        return request;
    }

    private async Task CopyAsync(HttpResponseMessage answer, long from, long end, LeafList leaves, CancellationToken cancellation)
    {
        await using var source = await answer.Content.ReadAsStreamAsync(cancellation);
        var skip = answer.StatusCode == HttpStatusCode.PartialContent ? 0 : from;
        var buffer = ArrayPool<byte>.Shared.Rent(128 * 1024);
        try
        {
            for (var left = end - from; left > 0;)
            {
                var read = await ReadAsync(source, buffer.AsMemory(0, (int)Math.Min(buffer.Length, skip > 0 ? skip : left)), cancellation);
                if (skip > 0)
                {
                    skip -= read;
                    continue;
                }

                await destination.WriteAsync(buffer.AsMemory(0, read), cancellation);
                leaves.Add(buffer.AsSpan(0, read));
                left -= read;
                _received += read;
                progress?.Report(_received);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Tells trouble of the network, which is tried again, from trouble of the destination, which is not.</summary>
    private static async Task<int> ReadAsync(Stream source, Memory<byte> buffer, CancellationToken cancellation)
    {
        try
        {
            var read = await source.ReadAsync(buffer, cancellation);
            return read > 0 ? read : throw new HttpRequestException("the answer ended early");
        }
        catch (IOException e)
        {
            throw new HttpRequestException(e.Message, e);
        }
    }
}
