using System.Collections.Immutable;
using Broker.Core.Documents;

namespace Broker.Core.Verification;

/// <summary>Holds a verifier's verdict against its limits.</summary>
public static class VerdictCheck
{
    /// <summary>A reason may have so many characters.</summary>
    public const int ReasonLength = 2000;
    private const int HexLength = 64;
    private const int PathLength = 64;

    public static ImmutableArray<DocumentError> Check(Verdict verdict)
    {
        ArgumentNullException.ThrowIfNull(verdict);
        var errors = ImmutableArray.CreateBuilder<DocumentError>();
        void Require(bool holds, string path, string message)
        {
            if (!holds) errors.Add(new DocumentError(path, message));
        }

        Require(verdict.Reason is null || verdict.Reason.Length <= ReasonLength, "$.reason", $"may have {ReasonLength} characters");
        Require(double.IsFinite(verdict.CpuSeconds) && verdict.CpuSeconds is >= 0 and <= 1e9, "$.cpuSeconds", "must be a time");
        Require(verdict is { Blocks: >= 0, Sampled: >= 0, Added: >= 0, Steps: >= 0, FetchedBytes: >= 0, ComparedLeaves: >= 0, MismatchCount: >= 0 }, "$", "counts must be 0 or more");
        Require(verdict.Kind == VerdictKind.Failed || verdict.MismatchCount == 0, "$.mismatchCount", "must be 0 unless the verdict is 'failed'");
        Require(verdict.Mismatches.Length <= Verdict.MostListed, "$.mismatches", $"has {verdict.Mismatches.Length} items; at most {Verdict.MostListed} are allowed");
        Require(verdict.Mismatches.All(mismatch => mismatch is not null), "$.mismatches", "must not hold null");
        if (errors.Count > 0) return errors.ToImmutable();
        Require(verdict.Mismatches.Count(mismatch => mismatch.Opened is not null) <= Verdict.MostOpened, "$.mismatches", $"opens more than {Verdict.MostOpened} leaves");
        Require(verdict.Mismatches.All(mismatch => mismatch.Committed.Length <= HexLength && mismatch.Expected.Length <= HexLength), "$.mismatches", $"may show {HexLength} hex digits each");
        Require(
            verdict.Mismatches.All(mismatch => mismatch.Opened is not { } opened || (opened.Bytes.Length <= MerkleTree.LeafBytes && opened.Path.Length <= PathLength)),
            "$.mismatches", "opens more than a leaf");
        return errors.ToImmutable();
    }
}
