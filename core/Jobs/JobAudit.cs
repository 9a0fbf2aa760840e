using System.Collections.Immutable;
using Broker.Core.Api;
using Broker.Core.Verification;

namespace Broker.Core.Jobs;

/// <summary>Holds a job that has ended against its history, and its history against its receipts.</summary>
/// <remarks>Pure and total.</remarks>
public static class JobAudit
{
    /// <summary>Looks for the first event that is not as it was written.</summary>
    /// <param name="job">The job by its own row.</param>
    /// <param name="events">All of its history, in the order in which it is stored.</param>
    /// <returns>In words what is wrong; null where the chain holds and ends as the row says.</returns>
    public static string? FindChainBreak(AuditJob job, IReadOnlyList<JobEvent> events)
    {
        var before = "";
        for (var i = 0; i < events.Count; i++)
        {
            var entry = events[i];
            if (entry.Number != i + 1) return $"event {i + 1} is missing: where it must stand there is number {entry.Number}";
            if (entry.Hash != entry.ComputeHash(job.Id)) return $"event {entry.Number} was changed: its hash is not that of what it says";
            if (entry.PreviousHash != before) return $"event {entry.Number} follows another event than the one before it";
            before = entry.Hash;
        }

        if (events.Count < job.Events) return $"event {events.Count + 1} is missing: the job's own row counts {job.Events}";
        if (events.Count > job.Events) return $"there are {events.Count} events, and the job's own row counts {job.Events}";
        if (before != job.LastEventHash) return $"the chain ends with another hash than the job's own row says: {before}, not {job.LastEventHash}";
        return events is [.., var last] && last.Kind.ToString() == job.State.ToString()
            ? null
            : $"the job's own row says that it is {Word(job.State)}, and its history ends with {(events is [.., var other] ? Word(other.Kind) : "nothing")}";
    }

    /// <summary>The events by which a verifier's verdict about a result was taken in: each has a receipt.</summary>
    public static ImmutableArray<JobEvent> Judgements(IEnumerable<JobEvent> events) =>
        [.. events.Where(entry => entry.Kind is JobEventKind.Accepted or JobEventKind.Rejected or JobEventKind.Inconclusive && Lifecycle.IsVerdict(entry.Text))];

    /// <summary>Looks for judgements without a receipt, and for receipts that do not hold.</summary>
    /// <param name="job">The job by its own row.</param>
    /// <param name="document">Its document.</param>
    /// <param name="events">All of its history.</param>
    /// <param name="receipts">Its receipts.</param>
    /// <param name="brokerKey">The key that the broker is known by.</param>
    /// <returns>In words all that is wrong.</returns>
    public static IReadOnlyList<string> FindReceiptBreaks(
        AuditJob job, JobDocument document, IReadOnlyList<JobEvent> events, IReadOnlyList<Receipt> receipts, string brokerKey)
    {
        var breaks = new List<string>();
        var judgements = Judgements(events);
        foreach (var judged in judgements)
        {
            var attempt = $"attempt {judged.Replica}-{judged.Attempt}";
            var found = receipts.Where(receipt => IsAbout(receipt, job, judged)).ToList();
            if (found is not [var receipt]) breaks.Add(found.Count == 0 ? $"{attempt} was {Word(judged.Kind)}, and there is no receipt of it" : $"{attempt} has {found.Count} receipts");
            else if (FindBreak(receipt, document, judged, brokerKey) is { } broken) breaks.Add($"the receipt of {attempt} does not hold: {broken}");
        }

        foreach (var receipt in receipts.Where(receipt => !judgements.Any(judged => IsAbout(receipt, job, judged))))
        {
            var statement = receipt.Commitment.Statement;
            breaks.Add($"there is a receipt of attempt {statement.Replica}-{statement.Attempt} of job {statement.Job}, which its history does not tell of");
        }

        var isAnswered = judgements.Any(judged => judged.Kind == JobEventKind.Accepted) || events.Any(entry => entry.Kind == JobEventKind.Inconclusive);
        if (job.State == JobState.Completed && document.Verification is { Mode: not VerificationMode.None } && !isAnswered)
            breaks.Add("it asks for verification and is completed, and its history has no verdict that accepts a result");
        return breaks;
    }

    private static string? FindBreak(Receipt receipt, JobDocument document, JobEvent judged, string brokerKey)
    {
        if (ReceiptCheck.Check(receipt, brokerKey).FirstOrDefault(finding => !finding.Holds) is { } finding) return $"{finding.Name}: {finding.Says}";
        if (document.Program.Content is null || JobHash.Of(document) != receipt.Commitment.Statement.JobHash) return "it is about another document than the job has";
        var expected = judged.Kind switch
        {
            JobEventKind.Accepted => VerdictKind.Passed,
            JobEventKind.Rejected => VerdictKind.Failed,
            _ => VerdictKind.Inconclusive,
        };
        return receipt.Verdict.Kind == expected ? null : $"its verdict is {Word(receipt.Verdict.Kind)}, and the attempt was {Word(judged.Kind)}";
    }

    private static bool IsAbout(Receipt receipt, AuditJob job, JobEvent judged)
    {
        var statement = receipt.Commitment.Statement;
        return statement.Job == job.Id && statement.Replica == judged.Replica && statement.Attempt == judged.Attempt;
    }

    private static string Word<T>(T value) where T : struct, Enum => value.ToString().ToLowerInvariant();
}
