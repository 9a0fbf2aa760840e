using System.Collections.Immutable;
using System.Text;
using Broker.Core.Api;
using Broker.Core.Documents;
using Broker.Core.Ids;
using Broker.Core.Verification;

namespace Broker.Core.Jobs;

/// <summary>Holds a worker's report against the job's document.</summary>
public static class ReportCheck
{
    private const int ReasonLength = 2000;
    private const int ExecutorLength = 100;

    /// <summary>A run stores at most so many parts, and makes a few operations more.</summary>
    private const int StorageOperations = 1_000_000;

    /// <summary>Finds what a report must not say: a commitment to anything but this run's results, a fault that is missing, texts without end.</summary>
    public static ImmutableArray<DocumentError> Check(JobRecord job, AttemptRecord attempt, AttemptReport report)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(attempt);
        ArgumentNullException.ThrowIfNull(report);
        var errors = ImmutableArray.CreateBuilder<DocumentError>();
        if (report.Outcome == RunOutcome.Completed) CheckCommitment(job, attempt, report, errors);
        if (report.Outcome == RunOutcome.Faulted && report.Fault is null) errors.Add(new DocumentError("$.fault", "is missing: what did the kernel do?"));
        if (report.Reason?.Length > ReasonLength) errors.Add(new DocumentError("$.reason", $"may have {ReasonLength} characters"));
        if (report.Log is { } log && Encoding.UTF8.GetByteCount(log) > RunLogs.ReportBytes)
            errors.Add(new DocumentError("$.log", $"may have {RunLogs.ReportBytes} bytes: a longer one is stored where the order says"));
        if (report.Fault is { } fault && fault.Message.Length + fault.Kind.Length > ReasonLength)
            errors.Add(new DocumentError("$.fault", $"may have {ReasonLength} characters"));
        if (report.Usage is { } usage) CheckUsage(usage, "$.usage", errors);
        return errors.ToImmutable();
    }

    private static void CheckUsage(Usage usage, string path, ImmutableArray<DocumentError>.Builder errors)
    {
        if (!double.IsFinite(usage.Seconds) || usage.Seconds is < 0 or > 1e9 || usage.Executor.Length > ExecutorLength)
            errors.Add(new DocumentError(path, $"seconds must be a time, and executor may have {ExecutorLength} characters"));
        if (usage.Steps < 0 || usage.StorageOperations is < 0 or > StorageOperations)
            errors.Add(new DocumentError(path, $"steps must be 0 or more, and storageOperations from 0 to {StorageOperations}"));
    }

    private static void CheckCommitment(JobRecord job, AttemptRecord attempt, AttemptReport report, ImmutableArray<DocumentError>.Builder errors)
    {
        if (report.Commitment is not { } commitment)
        {
            errors.Add(new DocumentError("$.commitment", "is missing: what was computed?"));
            return;
        }

        var statement = commitment.Statement;
        const string Path = "$.commitment.statement";
        CheckUsage(statement.Usage, $"{Path}.usage", errors);
        var results = job.Document.Buffers.Where(buffer => buffer.IsResult).ToList();

        // JSON may say null where an item should be: the serializer does not look into arrays.
        if (statement.Buffers.Length != results.Count || statement.Buffers.Zip(results).Any(pair => pair.First is null || pair.First.Buffer != pair.Second.Name || pair.First.Bytes != pair.Second.Bytes))
        {
            errors.Add(new DocumentError($"{Path}.buffers", $"must be the job's results in their order: {string.Join(", ", results.Select(buffer => $"'{buffer.Name}' with {buffer.Bytes} bytes"))}"));
            return;
        }

        var id = new AttemptId(job.Id, attempt.Replica, attempt.Number);
        Expect("version", statement.Version, Statement.CurrentVersion);
        Expect("job", statement.Job, job.Id);
        Expect("jobHash", statement.JobHash, JobHash.Of(job.Document));
        Expect("replica", statement.Replica, attempt.Replica);
        Expect("attempt", statement.Attempt, attempt.Number);
        Expect("run", statement.Run, report.Run);
        Expect("worker", statement.Worker, attempt.Worker);
        Expect("seedCommit", statement.SeedCommit, Seed.Commit(attempt.Seed, id));
        if (errors.Count == 0 && (attempt.PublicKey is not { } key || !Signatures.Verify(statement.Encode(), commitment.Signature, key)))
            errors.Add(new DocumentError("$.commitment.signature", "is not made with the key that this worker registered"));

        void Expect<T>(string name, T said, T expected) where T : notnull
        {
            if (!said.Equals(expected)) errors.Add(new DocumentError($"{Path}.{name}", $"is {said}, not {expected}"));
        }
    }
}
