using System.Globalization;
using System.Text.Json;
using Broker.Cli.Tests.Commands;
using Broker.Cli.Tests.Receipts;
using Broker.Core;
using Broker.Core.Api;
using Broker.Core.Documents;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Core.Verification;

namespace Broker.Cli.Tests.Auditing;

/// <summary>What a broker tells of a job, for a test to change.</summary>
internal sealed class AuditedJob
{
    public required AuditJob Row { get; set; }

    public required List<JobEvent> Events { get; init; }

    public required JobDocument Document { get; init; }

    public List<Receipt> Receipts { get; } = [];

    /// <summary>Whether its row is still there.</summary>
    public bool IsListed { get; set; } = true;

    /// <summary>Whether it can be read.</summary>
    public bool IsThere { get; set; } = true;

    public ChainEnd End => new(Row.Id, Row.Events, Digest.Parse(Row.LastEventHash));

    /// <summary>Writes an event anew, and all that follow it, as one would who can write every row.</summary>
    public void Rewrite(int number, Func<JobEvent, JobEvent> change)
    {
        for (var i = number - 1; i < Events.Count; i++)
        {
            var entry = (i == number - 1 ? change(Events[i]) : Events[i]) with { PreviousHash = i == 0 ? "" : Events[i - 1].Hash };
            Events[i] = entry with { Hash = entry.ComputeHash(Row.Id) };
        }

        Row = Row with { LastEventHash = Events[^1].Hash };
    }
}

/// <summary>A broker with two jobs that ended on one day, one of them verified, and the roots of that day and of the one before.</summary>
internal sealed class AuditedJobs : IDisposable
{
    public static readonly DateOnly Day = DateOnly.FromDateTime(Views.Noon.UtcDateTime);

    private AuditedJobs()
    {
    }

    public required JudgedJob Judge { get; init; }

    /// <summary>The first attempt was found wrong, the second was accepted.</summary>
    public required AuditedJob Verified { get; init; }

    public required AuditedJob Plain { get; init; }

    /// <summary>By their days.</summary>
    public SortedDictionary<DateOnly, DayRoot> Roots { get; } = [];

    public string BrokerKey => Judge.BrokerKey;

    public static AuditedJobs Make()
    {
        var plain = JobDocumentReader.Read("""{ "name": "plain", "program": { "content": "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" }, "steps": [ { "kernel": "k", "grid": [1], "block": [1], "arguments": [] } ], "verification": { "mode": "none" } }"""u8.ToArray()).Value!;
        var judge = new JudgedJob();
        var jobs = new AuditedJobs
        {
            Judge = judge,
            Verified = Tell(
                Views.Id, judge.Document, (JobEventKind.Submitted, 0, null), (JobEventKind.Assigned, 1, "amber for 0.01"), (JobEventKind.Committed, 1, null), (JobEventKind.Challenged, 1, null),
                (JobEventKind.Rejected, 1, Lifecycle.Describe(Failed)), (JobEventKind.Assigned, 2, "amber for 0.01"), (JobEventKind.Committed, 2, null), (JobEventKind.Accepted, 2, Lifecycle.Describe(Passed)),
                (JobEventKind.Completed, 0, null)),
            Plain = Tell(
                JobId.Parse("1123456789abcdef01234567"), plain, (JobEventKind.Submitted, 0, null), (JobEventKind.Assigned, 1, "amber for 0.01"), (JobEventKind.Accepted, 1, null), (JobEventKind.Completed, 0, null)),
        };
        jobs.Verified.Receipts.AddRange([jobs.MakeReceipt(1, Failed), jobs.MakeReceipt(2, Passed)]);
        jobs.Roots[Day.AddDays(-1)] = jobs.Judge.Sign(DayRoot.Of(Day.AddDays(-1), [], jobs.BrokerKey));
        jobs.SignDay(jobs.Verified.End, jobs.Plain.End);
        return jobs;
    }

    public static Verdict Passed { get; } = new() { Kind = VerdictKind.Passed, Blocks = 64, Sampled = 64, UnownedLeaves = 1 };

    private static Verdict Failed { get; } = new() { Kind = VerdictKind.Failed, Blocks = 64, Sampled = 64, MismatchCount = 1, Reason = "block 2 differs" };

    public Receipt MakeReceipt(int attempt, Verdict verdict)
    {
        var statement = Judge.State(Judge.Honest);
        var seed = Judge.Sign(statement, verdict).Seed;
        return Judge.Sign(statement with { Attempt = attempt, SeedCommit = Seed.Commit(seed, new AttemptId(Views.Id, 0, attempt)) }, verdict);
    }

    /// <summary>Signs the root of the day again, over these ends.</summary>
    public void SignDay(params IReadOnlyList<ChainEnd> ends) => Roots[Day] = Judge.Sign(DayRoot.Of(Day, ends, BrokerKey));

    public FakeBroker Serve()
    {
        AuditedJob[] jobs = [Verified, Plain];
        var broker = new FakeBroker()
            .Answer("GET /api/broker-key", new BrokerKeyView(BrokerKey))
            .Answer("GET /api/audit/jobs?limit=200", new Page<AuditJob>([.. jobs.Where(job => job.IsListed).Take(1).Select(job => job.Row)], "more"))
            .Answer("GET /api/audit/jobs?limit=200&continue=more", new Page<AuditJob>([.. jobs.Where(job => job.IsListed).Skip(1).Select(job => job.Row)]))
            .Answer("GET /api/audit/jobs?pool=default&limit=200", new Page<AuditJob>([Verified.Row]))
            .Answer("GET /api/audit/roots?limit=200", new Page<DateOnly>([.. Roots.Keys]));
        foreach (var (day, root) in Roots) broker.Answer($"GET /api/audit/roots/{day.ToString("O", CultureInfo.InvariantCulture)}", root);
        foreach (var job in jobs.Where(job => job.IsThere))
        {
            broker
                .Answer($"GET /api/jobs/{job.Row.Id}", Views.Job(job.Row.State) with { Id = job.Row.Id, Document = JsonDocument.Parse(JobDocumentWriter.Write(job.Document)).RootElement })
                .Answer($"GET /api/jobs/{job.Row.Id}/events?limit=200", new Page<JobEvent>([.. job.Events]))
                .Answer($"GET /api/jobs/{job.Row.Id}/receipts", new Page<Receipt>([.. job.Receipts]));
        }

        return broker;
    }

    public void Dispose() => Judge.Dispose();

    private static AuditedJob Tell(JobId id, JobDocument document, params IReadOnlyList<(JobEventKind Kind, int Attempt, string? Text)> story)
    {
        var job = Lifecycle.Submit(id, AccountId.Parse("alice"), document, ContentHash.Of("request"u8), Views.Noon).After with { EventCount = 0, LastEventHash = "" };
        var events = new List<JobEvent>();
        foreach (var (kind, attempt, text) in story)
        {
            var entry = JobEvent.Append(job, kind, Views.Noon.AddSeconds(events.Count), attempt == 0 ? null : Attempt(attempt), text);
            events.Add(entry);
            job = job with { EventCount = entry.Number, LastEventHash = entry.Hash };
        }

        return new AuditedJob
        {
            Row = new AuditJob(id, job.Account, JobState.Completed, job.EventCount, job.LastEventHash, events[^1].At),
            Events = events,
            Document = document,
        };
    }

    private static AttemptRecord Attempt(int number) => new()
    {
        Replica = 0,
        Number = number,
        Worker = Views.Worker,
        WorkerName = "amber",
        Provider = AccountId.Parse("bob"),
        State = AttemptState.Assigned,
        Quote = Money.Zero,
        StartPrice = Money.Zero,
        PricePerSecond = Money.Zero,
        AssignedAt = Views.Noon,
    };
}
