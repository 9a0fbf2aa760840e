using System.Collections.Immutable;
using Broker.Core.Verification;
using Broker.Verification;

namespace Broker.Tests;

/// <summary>The results of a job as a worker stored them, in memory: a cheat changes what it likes.</summary>
internal sealed class MemoryResult(IReadOnlyList<(string Name, byte[] Bytes)> buffers) : ICommittedResult
{
    private Dictionary<string, ImmutableArray<Digest>> _lists = [];

    /// <summary>The results in the order of the document.</summary>
    public IReadOnlyList<(string Name, byte[] Bytes)> Buffers => buffers;

    public long Bytes => buffers.Sum(buffer => buffer.Bytes.LongLength);

    /// <summary>Bytes that were asked for.</summary>
    public long ReadBytes { get; private set; }

    public byte[] this[string buffer] => buffers.First(its => its.Name == buffer).Bytes;

    /// <summary>A copy that is nobody else's.</summary>
    public MemoryResult Copy() => new([.. buffers.Select(buffer => (buffer.Name, (byte[])buffer.Bytes.Clone()))]);

    /// <summary>Makes the lists of leaves of what the buffers hold now, and the roots over them.</summary>
    public ImmutableArray<BufferRoot> Commit()
    {
        _lists = buffers.ToDictionary(buffer => buffer.Name, buffer => MerkleTree.Leaves(buffer.Bytes));
        return [.. buffers.Select(buffer => new BufferRoot(buffer.Name, buffer.Bytes.Length, MerkleTree.Root(_lists[buffer.Name].AsSpan())))];
    }

    /// <summary>Stores another list of leaves than the bytes have.</summary>
    public void Forge(string buffer, ImmutableArray<Digest> leaves) => _lists[buffer] = leaves;

    public Task<ImmutableArray<Digest>> ReadLeavesAsync(BufferRoot buffer, CancellationToken cancellation) => Task.FromResult(_lists[buffer.Buffer]);

    public Task ReadAsync(BufferRoot buffer, long offset, Memory<byte> destination, CancellationToken cancellation)
    {
        var bytes = this[buffer.Buffer];
        if (offset + destination.Length > bytes.Length) throw new InvalidDataException($"it has {bytes.Length} bytes");
        bytes.AsMemory((int)offset, destination.Length).CopyTo(destination);
        ReadBytes += destination.Length;
        return Task.CompletedTask;
    }
}
