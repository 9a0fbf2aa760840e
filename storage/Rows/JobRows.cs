using System.Globalization;
using Azure;
using Azure.Data.Tables;
using Broker.Core;
using Broker.Core.Documents;
using Broker.Core.Ids;
using Broker.Core.Jobs;

namespace Broker.Storage.Rows;

/// <summary>The rows of a job's partition in the table <c>jobs</c>.</summary>
internal static class JobRows
{
    public const string Job = "job";
    public const string AttemptPrefix = "attempt-";
    public const string EventPrefix = "event-";
    public const string LogPrefix = "log-";
    public const string ProgressPrefix = "progress-";

    public static string AttemptKey(int replica, int number) => $"{AttemptPrefix}{replica:D4}-{number:D4}";

    public static string EventKey(int number) => $"{EventPrefix}{number:D6}";

    public static TableEntity Write(JobRecord job)
    {
        var entity = new TableEntity(job.Id.ToString(), Job)
        {
            ["account"] = job.Account.ToString(),
            ["name"] = job.Document.Name,
            ["state"] = job.State.ToString(),
            ["replicas"] = job.Replicas,
            ["submittedAt"] = job.SubmittedAt,
            ["queueUntil"] = job.QueueUntil,
            ["request"] = job.RequestHash.Hex,
            ["events"] = job.EventCount,
            ["lastEventHash"] = job.LastEventHash,
            // Binary: text takes twice the room, and a property holds 64 KiB.
            ["document"] = JobDocumentWriter.Write(job.Document),
        };
        if (job.Class is { } kernelClass) entity["class"] = kernelClass;
        if (job.EndedAt is { } ended) entity["endedAt"] = ended;
        if (job.Reason is { } reason) entity["reason"] = reason;
        if (job.Price is { } price) entity["priceMicros"] = price.Micros;
        return entity;
    }

    public static JobRecord Read(TableEntity entity, IEnumerable<TableEntity> attempts)
    {
        var id = JobId.Parse(entity.PartitionKey);
        var document = JobDocumentReader.Read(entity.GetBinary("document")).Value
            ?? throw new InvalidDataException($"the document of job {id} cannot be read");
        return new JobRecord
        {
            Id = id,
            Account = AccountId.Parse(entity.GetString("account")),
            Document = document,
            State = Enum.Parse<JobState>(entity.GetString("state")),
            Replicas = entity.GetInt32("replicas") ?? 1,
            SubmittedAt = entity.GetDateTimeOffset("submittedAt")!.Value,
            QueueUntil = entity.GetDateTimeOffset("queueUntil")!.Value,
            RequestHash = ContentHash.Parse(entity.GetString("request")),
            Class = entity.GetString("class"),
            EndedAt = entity.GetDateTimeOffset("endedAt"),
            Reason = entity.GetString("reason"),
            Price = entity.GetInt64("priceMicros") is { } micros ? new Money(micros) : null,
            EventCount = entity.GetInt32("events") ?? 0,
            LastEventHash = entity.GetString("lastEventHash") ?? "",
            // Not by their times: a matcher that was held up writes an attempt later than its time says.
            Attempts = [.. attempts.Select(attempt => attempt.Read<AttemptRecord>()).OrderBy(attempt => attempt.Number).ThenBy(attempt => attempt.Replica)],
        };
    }

    /// <summary>The transaction that makes a change: the job's own row first, it guards the rest.</summary>
    public static List<TableTransactionAction> Actions(JobChange change, RowVersion? version)
    {
        var partition = change.After.Id.ToString();
        List<TableTransactionAction> actions =
        [
            version is { } read
                ? new(TableTransactionActionType.UpdateReplace, Write(change.After), new ETag(read.Tag))
                : new(TableTransactionActionType.Add, Write(change.After)),
        ];
        actions.AddRange(change.TouchedAttempts.Select(attempt =>
        {
            var row = TableRows.Make(partition, AttemptKey(attempt.Replica, attempt.Number), attempt);
            row["state"] = attempt.State.ToString();
            row["worker"] = attempt.Worker.ToString();
            return new TableTransactionAction(TableTransactionActionType.UpsertReplace, row);
        }));
        actions.AddRange(change.Events.Select(entry =>
        {
            var row = TableRows.Make(partition, EventKey(entry.Number), entry);
            row["kind"] = entry.Kind.ToString();
            return new TableTransactionAction(TableTransactionActionType.Add, row);
        }));
        if (change.Log is { } log)
            actions.Add(new TableTransactionAction(TableTransactionActionType.UpsertReplace, TableRows.Make(partition, LogKey(log), log)));
        return actions;
    }

    /// <summary>The length of the document in a job's own row.</summary>
    public static int DocumentBytes(ITableEntity row) => ((TableEntity)row).GetBinary("document").Length;

    private static string LogKey(RunLogRecord log) =>
        string.Create(CultureInfo.InvariantCulture, $"{LogPrefix}{log.Replica:D4}-{log.Attempt:D4}-{log.Run}");

    public static string ProgressKey(int replica) => ProgressPrefix + replica.ToString(CultureInfo.InvariantCulture);
}
