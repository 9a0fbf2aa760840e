using System.Security.Cryptography;
using System.Text;
using Broker.Core.Ids;

namespace Broker.Core.Jobs;

/// <summary>What an event of a job's history says.</summary>
public enum JobEventKind
{
    Submitted, Assigned, Started, Committed, Challenged, Accepted, Rejected, Inconclusive, Lost, Withdrawn,
    Completed, Failed, Cancelled, Expired,
}

/// <summary>What kinds of events mean.</summary>
public static class JobEventKinds
{
    /// <summary>Whether it is the last event of its job.</summary>
    public static bool EndsJob(this JobEventKind kind) => kind is JobEventKind.Completed or JobEventKind.Failed or JobEventKind.Cancelled or JobEventKind.Expired;
}

/// <summary>One entry of a job's history. It holds the hash of the one before, so that none can be taken out or changed.</summary>
public sealed record JobEvent(
    int Number, JobEventKind Kind, DateTimeOffset At, int? Replica, int? Attempt, WorkerId? Worker, string? Text,
    string PreviousHash, string Hash)
{
    /// <summary>Appends to a chain: numbers the event and hashes it with the hash before it.</summary>
    public static JobEvent Append(
        JobRecord job, JobEventKind kind, DateTimeOffset at, AttemptRecord? attempt = null, string? text = null)
    {
        var entry = new JobEvent(
            job.EventCount + 1, kind, at, attempt?.Replica, attempt?.Number, attempt?.Worker, text, job.LastEventHash, "");
        return entry with { Hash = entry.ComputeHash(job.Id) };
    }

    /// <summary>The SHA-256 over every field, each length-prefixed, the job's id first.</summary>
    public string ComputeHash(JobId job)
    {
        var text = new StringBuilder();
        foreach (var field in (ReadOnlySpan<string>)[job.ToString(), $"{Number}", $"{Kind}", $"{At.UtcTicks}", $"{Replica}", $"{Attempt}", $"{Worker}", Text ?? "", PreviousHash])
            text.Append(field.Length).Append(':').Append(field);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }
}
