using System.Buffers;
using System.Security.Cryptography;
using Broker.Core.Api;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Storage.Worker;
using Broker.Worker.Execution;

namespace Broker.Worker.Attempts;

/// <summary>Stores a result part by part, hashing on the way.</summary>
internal sealed class OutputUpload(AttemptBlobs blobs, OrderLinks links, IExecution execution)
{
    public async Task<OutputRecord> RunAsync(BufferSpec buffer, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var parts = OutputParts.Count(buffer.Bytes);
        var bytes = ArrayPool<byte>.Shared.Rent((int)OutputParts.Length(buffer.Bytes, 0));
        try
        {
            for (var part = 0; part < parts; part++)
            {
                var length = (int)OutputParts.Length(buffer.Bytes, part);
                execution.Read(buffer.Name, part * OutputParts.Bytes, bytes.AsSpan(0, length));
                hash.AppendData(bytes, 0, length);
                using var stream = new MemoryStream(bytes, 0, length, writable: false);
                await blobs.CreateAsync(await links.ReadPartAsync(buffer.Name, part, cancellation), stream, cancellation);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }

        return new OutputRecord(buffer.Name, buffer.Bytes, parts, ContentHash.Parse(Convert.ToHexStringLower(hash.GetHashAndReset())));
    }
}
