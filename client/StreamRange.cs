using System.Buffers;
using System.Net;

namespace Broker.Client;

/// <summary>Is a request body made of a part of a stream, which can be sent again and leaves the stream open.</summary>
internal sealed class StreamRange(Stream stream, long start, long length, IProgress<long>? progress) : HttpContent
{
    protected override async Task SerializeToStreamAsync(Stream target, TransportContext? context)
    {
        stream.Position = start;
        var buffer = ArrayPool<byte>.Shared.Rent(128 * 1024);
        try
        {
            for (var sent = 0L; sent < length;)
            {
                var piece = buffer.AsMemory(0, (int)Math.Min(buffer.Length, length - sent));
                await stream.ReadExactlyAsync(piece);
                await target.WriteAsync(piece);
                sent += piece.Length;
                progress?.Report(start + sent);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // Told in advance, so that the request has a Content-Length: the Functions host forwards no chunked body.
    protected override bool TryComputeLength(out long computed)
    {
        computed = length;
        return true;
    }
}
