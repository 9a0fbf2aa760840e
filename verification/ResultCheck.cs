using Broker.Core.Jobs;
using Broker.Core.Verification;
using Broker.Ptx;
using Broker.Ptx.Audit;
using Broker.Ptx.Verify;

namespace Broker.Verification;

/// <summary>Checks what a worker committed to, by executing parts of the job or all of it again.</summary>
public sealed class ResultCheck
{
    /// <summary>So many blocks are executed before what they wrote is compared and forgotten.</summary>
    private const int BlocksAtOnce = 64;

    private readonly JobDocument _document;
    private readonly Module _module;
    private readonly Statement _statement;
    private readonly Digest _seed;
    private readonly IReexecution _reexecution;
    private readonly IInputs _inputs;
    private readonly LeafReader _leaves;
    private readonly LaunchList _launches;
    private readonly long _size;
    private readonly MismatchList _mismatches = new();
    private readonly HashSet<(string Buffer, long Leaf)> _compared = [];
    private string? _problem;

    /// <param name="document">The resolved job document.</param>
    /// <param name="program">The text of its program.</param>
    /// <param name="statement">What the worker committed to.</param>
    /// <param name="seed">Decides which blocks are executed again.</param>
    /// <param name="reexecution">Executes them.</param>
    /// <param name="committed">What the worker stored.</param>
    /// <param name="inputs">What the buffers hold before the job.</param>
    /// <param name="size">How many blocks are drawn; null for as many as the document asks.</param>
    public ResultCheck(
        JobDocument document, string program, Statement statement, Digest seed, IReexecution reexecution, ICommittedResult committed, IInputs inputs, long? size = null)
    {
        ArgumentNullException.ThrowIfNull(document);
        (_document, _statement, _seed, _reexecution, _inputs) = (document, statement, seed, reexecution, inputs);
        _module = new JobKernels(program).Module;
        _leaves = new LeafReader(committed);
        _launches = new LaunchList(document);
        _size = size ?? SampleSize.Of(document.Verification ?? new VerificationSpec(), _launches.Blocks, 1);
    }

    /// <summary>Checks, and says what was found.</summary>
    /// <remarks>
    /// The same result gives the same verdict whenever it is asked, but for what it cost. A block that differs counts as wrong only when it
    /// differs again, thread after thread, with races and faults looked for; a block with either never counts.
    /// </remarks>
    public async Task<Verdict> RunAsync(CancellationToken cancellation)
    {
        var verdict = new Verdict { Kind = VerdictKind.Passed, Blocks = _launches.Blocks, Sampled = 0 };
        try
        {
            verdict = _launches.Count == 1 && JobClass.Of(_module, _document).Class == KernelClass.Exact
                ? await CheckBlocksAsync(verdict, cancellation)
                : await CheckAllAsync(verdict, cancellation);
        }
        catch (CommitmentException e)
        {
            return Finish(verdict, VerdictKind.Failed, e.Message);
        }
        catch (Exception e) when (e is ReexecutionException or ArgumentException or PtxException)
        {
            _problem = e.Message;
        }

        // What was found wrong before something else went wrong is wrong all the same.
        if (_mismatches.Count > 0) return Finish(verdict, VerdictKind.Failed, _mismatches.Describe());
        return Finish(verdict, _problem is null ? VerdictKind.Passed : VerdictKind.Inconclusive, _problem);
    }

    private Verdict Finish(Verdict verdict, VerdictKind kind, string? reason) => verdict with
    {
        Kind = kind,
        Reason = reason?.Length > VerdictCheck.ReasonLength ? reason[..VerdictCheck.ReasonLength] : reason,
        ComparedLeaves = _compared.Count,
        MismatchCount = _mismatches.Count,
        Mismatches = _mismatches.Listed,
        Steps = _reexecution.Cost.Steps,
        CpuSeconds = _reexecution.Cost.CpuSeconds,
        FetchedBytes = _leaves.FetchedBytes + _reexecution.Cost.InputBytes,
    };

    private async Task<Verdict> CheckBlocksAsync(Verdict verdict, CancellationToken cancellation)
    {
        foreach (var buffer in _statement.Buffers) await _leaves.ListAsync(buffer, cancellation);
        var sample = BlockSample.Draw(_seed, _statement.TopRoot, _statement, _launches, _size);
        var unowned = UnownedBytes.Find(_module, _document, _inputs);
        // Blocks that lie side by side mostly share leaves: in their order each leaf is read about once.
        foreach (var some in sample.All.OrderBy(_launches.PlaceOf).Chunk(BlocksAtOnce)) await CheckBlocksAsync(some, unowned, cancellation);
        long? unownedLeaves = unowned.IsKnown ? await CheckUnownedLeavesAsync(unowned, cancellation) : null;
        return verdict with { Sampled = sample.Uniform.Length, Added = sample.Edges.Length, UnownedLeaves = unownedLeaves };
    }

    private async Task CheckBlocksAsync(IReadOnlyList<BlockIndex> blocks, UnownedBytes unowned, CancellationToken cancellation)
    {
        var runs = await _reexecution.RunBlocksAsync(blocks, tracked: false, cancellation);
        _problem ??= runs.FirstOrDefault(run => run.Problem is not null)?.Problem;
        var good = runs.Where(run => run.Problem is null).ToList();
        foreach (var buffer in _statement.Buffers)
        {
            var leaves = await _leaves.ReadAsync(buffer, TouchedLeaves(good, buffer), cancellation);
            var suspects = good.Where(run => FindDifference(run, buffer, leaves) is not null).Select(run => run.Block).ToList();
            if (suspects.Count > 0) await ConfirmAsync(suspects, buffer, cancellation);
            foreach (var (leaf, bytes) in leaves) CheckStretches(unowned, buffer, leaf, bytes);
        }
    }

    /// <summary>Executes blocks that differ once more, as slowly and as carefully as can be.</summary>
    private async Task ConfirmAsync(List<BlockIndex> suspects, BufferRoot buffer, CancellationToken cancellation)
    {
        foreach (var run in await _reexecution.RunBlocksAsync(suspects, tracked: true, cancellation))
        {
            _problem ??= run.Problem;
            if (run.Problem is not null) continue;
            var leaves = await _leaves.ReadAsync(buffer, TouchedLeaves([run], buffer), cancellation);
            if (FindDifference(run, buffer, leaves) is { } difference) await AddAsync(run.Block, buffer, difference, leaves[difference.Offset / MerkleTree.LeafBytes], cancellation);
            else _problem ??= $"block {run.Block.Block} of launch {run.Block.Launch} gives one result in vectors and another one thread after thread";
        }
    }

    private async Task AddAsync(BlockIndex? block, BufferRoot buffer, Difference difference, ReadOnlyMemory<byte> leaf, CancellationToken cancellation)
    {
        var index = difference.Offset / MerkleTree.LeafBytes;
        var list = await _leaves.ListAsync(buffer, cancellation);
        _mismatches.Add(
            block, buffer.Buffer, difference,
            () => new OpenedLeaf(leaf.ToArray(), MerkleTree.Path(list.AsSpan(), (int)index)));
    }

    private void CheckStretches(UnownedBytes unowned, BufferRoot buffer, long leaf, ReadOnlyMemory<byte> bytes)
    {
        if (!_compared.Add((buffer.Buffer, leaf))) return;
        foreach (var stretch in unowned.StretchesOf(buffer, leaf))
        {
            var committed = bytes.Span[(int)(stretch.Start - (leaf * MerkleTree.LeafBytes))..(int)(stretch.End - (leaf * MerkleTree.LeafBytes))];
            var before = unowned.Before(buffer.Buffer, stretch);
            if (ByteDifference.FindFirst(before, committed, []) is var at and >= 0)
                _mismatches.Add(null, buffer.Buffer, Difference.Of(stretch.Start + at, before.AsSpan(at), committed[at..]), null);
        }
    }

    /// <summary>Holds every leaf that no block writes against what it was: by its hash, without reading it.</summary>
    private async Task<long> CheckUnownedLeavesAsync(UnownedBytes unowned, CancellationToken cancellation)
    {
        long count = 0;
        foreach (var buffer in _statement.Buffers)
        {
            var list = await _leaves.ListAsync(buffer, cancellation);
            var empty = new Dictionary<int, Digest>();
            foreach (var leaf in unowned.LeavesOf(buffer))
            {
                count++;
                var length = MerkleTree.Length(buffer.Bytes, leaf);
                var stretch = new ByteRange(leaf * MerkleTree.LeafBytes, (leaf * MerkleTree.LeafBytes) + length);
                if (!unowned.BeginsEmpty(buffer.Buffer)) empty[length] = MerkleTree.Leaf(unowned.Before(buffer.Buffer, stretch));
                else if (!empty.ContainsKey(length)) empty[length] = MerkleTree.Leaf(new byte[length]);
                if (list[(int)leaf] == empty[length]) continue;
                var bytes = (await _leaves.ReadAsync(buffer, [leaf], cancellation))[leaf];
                var before = unowned.Before(buffer.Buffer, stretch);
                var at = ByteDifference.FindFirst(before, bytes.Span, []);
                await AddAsync(null, buffer, Difference.Of(stretch.Start + at, before.AsSpan(at), bytes.Span[at..]), bytes, cancellation);
            }
        }

        return count;
    }

    private async Task<Verdict> CheckAllAsync(Verdict verdict, CancellationToken cancellation)
    {
        var run = await _reexecution.RunAllAsync(cancellation);
        _problem = run.Problem;
        if (run.Problem is not null) return verdict;
        foreach (var (buffer, expected) in _statement.Buffers.Zip(run.Leaves))
        {
            var list = await _leaves.ListAsync(buffer, cancellation);
            var differing = Enumerable.Range(0, list.Length).Where(leaf => list[leaf] != expected[leaf]).Select(leaf => (long)leaf).ToList();
            for (long leaf = 0; leaf < list.Length; leaf++) _compared.Add((buffer.Buffer, leaf));
            foreach (var some in differing.Chunk(BlocksAtOnce))
            {
                foreach (var (leaf, bytes) in await _leaves.ReadAsync(buffer, some, cancellation)) await CompareAsync(buffer, leaf, bytes, cancellation);
            }
        }

        return verdict with { Sampled = _launches.Blocks, UnownedLeaves = 0 };
    }

    private async Task CompareAsync(BufferRoot buffer, long leaf, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        var expected = await _reexecution.ReadLeafAsync(buffer.Buffer, leaf, cancellation);
        var open = expected.Unspecified.IsEmpty ? expected.Unspecified : expected.Unspecified[..bytes.Length];
        var at = ByteDifference.FindFirst(expected.Bytes.Span, bytes.Span, open.Span);
        if (at < 0) return;
        await AddAsync(null, buffer, Difference.Of((leaf * MerkleTree.LeafBytes) + at, expected.Bytes.Span[at..], bytes.Span[at..]), bytes, cancellation);
    }

    private static List<long> TouchedLeaves(List<BlockRun> runs, BufferRoot buffer) =>
        [.. runs.SelectMany(run => run.Writes).Where(write => write.Buffer == buffer.Buffer).SelectMany(LeavesOf).Distinct().Order()];

    private static IEnumerable<long> LeavesOf(BlockWrite write)
    {
        for (var leaf = write.Start / MerkleTree.LeafBytes; leaf <= (write.Start + write.Bytes.Length - 1) / MerkleTree.LeafBytes; leaf++) yield return leaf;
    }

    private static Difference? FindDifference(BlockRun run, BufferRoot buffer, Dictionary<long, ReadOnlyMemory<byte>> leaves)
    {
        foreach (var write in run.Writes.Where(write => write.Buffer == buffer.Buffer))
        {
            foreach (var leaf in LeavesOf(write))
            {
                var start = Math.Max(write.Start, leaf * MerkleTree.LeafBytes);
                var end = Math.Min(write.Start + write.Bytes.Length, (leaf + 1) * MerkleTree.LeafBytes);
                var (from, length) = ((int)(start - write.Start), (int)(end - start));
                var committed = leaves[leaf].Span.Slice((int)(start - (leaf * MerkleTree.LeafBytes)), length);
                var open = write.Unspecified.IsEmpty ? write.Unspecified : write.Unspecified.Slice(from, length);
                var expected = write.Bytes.Span.Slice(from, length);
                if (ByteDifference.FindFirst(expected, committed, open.Span) is var at and >= 0)
                    return Difference.Of(start + at, expected[at..], committed[at..]);
            }
        }

        return null;
    }
}
