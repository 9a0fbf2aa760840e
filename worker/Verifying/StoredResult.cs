using System.Collections.Immutable;
using Broker.Core.Api;
using Broker.Core.Verification;
using Broker.Storage.Worker;
using Broker.Verification;

namespace Broker.Worker.Verifying;

/// <summary>A committed result as it lies in the storage, part by part.</summary>
internal sealed class StoredResult(AttemptBlobs blobs, CheckLinks links) : ICommittedResult
{
    private delegate Task<Uri> PartLink(string buffer, int part, CancellationToken cancellation);

    public async Task<ImmutableArray<Digest>> ReadLeavesAsync(BufferRoot buffer, CancellationToken cancellation)
    {
        var list = new byte[LeafList.StoredBytes(buffer.Bytes)];
        await ReadAsync(links.ReadLeafPartAsync, buffer.Buffer, list.Length, 0, list, cancellation);
        return LeafList.Load(list);
    }

    public Task ReadAsync(BufferRoot buffer, long offset, Memory<byte> destination, CancellationToken cancellation) =>
        ReadAsync(links.ReadPartAsync, buffer.Buffer, buffer.Bytes, offset, destination, cancellation);

    private async Task ReadAsync(PartLink linkOf, string buffer, long wholeBytes, long offset, Memory<byte> destination, CancellationToken cancellation)
    {
        while (destination.Length > 0)
        {
            var (part, within) = Math.DivRem(offset, OutputParts.Bytes);
            var partBytes = OutputParts.Length(wholeBytes, (int)part);
            var piece = (int)Math.Min(destination.Length, partBytes - within);
            await blobs.ReadRangeAsync(await linkOf(buffer, (int)part, cancellation), partBytes, within, destination[..piece], cancellation);
            (offset, destination) = (offset + piece, destination[piece..]);
        }
    }
}
