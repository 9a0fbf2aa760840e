using Broker.Core.Jobs;
using Broker.Core.Verification;
using Broker.Ptx;
using Broker.Ptx.Audit;
using Broker.Ptx.Verify;

namespace Broker.Verification;

/// <summary>Knows which bytes of the results no block of a launch writes, and what they hold.</summary>
internal sealed class UnownedBytes
{
    private readonly IReadOnlyDictionary<string, IReadOnlyList<ByteRange>?> _owned;
    private readonly JobDocument _document;
    private readonly IInputs _inputs;

    private UnownedBytes(IReadOnlyDictionary<string, IReadOnlyList<ByteRange>?> owned, JobDocument document, IInputs inputs) =>
        (_owned, _document, _inputs) = (owned, document, inputs);

    /// <summary>Finds them for a job with one exact launch.</summary>
    public static UnownedBytes Find(Module module, JobDocument document, IInputs inputs)
    {
        var step = document.Steps[0];
        var kernel = module.Kernels.First(kernel => kernel.Name == step.Kernel);
        var map = WriteMap.Find(module, step.Kernel, StepLaunch.Make(kernel, step, _ => 0), StepLaunch.Pointers(kernel, step, document));
        return new UnownedBytes(document.Buffers.Where(b => b.IsResult).ToDictionary(b => b.Name, b => map?.FindOwnedRanges(b.Name)), document, inputs);
    }

    /// <summary>Whether it is known of every result which bytes no block writes.</summary>
    public bool IsKnown => _owned.Values.All(ranges => ranges is not null);

    /// <summary>The leaves of a result of which no block writes a byte.</summary>
    public IEnumerable<long> LeavesOf(BufferRoot buffer)
    {
        if (_owned[buffer.Buffer] is not { } owned) yield break;
        long leaf = 0;
        foreach (var range in owned)
        {
            for (; leaf < range.Start / MerkleTree.LeafBytes; leaf++) yield return leaf;
            leaf = Math.Max(leaf, ((range.End - 1) / MerkleTree.LeafBytes) + 1);
        }

        for (; leaf < MerkleTree.Count(buffer.Bytes); leaf++) yield return leaf;
    }

    /// <summary>The stretches of a leaf that no block writes.</summary>
    public IEnumerable<ByteRange> StretchesOf(BufferRoot buffer, long leaf)
    {
        if (_owned[buffer.Buffer] is not { } owned) yield break;
        var (start, end) = (leaf * MerkleTree.LeafBytes, (leaf * MerkleTree.LeafBytes) + MerkleTree.Length(buffer.Bytes, leaf));
        for (var i = FirstAfter(owned, start); i < owned.Count && owned[i].Start < end; i++)
        {
            if (owned[i].Start > start) yield return new ByteRange(start, owned[i].Start);
            start = Math.Max(start, owned[i].End);
        }

        if (start < end) yield return new ByteRange(start, end);
    }

    /// <summary>What a stretch held before the job.</summary>
    public byte[] Before(string buffer, ByteRange stretch)
    {
        var bytes = new byte[stretch.End - stretch.Start];
        Open(buffer)?.Read(stretch.Start, bytes);
        return bytes;
    }

    /// <summary>Whether a result begins as zeros.</summary>
    public bool BeginsEmpty(string buffer) => Open(buffer) is null;

    private IBufferContent? Open(string buffer) => _inputs.Open(_document.FindBuffer(buffer)!);

    /// <summary>The first of some ordered ranges that ends past a place.</summary>
    private static int FirstAfter(IReadOnlyList<ByteRange> ranges, long place)
    {
        var (low, high) = (0, ranges.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (ranges[middle].End > place) high = middle;
            else low = middle + 1;
        }

        return low;
    }
}
