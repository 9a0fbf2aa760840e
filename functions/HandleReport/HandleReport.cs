using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Core.Verification;
using Broker.Functions.Checks;
using Broker.Functions.Jobs;
using Broker.Storage;

namespace Broker.Functions;

/// <summary>What a worker or a verifier reports, as the API queues it after it checked who sends it. It is one of the two.</summary>
/// <param name="Job">The job.</param>
/// <param name="Replica">The replica.</param>
/// <param name="Attempt">The attempt's number.</param>
/// <param name="From">Who reports.</param>
public sealed record ReportMessage(JobId Job, int Replica, int Attempt, WorkerId From)
{
    /// <summary>What a worker says of a run.</summary>
    public AttemptReport? Report { get; init; }

    /// <summary>What a verifier says of a result.</summary>
    public CheckReport? Check { get; init; }

    /// <summary>Whether it failed too often once already.</summary>
    public bool Again { get; init; }

    public AttemptId ToId() => new(Job, Replica, Attempt);
}

/// <summary>What a verifier says of a result.</summary>
/// <param name="Number">Which check of the attempt.</param>
/// <param name="Verdict">What was found.</param>
public sealed record CheckReport(int Number, Verdict Verdict);

/// <summary>Records what workers report of their runs, and verifiers of their checks.</summary>
public sealed partial class HandleReport(JobStore jobs, JobChanges changes, CommitmentCheck commitments, CheckStart start, ILogger<HandleReport> log)
{
    public async Task RunAsync(ReportMessage message, DateTimeOffset now, OperationMeter.Scope scope, CancellationToken cancellation)
    {
        scope.Share(message.Job);
        var id = message.ToId();
        var result = message switch
        {
            { Report: { } report } => await TakeAsync(id, message.From, report, now, cancellation),
            { Check: { } check } => await JudgeAsync(id, message.From, check, now, cancellation),
            _ => throw new InvalidDataException($"the report of {id} says nothing"),
        };
        if (result.Refusal == LifecycleRefusal.None)
            scope.Add(message.Report?.Commitment?.Statement.Usage.StorageOperations ?? message.Report?.Usage?.StorageOperations ?? 0);
        else
            LogRefused(id, result.Refusal);
        if (result.Job is not { } job) return;

        // Late, or a second time: then the first time may have died between the job's rows and what follows from them.
        if (result.Refusal != LifecycleRefusal.None) await changes.RestoreAsync(job, cancellation);
        await start.SendAsync(job, id, cancellation);
    }

    private async Task<ChangeResult> TakeAsync(AttemptId id, WorkerId worker, AttemptReport report, DateTimeOffset now, CancellationToken cancellation)
    {
        var stored = jobs.Recall(id.Job) ?? await jobs.FindAsync(id.Job, cancellation);
        if (stored is null) return new ChangeResult(null, LifecycleRefusal.None);
        var refusal = await commitments.FindRefusalAsync(stored.Job, id, report, cancellation);
        var verifier = report.Outcome is RunOutcome.Completed or RunOutcome.Faulted ? await start.FindVerifierAsync(stored.Job, id, now, cancellation) : null;
        return await changes.ApplyAsync(
            id.Job,
            job => refusal is null ? Lifecycle.Report(job, id, worker, report, now, verifier) : Lifecycle.RefuseCommitment(job, id, worker, report, refusal, now),
            cancellation);
    }

    private async Task<ChangeResult> JudgeAsync(AttemptId id, WorkerId verifier, CheckReport check, DateTimeOffset now, CancellationToken cancellation)
    {
        var second = check.Verdict.Kind == VerdictKind.Failed && await jobs.FindAsync(id.Job, cancellation) is { } stored
            ? await start.FindVerifierAsync(stored.Job, id, now, cancellation)
            : null;
        return await changes.ApplyAsync(id.Job, job => Lifecycle.Judge(job, id, check.Number, verifier, check.Verdict, second, now), cancellation);
    }

    [LoggerMessage(LogLevel.Information, "report of {Attempt} not taken in: {Refusal}")]
    private partial void LogRefused(AttemptId attempt, LifecycleRefusal refusal);
}
