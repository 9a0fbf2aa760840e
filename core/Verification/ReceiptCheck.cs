using System.Text;
using Broker.Core.Documents;
using Broker.Core.Ids;
using Broker.Core.Jobs;

namespace Broker.Core.Verification;

/// <summary>One thing that a receipt claims, and whether it holds.</summary>
/// <param name="Name">What was looked at.</param>
/// <param name="Holds">Whether it holds.</param>
/// <param name="Says">In words.</param>
public sealed record ReceiptFinding(string Name, bool Holds, string Says);

/// <summary>Holds a receipt against itself: what needs no execution.</summary>
public static class ReceiptCheck
{
    /// <summary>Reads the job document of a receipt.</summary>
    /// <returns>Null where it is none.</returns>
    public static JobDocument? FindDocument(Receipt receipt) =>
        JobDocumentReader.Read(Encoding.UTF8.GetBytes(receipt.Document.GetRawText())).Value;

    /// <summary>Checks signatures, hashes, the promise of the seed, and the size of the sample.</summary>
    /// <param name="receipt">Anybody's receipt.</param>
    /// <param name="brokerKey">The key that the broker is known by; null takes the receipt's own, which proves nothing about who made it.</param>
    /// <remarks>Pure and total. In order; each finding stands for itself.</remarks>
    public static IReadOnlyList<ReceiptFinding> Check(Receipt receipt, string? brokerKey)
    {
        ArgumentNullException.ThrowIfNull(receipt);
        var findings = new List<ReceiptFinding>();
        void Add(string name, bool holds, string yes, string no) => findings.Add(new ReceiptFinding(name, holds, holds ? yes : no));

        if (receipt.Version != Receipt.CurrentVersion)
            return [new ReceiptFinding("version", false, $"version {receipt.Version} is not known here: take a newer broker")];
        Add("broker key", brokerKey is null || brokerKey == receipt.BrokerKey, brokerKey is null ? "not compared: name the broker's key to know who made this receipt" : "it is the broker's", "another's key than the broker's");
        Add("broker signature", Signatures.Verify(receipt.Encode(), receipt.Signature, receipt.BrokerKey), "the broker signed exactly this", "the receipt was changed, or never signed");
        var statement = receipt.Commitment.Statement;
        Add("worker signature", Signatures.Verify(statement.Encode(), receipt.Commitment.Signature, receipt.WorkerKey), $"worker {statement.Worker} committed to exactly this", "the worker never said this");
        var promised = Seed.Commit(receipt.Seed, new AttemptId(statement.Job, statement.Replica, statement.Attempt));
        Add("seed", promised == statement.SeedCommit, "it is the one that was promised before the run", "it is not the one that was promised before the run");
        var document = FindDocument(receipt);
        var fits = document?.Program.Content is not null && JobHash.Of(document) == statement.JobHash;
        Add("job", fits, "the statement is about exactly this job", "the statement is about another job");
        if (!fits || document?.Verification is not { } verification) return findings;
        var results = document.Buffers.Where(buffer => buffer.IsResult).Select(buffer => (buffer.Name, buffer.Bytes));
        Add("results", results.SequenceEqual(statement.Buffers.Select(buffer => (buffer.Buffer, buffer.Bytes))), "the worker committed to every result of the job", "the worker committed to other results than the job has");

        var blocks = new LaunchList(document).Blocks;
        var least = verification.Mode == VerificationMode.Full ? blocks : SampleSize.Of(blocks, verification.FractionMillionths, verification.ConfidenceMillionths);
        var verdict = receipt.Verdict;
        Add(
            "sample", verdict.Kind != VerdictKind.Passed || (verdict.Blocks == blocks && verdict.Sampled >= least && verdict.Sampled <= blocks),
            $"{verdict.Sampled} of {verdict.Blocks} blocks, at least {least} were asked for", $"{verdict.Sampled} of {verdict.Blocks} blocks, where {least} of {blocks} were asked for");
        foreach (var mismatch in verdict.Mismatches.Where(mismatch => mismatch.Opened is not null))
            Add($"opening of '{mismatch.Buffer}' at {mismatch.Offset}", Opens(statement, mismatch), "the worker committed to these bytes", "these bytes were not committed to");
        return findings;
    }

    private static bool Opens(Statement statement, Mismatch mismatch)
    {
        var buffer = statement.Buffers.FirstOrDefault(buffer => buffer.Buffer == mismatch.Buffer);
        var (leaf, opened) = (mismatch.Offset / MerkleTree.LeafBytes, mismatch.Opened!);
        if (buffer is null || mismatch.Offset < 0 || mismatch.Offset >= buffer.Bytes || opened.Bytes.Length != MerkleTree.Length(buffer.Bytes, leaf)) return false;
        if (!MerkleTree.Leads(MerkleTree.Leaf(opened.Bytes.Span), leaf, MerkleTree.Count(buffer.Bytes), opened.Path.AsSpan(), buffer.Root)) return false;
        var committed = Convert.ToHexStringLower(opened.Bytes.Span[(int)(mismatch.Offset - (leaf * MerkleTree.LeafBytes))..]);
        return committed.StartsWith(mismatch.Committed, StringComparison.Ordinal);
    }
}
