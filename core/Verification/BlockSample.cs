using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using Broker.Core.Jobs;

namespace Broker.Core.Verification;

/// <summary>The blocks of a job that are executed again.</summary>
/// <param name="Uniform">Drawn at random, each at most once: the bound of the receipt is for these.</param>
/// <param name="Edges">The corners of the first and the last grid that were not drawn: they come on top.</param>
public sealed record BlockSample(ImmutableArray<BlockIndex> Uniform, ImmutableArray<BlockIndex> Edges)
{
    public IEnumerable<BlockIndex> All => Uniform.Concat(Edges);

    /// <summary>Draws a sample.</summary>
    /// <param name="seed">What was secret until the commitment.</param>
    /// <param name="topRoot">The root over the commitment's launch roots.</param>
    /// <param name="statement">The signed statement: it names the job, the replica and the attempt.</param>
    /// <param name="launches">The job's launches.</param>
    /// <param name="size">How many blocks; all of them where there are fewer.</param>
    /// <remarks>
    /// Pure: a redelivery draws the same again. The key is <c>HMAC-SHA256(seed, fields)</c> over <c>broker-sample-1</c>, the top root, the
    /// job hash, replica and attempt; the stream is <c>HMAC-SHA256(key, 0), HMAC-SHA256(key, 1), ...</c>, the counter in eight bytes, read as
    /// big-endian numbers of eight bytes. Number i picks from the places i and up of a row of all blocks (Fisher and Yates), by rejection.
    /// </remarks>
    public static BlockSample Draw(Digest seed, Digest topRoot, Statement statement, LaunchList launches, long size)
    {
        ArgumentNullException.ThrowIfNull(statement);
        ArgumentNullException.ThrowIfNull(launches);
        var context = new FieldWriter("broker-sample-1").Add(topRoot).Add(statement.JobHash).Add(statement.Replica).Add(statement.Attempt).ToBytes();
        var numbers = new NumberStream(HMACSHA256.HashData(seed.ToBytes(), context));
        var uniform = ImmutableArray.CreateBuilder<BlockIndex>();
        var moved = new Dictionary<long, long>();
        var drawn = new HashSet<long>();
        for (long i = 0; i < size && i < launches.Blocks; i++)
        {
            var place = i + (long)numbers.Next((ulong)(launches.Blocks - i));
            var picked = moved.GetValueOrDefault(place, place);
            moved[place] = moved.GetValueOrDefault(i, i);
            drawn.Add(picked);
            uniform.Add(launches.At(picked));
        }

        return new BlockSample(uniform.ToImmutable(), [.. Corners(launches).Where(corner => drawn.Add(launches.PlaceOf(corner)))]);
    }

    private static IEnumerable<BlockIndex> Corners(LaunchList launches) =>
        new[] { 0, launches.Count - 1 }.Distinct().SelectMany(launch => Corners(launches.StepOf(launch).Grid).Select(block => new BlockIndex(launch, block)));

    private static IEnumerable<long> Corners(Dimensions grid) =>
        from z in new[] { 0, grid.Z - 1 }
        from y in new[] { 0, grid.Y - 1 }
        from x in new[] { 0, grid.X - 1 }
        select x + (grid.X * (y + (grid.Y * z)));

    private sealed class NumberStream(byte[] key)
    {
        private readonly byte[] _block = new byte[Digest.Size];
        private int _read = Digest.Size;
        private long _counter;

        /// <summary>A number below a limit, each equally likely.</summary>
        public ulong Next(ulong limit)
        {
            // What lies past the last whole multiple of the limit would favour the small ones.
            var excess = ((ulong.MaxValue % limit) + 1) % limit;
            while (true)
            {
                var number = Next();
                if (number <= ulong.MaxValue - excess) return number % limit;
            }
        }

        private ulong Next()
        {
            if (_read == _block.Length)
            {
                Span<byte> counter = stackalloc byte[sizeof(long)];
                BinaryPrimitives.WriteInt64BigEndian(counter, _counter++);
                HMACSHA256.HashData(key, counter, _block);
                _read = 0;
            }

            var number = BinaryPrimitives.ReadUInt64BigEndian(_block.AsSpan(_read));
            _read += sizeof(ulong);
            return number;
        }
    }
}
