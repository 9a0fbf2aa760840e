using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Functions.Jobs;
using Broker.Storage;

namespace Broker.Functions;

/// <summary>A worker's report as the API queues it, after it checked who sends it.</summary>
/// <param name="Job">The job.</param>
/// <param name="Replica">The replica.</param>
/// <param name="Attempt">The attempt's number.</param>
/// <param name="Worker">Who reports.</param>
/// <param name="Report">What it says.</param>
/// <param name="Again">Whether it failed too often once already.</param>
public sealed record ReportMessage(JobId Job, int Replica, int Attempt, WorkerId Worker, AttemptReport Report, bool Again = false);

/// <summary>Records what a worker reports of a run.</summary>
public sealed partial class HandleReport(JobChanges changes, ILogger<HandleReport> log)
{
    public async Task RunAsync(ReportMessage message, DateTimeOffset now, OperationMeter.Scope scope, CancellationToken cancellation)
    {
        scope.Share(message.Job);
        var id = new AttemptId(message.Job, message.Replica, message.Attempt);
        var result = await changes.ApplyAsync(
            message.Job, job => Lifecycle.Report(job, id, message.Worker, message.Report, now), cancellation);
        if (result.Refusal == LifecycleRefusal.None)
        {
            scope.Add(message.Report.Usage?.StorageOperations ?? 0);
            return;
        }

        // Late, or a second time: then the first time may have died between the job's rows and what follows from them.
        LogRefused(id, result.Refusal);
        if (result.Job is { } job) await changes.RestoreAsync(job, cancellation);
    }

    [LoggerMessage(LogLevel.Information, "report of {Attempt} not taken in: {Refusal}")]
    private partial void LogRefused(AttemptId attempt, LifecycleRefusal refusal);
}
