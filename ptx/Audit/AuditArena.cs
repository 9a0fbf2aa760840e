using System.Runtime.InteropServices;
using Broker.Ptx.Passes;
using Broker.Ptx.Running;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Audit;

/// <summary>Is all global and constant memory of an audit in one piece, with a shadow of the same size behind it; but for what is read in place.</summary>
internal sealed unsafe class AuditArena : IDisposable
{
    /// <summary>Is the binary logarithm of a chunk: the size of a leaf of a commitment, and of a page.</summary>
    public const int ChunkShift = 12;

    private const int ChunkBytes = 1 << ChunkShift;

    private readonly List<(MemoryRange Range, IBufferContent? Content, long Offset)> _ranges = [];
    private readonly List<MemoryRange> _inPlace = [];
    private readonly Dictionary<long, byte[]> _kept = [];
    private readonly HashSet<long> _present = [];
    private readonly byte* _allocation;

    public AuditArena(ModuleImage image, IReadOnlyList<AuditBuffer> buffers)
    {
        Image = image;
        var variables = image.Addresses.OrderBy(a => a.Value).ToList();
        var total = variables.Sum(v => Room(v.Key.Bytes)) + buffers.Where(b => FindInPlace(b) is null).Sum(b => Room(b.Bytes));
        var chunks = total >> ChunkShift;
        // Fresh pages come as zeros, so what is not touched costs nothing.
        _allocation = (byte*)NativeMemory.AllocZeroed((nuint)(2 * total + 2 * chunks + ChunkBytes));
        Start = (byte*)(((nuint)_allocation + ChunkBytes - 1) / ChunkBytes * ChunkBytes);
        Bytes = total;
        Touched = Start + 2 * total;
        Dirtied = Touched + chunks;
        long next = 0;
        foreach (var (variable, address) in variables)
        {
            var range = Add(variable.Name, address, variable.Bytes, variable.Space == StateSpace.Global, null, ref next);
            foreach (var value in image.Values[variable]) BitConverter.GetBytes(value.Bits).AsSpan(0, value.Bytes).CopyTo(new Span<byte>(range.Host + value.Offset, value.Bytes));
            if (image.Values[variable].Count > 0 && range.Writable) Keep(range);
            (variable.Space == StateSpace.Constant ? Constants : Globals).Add(range);
        }

        foreach (var buffer in buffers)
        {
            if (FindInPlace(buffer) is { } inPlace) _inPlace.Add(inPlace);
            Globals.Add(FindInPlace(buffer) ?? Add(buffer.Name, buffer.Address, buffer.Bytes, buffer.Writable, buffer.Content, ref next));
        }
    }

    public ModuleImage Image { get; }

    public byte* Start { get; }

    public long Bytes { get; }

    public byte* Touched { get; }

    public byte* Dirtied { get; }

    public List<MemoryRange> Globals { get; } = [];

    public List<MemoryRange> Constants { get; } = [];

    /// <summary>Says whether a place lies in content that is read where it is: nobody writes there.</summary>
    public bool IsReadInPlace(nint place) => _inPlace.Exists(range => place - (nint)range.Host is >= 0 and var offset && offset < (long)range.Bytes);

    public void Dispose() => NativeMemory.Free(_allocation);

    /// <summary>Reads the content of chunks that were touched and are not here yet.</summary>
    /// <returns>How many bytes were read; with any, what the block did counts for nothing.</returns>
    public long FetchTouched()
    {
        long fetched = 0;
        foreach (var chunk in TakeMarks(Touched))
        {
            var (range, content, offset) = RangeAt(chunk);
            if (content is null || !_present.Add(chunk)) continue;
            var bytes = (int)Math.Min(ChunkBytes, (long)range.Bytes - offset);
            var data = new byte[bytes];
            content.Read(offset, data);
            data.CopyTo(new Span<byte>(Start + (chunk << ChunkShift), bytes));
            if (range.Writable) _kept[chunk] = data;
            fetched += bytes;
        }

        return fetched;
    }

    /// <summary>Gives what was written since the last call, and makes everything as it was before.</summary>
    public List<BlockWrite> TakeWrites(bool wanted)
    {
        var writes = new WriteCollector();
        foreach (var chunk in TakeMarks(Dirtied))
        {
            var (range, _, offset) = RangeAt(chunk);
            var bytes = (int)Math.Min(ChunkBytes, (long)range.Bytes - offset);
            var data = new Span<byte>(Start + (chunk << ChunkShift), bytes);
            var shadow = new Span<byte>(Start + Bytes + (chunk << ChunkShift), bytes);
            if (wanted) writes.Add(range.Name, offset, data, shadow);
            shadow.Clear();
            if (_kept.TryGetValue(chunk, out var kept)) kept.CopyTo(data);
            else data.Clear();
        }

        return writes.Finish();
    }

    private List<long> TakeMarks(byte* table)
    {
        var chunks = new List<long>();
        var marks = new Span<byte>(table, (int)(Bytes >> ChunkShift));
        for (var next = marks.IndexOf((byte)1); next >= 0;)
        {
            chunks.Add(next);
            marks[next] = 0;
            var further = marks[(next + 1)..].IndexOf((byte)1);
            next = further < 0 ? -1 : next + 1 + further;
        }

        return chunks;
    }

    private (MemoryRange Range, IBufferContent? Content, long Offset) RangeAt(long chunk)
    {
        var place = chunk << ChunkShift;
        var (low, high) = (0, _ranges.Count - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (_ranges[middle].Offset <= place) low = middle;
            else high = middle - 1;
        }

        return _ranges[low] with { Offset = place - _ranges[low].Offset };
    }

    private MemoryRange Add(string name, ulong address, long bytes, bool writable, IBufferContent? content, ref long next)
    {
        var range = new MemoryRange(name, address, (ulong)bytes, Start + next, writable);
        _ranges.Add((range, content, next));
        next += Room(bytes);
        return range;
    }

    private void Keep(MemoryRange range)
    {
        for (long offset = 0; offset < (long)range.Bytes; offset += ChunkBytes)
            _kept[(range.Host - Start + offset) >> ChunkShift] = new Span<byte>(range.Host + offset, (int)Math.Min(ChunkBytes, (long)range.Bytes - offset)).ToArray();
    }

    private static MemoryRange? FindInPlace(AuditBuffer buffer) => !buffer.Writable && buffer.Content is IMemoryContent there && there.Bytes >= buffer.Bytes
        ? new MemoryRange(buffer.Name, buffer.Address, (ulong)buffer.Bytes, (byte*)there.Address, writable: false)
        : null;

    private static long Room(long bytes) => Math.Max(1, (bytes + ChunkBytes - 1) >> ChunkShift) << ChunkShift;
}
