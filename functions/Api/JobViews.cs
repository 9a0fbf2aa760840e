using System.Text.Json;
using Broker.Core.Api;
using Broker.Core.Documents;
using Broker.Core.Jobs;
using Broker.Core.Verification;
using Broker.Storage;

namespace Broker.Functions.Api;

/// <summary>Shows jobs as their accounts see them.</summary>
internal static class JobViews
{
    public static JobView Make(StoredJob stored, string? waitingReason = null)
    {
        var job = stored.Job;
        var current = job.Attempts.LastOrDefault(attempt => !attempt.State.IsEnded());
        return new JobView
        {
            Id = job.Id,
            Name = job.Document.Name,
            Pool = job.Document.Pool,
            State = job.State,
            Class = job.Class,
            Reason = job.Reason ?? waitingReason,
            SubmittedAt = job.SubmittedAt,
            QueueUntil = job.QueueUntil,
            StartedAt = job.Attempts.Select(attempt => attempt.StartedAt).FirstOrDefault(started => started is not null),
            EndedAt = job.EndedAt,
            MaxPrice = job.Document.Terms.MaxPrice,
            Quote = current?.Quote,
            Price = job.Price,
            Progress = job.State.IsEnded() ? null : stored.Progress,
            Verdict = Find(job),
            Attempts = [.. job.Attempts.Select(Make)],
            Document = JsonSerializer.Deserialize<JsonElement>(JobDocumentWriter.Write(job.Document)),
        };
    }

    private static VerdictView? Find(JobRecord job) => job.Attempts.LastOrDefault(attempt => attempt.Verdict is not null)?.Verdict is { } verdict
        ? new VerdictView(verdict.Kind, verdict.Blocks, verdict.Sampled, Receipt.MostWrong(job.Document.Verification!, verdict), Lifecycle.Describe(verdict))
        : null;

    public static JobSummary Summarise(JobRecord job) =>
        new(job.Id, job.Document.Name, job.Document.Pool, job.State, job.SubmittedAt, job.EndedAt, job.Price);

    private static AttemptView Make(AttemptRecord attempt) => new(
        attempt.Replica, attempt.Number, attempt.Worker, attempt.WorkerName, attempt.State, attempt.Quote, attempt.AssignedAt,
        attempt.StartedAt, attempt.EndedAt, attempt.Reason, attempt.Usage);
}
