using Broker.Core.Jobs;
using Broker.Functions.Checks;
using Broker.Storage;

namespace Broker.Functions.Jobs;

/// <summary>Writes what stands beside a job's own rows: the receipts of its attempts, what they say of their workers, and its account's line once it has ended.</summary>
/// <remarks>All of it can be written again. It comes before the pool's rows change: as long as any of it is missing, the sweep finds one of those.</remarks>
public sealed class Paperwork(JobIndexStore index, ReceiptIssue receipts, Consequences consequences)
{
    /// <summary>Writes what a change asks for.</summary>
    public async Task WriteAsync(JobChange change, CancellationToken cancellation)
    {
        foreach (var attempt in change.TouchedAttempts) await WriteAsync(change.After, attempt, cancellation);
        if (change.After.State.IsEnded()) await index.WriteAsync(change.After, cancellation);
    }

    /// <summary>Writes all that a job as it stands asks for.</summary>
    public async Task RestoreAsync(JobRecord job, CancellationToken cancellation)
    {
        foreach (var attempt in job.Attempts) await WriteAsync(job, attempt, cancellation);
        if (job.State.IsEnded()) await index.WriteAsync(job, cancellation);
    }

    private async Task WriteAsync(JobRecord job, AttemptRecord attempt, CancellationToken cancellation)
    {
        await receipts.IssueAsync(job, attempt, cancellation);
        await consequences.NoteAsync(job, attempt, cancellation);
    }
}
