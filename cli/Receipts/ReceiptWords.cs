using Broker.Cli.Output;
using Broker.Core.Verification;

namespace Broker.Cli.Receipts;

/// <summary>Says what a receipt proves, and no more than that.</summary>
internal static class ReceiptWords
{
    /// <summary>A receipt in lines.</summary>
    public static IEnumerable<string> Describe(Receipt receipt)
    {
        var statement = receipt.Commitment.Statement;
        yield return $"receipt      job {statement.Job}, attempt {statement.Replica}/{statement.Attempt}, class {receipt.Class}";
        yield return $"worker       {statement.Worker}, which committed to {string.Join(", ", statement.Buffers.Select(buffer => $"'{buffer.Buffer}' {buffer.Root}"))}";
        yield return $"verifier     {receipt.Verifier}, {Words.Time(receipt.At)}";
        var verification = ReceiptCheck.FindDocument(receipt)?.Verification;
        if (verification is not null) yield return $"verification {VerdictWords.Mode(verification)}";
        foreach (var line in Verdict(receipt, verification)) yield return line;
    }

    /// <summary>A verdict in lines.</summary>
    public static IEnumerable<string> Verdict(Receipt receipt, VerificationSpec? verification) => receipt.Verdict.Kind switch
    {
        VerdictKind.Passed => Passed(receipt, verification),
        VerdictKind.Failed => Failed(receipt.Verdict),
        _ => [$"inconclusive: nothing can be said about the result, and the worker is not to blame: {receipt.Verdict.Reason}"],
    };

    /// <summary>Where a result is not what it must be.</summary>
    public static string Place(Mismatch mismatch)
    {
        var where = mismatch.Block is { } block ? $"block {block.Block} of launch {block.Launch}, " : "";
        return $"{where}'{mismatch.Buffer}' at byte {mismatch.Offset}: there stood {mismatch.Committed}, and there must stand {mismatch.Expected}";
    }

    private static IEnumerable<string> Passed(Receipt receipt, VerificationSpec? verification)
    {
        var verdict = receipt.Verdict;
        if (verification is null || Receipt.MostWrong(verification, verdict) is not { } wrong)
        {
            yield return $"passed: {VerdictWords.Executed(verdict.Blocks, verdict.Sampled)} blocks re-executed, and the document cannot be read here: nothing else can be said";
            yield break;
        }

        if (verdict.Sampled >= verdict.Blocks)
        {
            yield return verdict.UnownedLeaves is null
                ? "passed: every block was executed again: what the blocks write is right; which bytes no block owns is not known, and those were not all checked"
                : "passed: every block was executed again: the result is right";
            yield break;
        }

        var corners = verdict.Added > 0 ? $", and {VerdictWords.Number(verdict.Added)} at corners of grids on top" : "";
        yield return $"passed: {VerdictWords.Bound(verdict.Blocks, verdict.Sampled, wrong, verification)}: " +
            $"{VerdictWords.Executed(verdict.Blocks, verdict.Sampled)} re-executed{corners}; {Unowned(verdict, receipt.Commitment.Statement)}";
    }

    /// <summary>What is known of the bytes that no block owns: a leaf that some block writes may have such bytes as well.</summary>
    private static string Unowned(Verdict verdict, Statement statement)
    {
        if (verdict.UnownedLeaves is not { } unowned) return "which bytes no block owns is not known, and those were not all checked";
        var owned = statement.Buffers.Sum(buffer => MerkleTree.Count(buffer.Bytes)) - unowned;
        if (verdict.ComparedLeaves >= owned) return "every byte that no block owns is untouched";
        var whole = unowned > 0 ? $"the {VerdictWords.Number(unowned)} leaves of 4 KiB that no block owns a byte of are untouched; " : "";
        return $"{whole}of the {VerdictWords.Number(owned)} leaves that blocks own bytes of, {VerdictWords.Number(verdict.ComparedLeaves)} were compared: in those every byte that no block owns is untouched";
    }

    private static IEnumerable<string> Failed(Verdict verdict)
    {
        yield return "failed: the result is not what the program computes" + (verdict.Mismatches.IsEmpty ? $": {verdict.Reason}" : "");
        foreach (var mismatch in verdict.Mismatches) yield return $"  {Place(mismatch)}";
        if (verdict.MismatchCount > verdict.Mismatches.Length) yield return $"  and {VerdictWords.Number(verdict.MismatchCount - verdict.Mismatches.Length)} more";
    }
}
