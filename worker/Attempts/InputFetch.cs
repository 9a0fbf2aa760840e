using System.Buffers;
using System.Text;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Storage.Worker;
using Broker.Worker.Execution;

namespace Broker.Worker.Attempts;

/// <summary>Gets what a run starts from: its program and the contents of its buffers.</summary>
internal sealed class InputFetch(ContentCache cache, AttemptBlobs blobs, OrderLinks links)
{
    private const int PieceBytes = 1 << 20;

    public async Task<string> ReadProgramAsync(ContentHash program, CancellationToken cancellation)
    {
        await using var stream = await OpenAsync(program, cancellation);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return await reader.ReadToEndAsync(cancellation);
    }

    /// <returns>How many bytes were written.</returns>
    public async Task<long> WriteAsync(BufferSpec buffer, ContentHash content, IExecution execution, CancellationToken cancellation)
    {
        await using var stream = await OpenAsync(content, cancellation);
        if (stream.Length > buffer.Bytes)
            throw new InvalidDataException($"content {content} has {stream.Length} bytes, buffer '{buffer.Name}' only {buffer.Bytes}");
        var piece = ArrayPool<byte>.Shared.Rent(PieceBytes);
        try
        {
            for (var offset = 0L; offset < stream.Length;)
            {
                var read = await stream.ReadAsync(piece, cancellation);
                execution.Write(buffer.Name, offset, piece.AsSpan(0, read));
                offset += read;
            }

            return stream.Length;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece);
        }
    }

    private Task<Stream> OpenAsync(ContentHash hash, CancellationToken cancellation) => cache.OpenAsync(
        hash,
        async (destination, cancel) => await blobs.ReadAsync(await links.ReadContentAsync(hash, cancel), destination, cancel),
        cancellation);
}
