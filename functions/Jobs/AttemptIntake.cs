using System.Collections.Immutable;
using Broker.Core.Documents;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Storage;

namespace Broker.Functions.Jobs;

/// <summary>What came of a report.</summary>
/// <param name="Job">The job as it was read; null where there is none.</param>
/// <param name="Refusal">Why the report was not taken in.</param>
/// <param name="Errors">What is wrong with it.</param>
public sealed record ReportResult(JobRecord? Job, LifecycleRefusal Refusal, ImmutableArray<DocumentError> Errors);

/// <summary>Takes in what workers say of their attempts: that a run begins, and how it ended.</summary>
public sealed class AttemptIntake(JobChanges changes, JobStore jobs, MessageQueues queues)
{
    /// <summary>Begins a run.</summary>
    public Task<ChangeResult> StartAsync(
        AttemptId attempt, Principal worker, string run, DateTimeOffset now, CancellationToken cancellation) =>
        changes.ApplyAsync(attempt.Job, job => Lifecycle.Start(job, attempt, worker.Worker!.Value, run, worker.PublicKey, now), cancellation);

    /// <summary>Checks a report and queues it: what it means is recorded by the function that the queue starts.</summary>
    public async Task<ReportResult> ReportAsync(
        AttemptId attempt, WorkerId worker, AttemptReport report, CancellationToken cancellation)
    {
        // The function that records it checks it again: what this program wrote last is good enough to take it in, and not to refuse it.
        var stored = jobs.Recall(attempt.Job) is { } recalled && Check(recalled) == LifecycleRefusal.None
            ? recalled
            : await jobs.FindAsync(attempt.Job, cancellation);
        if (stored is null) return new ReportResult(null, LifecycleRefusal.None, []);
        var refusal = Check(stored);
        if (refusal != LifecycleRefusal.None) return new ReportResult(stored.Job, refusal, []);
        var errors = ReportCheck.Check(stored.Job, stored.Job.FindAttempt(attempt.Replica, attempt.Number)!, report);
        if (errors.IsEmpty)
        {
            var message = new ReportMessage(attempt.Job, attempt.Replica, attempt.Number, worker) { Report = report };
            await queues.SendAsync(QueueNames.Reports, message, null, cancellation);
        }

        return new ReportResult(stored.Job, LifecycleRefusal.None, errors);

        LifecycleRefusal Check(StoredJob read) => Lifecycle.CheckReport(read.Job, attempt, worker, report.Run);
    }
}
