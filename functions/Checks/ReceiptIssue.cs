using System.Text.Json;
using Broker.Core.Documents;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Core.Verification;
using Broker.Storage;

namespace Broker.Functions.Checks;

/// <summary>Writes and signs receipts: one for each attempt that was judged.</summary>
public sealed class ReceiptIssue(ReceiptStore receipts, BrokerKeyStore key)
{
    /// <summary>Writes the receipt of an attempt, where it was judged and has none.</summary>
    public async Task IssueAsync(JobRecord job, AttemptRecord attempt, CancellationToken cancellation)
    {
        if (attempt is not { State: AttemptState.Accepted or AttemptState.Rejected or AttemptState.Inconclusive, Commitment: { } commitment, Verdict: { } verdict }) return;
        var receipt = new Receipt
        {
            Document = JsonSerializer.Deserialize<JsonElement>(JobDocumentWriter.Write(job.Document)),
            Class = job.Class ?? "",
            Commitment = commitment,
            WorkerKey = attempt.PublicKey ?? "",
            Seed = attempt.Seed,
            Verdict = verdict,
            Verifier = attempt.Checks[^1].Verifier,
            At = attempt.Checks[^1].EndedAt ?? attempt.EndedAt ?? default,
            BrokerKey = await key.ReadPublicKeyAsync(cancellation),
        };
        receipt = receipt with { Signature = await key.SignAsync(receipt.Encode(), cancellation) };
        await receipts.CreateAsync(new AttemptId(job.Id, attempt.Replica, attempt.Number), receipt, cancellation);
    }

    /// <summary>The receipt of an attempt; null where it was not judged.</summary>
    public async Task<Receipt?> FindAsync(JobRecord job, AttemptRecord attempt, CancellationToken cancellation)
    {
        if (attempt.Verdict is null || attempt.Commitment is null) return null;
        var id = new AttemptId(job.Id, attempt.Replica, attempt.Number);
        if (await receipts.FindAsync(id, cancellation) is { } receipt) return receipt;

        // Whoever judged it may have died before it was written.
        await IssueAsync(job, attempt, cancellation);
        return await receipts.FindAsync(id, cancellation);
    }
}
