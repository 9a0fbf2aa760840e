using Broker.Core.Api;
using Broker.Core.Jobs;
using Broker.Core.Verification;
using Broker.Storage.Worker;
using Broker.Worker.Execution;

namespace Broker.Worker.Attempts;

/// <summary>Stores results part by part, and the leaves of those that are verified.</summary>
/// <remarks>For one result at a time. A part is hashed while the one before it is on its way.</remarks>
internal sealed class OutputUpload(AttemptBlobs blobs, OrderLinks links, IExecution execution)
{
    private byte[] _hashed = [];
    private byte[] _onItsWay = [];

    /// <returns>What the worker commits to.</returns>
    public async Task<BufferRoot> RunAsync(BufferSpec buffer, CancellationToken cancellation)
    {
        var collected = new LeafList();
        var storing = Task.CompletedTask;
        for (var part = 0; part < OutputParts.Count(buffer.Bytes); part++)
        {
            var length = (int)OutputParts.Length(buffer.Bytes, part);
            if (_hashed.Length < length) _hashed = GC.AllocateUninitializedArray<byte>(length);
            execution.Read(buffer.Name, part * OutputParts.Bytes, _hashed.AsSpan(0, length));
            collected.Add(_hashed.AsSpan(0, length));
            await storing;
            (_hashed, _onItsWay) = (_onItsWay, _hashed);
            storing = StoreAsync(await links.ReadPartAsync(buffer.Name, part, cancellation), new ArraySegment<byte>(_onItsWay, 0, length), cancellation);
        }

        await storing;
        var leaves = collected.Finish();
        if (links.HasLeaves(buffer.Name)) await StoreLeavesAsync(buffer.Name, LeafList.Store(leaves.AsSpan()), cancellation);
        return new BufferRoot(buffer.Name, buffer.Bytes, MerkleTree.Root(leaves.AsSpan()));
    }

    private async Task StoreLeavesAsync(string buffer, byte[] list, CancellationToken cancellation)
    {
        for (var part = 0; part < OutputParts.Count(list.Length); part++)
        {
            var bytes = new ArraySegment<byte>(list, (int)(part * OutputParts.Bytes), (int)OutputParts.Length(list.Length, part));
            await StoreAsync(await links.ReadLeafPartAsync(buffer, part, cancellation), bytes, cancellation);
        }
    }

    private async Task StoreAsync(Uri link, ArraySegment<byte> bytes, CancellationToken cancellation)
    {
        using var stream = new MemoryStream(bytes.Array!, bytes.Offset, bytes.Count, writable: false);
        await blobs.CreateAsync(link, stream, cancellation);
    }
}
