using System.Collections.Immutable;
using Broker.Core.Api;
using Broker.Core.Jobs;

namespace Broker.Cli.Output;

/// <summary>Everything about a job, in words.</summary>
internal static class JobDetails
{
    public static void Write(Terminal terminal, JobView job, ImmutableArray<JobEvent> events)
    {
        var facts = new List<(string Name, string Value)>
        {
            ("job", $"{job.Id}"),
            ("name", job.Name),
            ("pool", $"{job.Pool}"),
            ("state", job.State == JobState.Running ? $"running, {Words.Percent(job)} done" : Words.State(job.State)),
            ("blocks", Words.Blocks(job) is { Length: > 0 } blocks ? $"{blocks} done, in step {job.Progress!.Step}" : ""),
            ("reason", job.Reason ?? ""),
            ("verdict", VerdictWords.Of(job) ?? ""),
            ("submitted", Words.Time(job.SubmittedAt)),
            ("waits until", job.State == JobState.Queued ? Words.Time(job.QueueUntil) : ""),
            ("started", job.StartedAt is { } started ? Words.Time(started) : ""),
            ("ended", job.EndedAt is { } ended ? $"{Words.Time(ended)}, {Words.Duration(ended - job.SubmittedAt)} after its submission" : ""),
            ("at most", $"{job.MaxPrice} credits"),
            ("quote", job.Quote is { } quote ? $"{quote} credits" : ""),
            ("price", job.Price is { } price ? $"{price} credits" : ""),
        };
        foreach (var (name, value) in facts.Where(fact => fact.Value.Length > 0)) terminal.Say($"{name,-12} {value}");
        WriteAttempts(terminal, job);
        WriteEvents(terminal, events);
        if (job.State.IsEnded() && job.State != JobState.Completed) return;
        terminal.Say("");
        terminal.Say(NextCommand(job));
    }

    /// <summary>What a person would type next.</summary>
    public static string NextCommand(JobView job) => job.State switch
    {
        JobState.Completed => $"Get the result: broker result {job.Id}",
        _ when job.State.IsEnded() => $"The whole story: broker show {job.Id}",
        JobState.Committed or JobState.Verifying => $"Follow it: broker watch {job.Id}",
        _ => $"Follow it: broker watch {job.Id}    Stop it: broker cancel {job.Id}",
    };

    private static void WriteAttempts(Terminal terminal, JobView job)
    {
        if (job.Attempts.IsDefaultOrEmpty) return;
        terminal.Say("");
        var table = new PlainTable("ATTEMPT", "WORKER", "STATE", "QUOTE", "ASSIGNED", "RAN FOR", "REASON");
        foreach (var attempt in job.Attempts)
        {
            var ran = attempt is { StartedAt: { } started, EndedAt: { } ended } ? Words.Duration(ended - started) : "";
            table.Add(
                $"{attempt.Replica}/{attempt.Number}", attempt.WorkerName, attempt.State.ToString().ToLowerInvariant(), $"{attempt.Quote}",
                Words.Time(attempt.AssignedAt), ran, attempt.Reason ?? "");
        }

        table.Write(terminal);
    }

    private static void WriteEvents(Terminal terminal, ImmutableArray<JobEvent> events)
    {
        if (events.IsDefaultOrEmpty) return;
        terminal.Say("");
        var table = new PlainTable("EVENT", "AT", "WHAT", "ATTEMPT", "TEXT");
        foreach (var entry in events)
        {
            table.Add(
                $"{entry.Number}", Words.Time(entry.At), entry.Kind.ToString().ToLowerInvariant(),
                entry.Attempt is { } attempt ? $"{entry.Replica}/{attempt}" : "", entry.Text ?? "");
        }

        table.Write(terminal);
    }
}
