using Broker.Cli.Output;
using Broker.Core.Jobs;
using Broker.Core.Verification;
using Broker.Ptx;
using Broker.Ptx.Verify;
using Broker.Verification;

namespace Broker.Cli.Receipts;

/// <summary>Shows that a rejected result is wrong by the leaves that its receipt opens, without the rest of it.</summary>
/// <remarks>That the worker committed to these leaves is <see cref="ReceiptCheck"/>'s to say; here it is what must stand in them.</remarks>
internal sealed class OpenedProof(Receipt receipt, JobDocument document, string program, IInputs inputs, IReexecution reexecution)
{
    private readonly Module _module = Module.Parse(program);
    private readonly LaunchList _launches = new(document);
    private WholeRun? _whole;

    public async Task<IReadOnlyList<RedoneFinding>> RunAsync(CancellationToken cancellation)
    {
        var opened = receipt.Verdict.Mismatches.Where(mismatch => mismatch.Opened is not null).ToList();
        if (opened.Count == 0)
            return [new RedoneFinding("execution", FindingOutcome.NotDone, $"the receipt opens no leaf that is wrong, and without the results nothing can be compared: {receipt.Verdict.Reason}")];
        var findings = new List<RedoneFinding>();
        foreach (var mismatch in opened) findings.Add(await ShowAsync(mismatch, cancellation));
        if (receipt.Verdict.MismatchCount > opened.Count)
            findings.Add(new RedoneFinding("other places", FindingOutcome.Skipped, $"{VerdictWords.Number(receipt.Verdict.MismatchCount - opened.Count)} more are told of and not opened"));
        return findings;
    }

    private async Task<RedoneFinding> ShowAsync(Mismatch mismatch, CancellationToken cancellation)
    {
        var name = mismatch.Block is { } block ? $"block {block.Block} of launch {block.Launch}" : $"'{mismatch.Buffer}' at {mismatch.Offset}";
        var problem = IsInside(mismatch) ? await FindProblemAsync(mismatch, cancellation) : "it lies outside of the result";
        return problem is null
            ? new RedoneFinding(name, FindingOutcome.Holds, $"executed again: {ReceiptWords.Place(mismatch)}")
            : new RedoneFinding(name, FindingOutcome.Fails, $"{problem}; the receipt says: {ReceiptWords.Place(mismatch)}");
    }

    private bool IsInside(Mismatch mismatch) =>
        document.FindBuffer(mismatch.Buffer) is { IsResult: true } buffer && mismatch.Offset >= 0 && mismatch.Offset < buffer.Bytes
        && mismatch.Opened!.Bytes.Length > mismatch.Offset % MerkleTree.LeafBytes
        && (mismatch.Block is not { } block || (block.Launch >= 0 && block.Launch < _launches.Count && block.Block >= 0 && block.Block < _launches.StepOf(block.Launch).Grid.Count));

    /// <summary>What is not as the receipt says; null where all of it is.</summary>
    private async Task<string?> FindProblemAsync(Mismatch mismatch, CancellationToken cancellation)
    {
        if (mismatch.Block is { } block) return await FindProblemOfBlockAsync(mismatch, block, cancellation);
        if (_launches.Count == 1 && JobClass.Of(_module, document).Class == KernelClass.Exact) return FindProblemOfUnowned(mismatch);
        _whole ??= await reexecution.RunAllAsync(cancellation);
        if (_whole.Problem is { } problem) return problem;
        var (leaf, within) = Math.DivRem(mismatch.Offset, MerkleTree.LeafBytes);
        var expected = await reexecution.ReadLeafAsync(mismatch.Buffer, leaf, cancellation);
        return Compare(mismatch, expected.Bytes.Span[(int)within..], expected.Unspecified.IsEmpty ? [] : expected.Unspecified.Span[(int)within..]);
    }

    private async Task<string?> FindProblemOfBlockAsync(Mismatch mismatch, BlockIndex block, CancellationToken cancellation)
    {
        if (_launches.Count > 1) throw new ReexecutionException("a block of a job with several launches cannot be executed alone yet");
        if (!IsDrawn(block)) return "this block was not drawn";
        var run = (await reexecution.RunBlocksAsync([block], tracked: true, cancellation))[0];
        if (run.Problem is { } problem) return problem;
        foreach (var write in run.Writes.Where(write => write.Buffer == mismatch.Buffer && write.Start <= mismatch.Offset && mismatch.Offset < write.Start + write.Bytes.Length))
        {
            var from = (int)(mismatch.Offset - write.Start);
            return Compare(mismatch, write.Bytes.Span[from..], write.Unspecified.IsEmpty ? [] : write.Unspecified.Span[from..]);
        }

        return "the block writes nothing there";
    }

    private bool IsDrawn(BlockIndex block)
    {
        var verification = document.Verification ?? new VerificationSpec();
        if (verification.Mode == VerificationMode.Full) return true;
        var (statement, size) = (receipt.Commitment.Statement, SampleSize.Of(_launches.Blocks, verification.FractionMillionths, verification.ConfidenceMillionths));
        return BlockSample.Draw(receipt.Seed, statement.TopRoot, statement, _launches, size).All.Contains(block);
    }

    /// <summary>What no block owns holds what it held before.</summary>
    private string? FindProblemOfUnowned(Mismatch mismatch)
    {
        var step = document.Steps[0];
        var kernel = _module.Kernels.First(kernel => kernel.Name == step.Kernel);
        var map = WriteMap.Find(_module, step.Kernel, StepLaunch.Make(kernel, step, _ => 0), StepLaunch.Pointers(kernel, step, document));
        if (map?.FindOwner(mismatch.Buffer, new ByteRange(mismatch.Offset, mismatch.Offset + 1)) is { } owner) return $"block {owner} may write there";
        var before = new byte[Math.Min(mismatch.Expected.Length / 2, document.FindBuffer(mismatch.Buffer)!.Bytes - mismatch.Offset)];
        inputs.Open(document.FindBuffer(mismatch.Buffer)!)?.Read(mismatch.Offset, before);
        return Compare(mismatch, before, []);
    }

    private static string? Compare(Mismatch mismatch, ReadOnlySpan<byte> expected, ReadOnlySpan<byte> unspecified)
    {
        var shown = Convert.ToHexStringLower(expected[..Math.Min(expected.Length, mismatch.Expected.Length / 2)]);
        if (shown.Length == 0 || shown != mismatch.Expected) return $"there must stand {shown}";
        var committed = mismatch.Opened!.Bytes.Span[(int)(mismatch.Offset % MerkleTree.LeafBytes)];
        var open = unspecified.IsEmpty ? 0 : unspecified[0];
        return ((expected[0] ^ committed) & ~open) == 0 ? "what the worker committed to is right" : null;
    }
}
