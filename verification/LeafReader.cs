using System.Collections.Immutable;
using Broker.Core.Verification;

namespace Broker.Verification;

/// <summary>Reads leaves of committed results, and holds each against the commitment.</summary>
internal sealed class LeafReader(ICommittedResult committed)
{
    /// <summary>Leaves that lie side by side are read at once, up to so many.</summary>
    private const int MostAtOnce = 256;

    private const int MostRequests = 8;

    private readonly Dictionary<string, ImmutableArray<Digest>> _lists = [];

    /// <summary>How many bytes were read.</summary>
    public long FetchedBytes { get; private set; }

    /// <summary>The leaves of a result.</summary>
    /// <exception cref="CommitmentException">They are not what was committed to.</exception>
    public async Task<ImmutableArray<Digest>> ListAsync(BufferRoot buffer, CancellationToken cancellation)
    {
        if (_lists.TryGetValue(buffer.Buffer, out var known)) return known;
        var leaves = await ReadAsync(() => committed.ReadLeavesAsync(buffer, cancellation), $"the list of the leaves of '{buffer.Buffer}'");
        FetchedBytes += leaves.Length * (long)Digest.Size;
        if (leaves.Length != MerkleTree.Count(buffer.Bytes) || MerkleTree.Root(leaves.AsSpan()) != buffer.Root)
            throw new CommitmentException($"the list of the leaves of '{buffer.Buffer}' is not what was committed to");
        return _lists[buffer.Buffer] = leaves;
    }

    /// <summary>Reads leaves.</summary>
    /// <param name="buffer">Whose.</param>
    /// <param name="wanted">Which, in order, each once.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <exception cref="CommitmentException">What is stored is not what was committed to.</exception>
    public async Task<Dictionary<long, ReadOnlyMemory<byte>>> ReadAsync(BufferRoot buffer, IReadOnlyList<long> wanted, CancellationToken cancellation)
    {
        var list = await ListAsync(buffer, cancellation);
        var read = new Dictionary<long, ReadOnlyMemory<byte>>();
        foreach (var some in Runs(wanted).Chunk(MostRequests))
        {
            foreach (var (first, bytes) in await Task.WhenAll(some.Select(run => ReadRunAsync(buffer, run.First, run.Count, cancellation))))
            {
                FetchedBytes += bytes.Length;
                for (var start = 0; start < bytes.Length; start += MerkleTree.LeafBytes)
                {
                    var leaf = first + (start / MerkleTree.LeafBytes);
                    var its = bytes.AsMemory(start, MerkleTree.Length(buffer.Bytes, leaf));
                    if (MerkleTree.Leaf(its.Span) != list[(int)leaf]) throw new CommitmentException($"leaf {leaf} of '{buffer.Buffer}' is stored with other bytes than were committed to");
                    read[leaf] = its;
                }
            }
        }

        return read;
    }

    private async Task<(long First, byte[] Bytes)> ReadRunAsync(BufferRoot buffer, long first, int count, CancellationToken cancellation)
    {
        var start = first * MerkleTree.LeafBytes;
        var bytes = new byte[Math.Min((long)count * MerkleTree.LeafBytes, buffer.Bytes - start)];
        await ReadAsync(
            async () =>
            {
                await committed.ReadAsync(buffer, start, bytes, cancellation);
                return true;
            },
            $"leaf {first} of '{buffer.Buffer}'");
        return (first, bytes);
    }

    private static async Task<T> ReadAsync<T>(Func<Task<T>> read, string what)
    {
        try
        {
            return await read();
        }
        catch (InvalidDataException e)
        {
            throw new CommitmentException($"{what} cannot be had: {e.Message}", e);
        }
    }

    private static IEnumerable<(long First, int Count)> Runs(IReadOnlyList<long> leaves)
    {
        for (var i = 0; i < leaves.Count;)
        {
            var count = 1;
            while (count < MostAtOnce && i + count < leaves.Count && leaves[i + count] == leaves[i] + count) count++;
            yield return (leaves[i], count);
            i += count;
        }
    }
}

/// <summary>What a worker stored is not what it committed to.</summary>
internal sealed class CommitmentException : Exception
{
    public CommitmentException(string message)
        : base(message)
    {
    }

    public CommitmentException(string message, Exception cause)
        : base(message, cause)
    {
    }

    public CommitmentException()
    {
    }
}
