using System.Net;
using Broker.Cli.Tests.Commands;
using Broker.Core.Jobs;
using Broker.Core.Verification;

namespace Broker.Cli.Tests.Auditing;

public sealed class AuditCommandTests
{
    /// <summary>What somebody did who can write every row, and by which words the audit names it.</summary>
    private static readonly Dictionary<string, (Action<AuditedJobs> Change, string Says)> Breaks = new()
    {
        ["a changed event text"] = (
            jobs => jobs.Verified.Events[1] = jobs.Verified.Events[1] with { Text = "amber for 0.02" },
            "job 0123456789abcdef01234567: event 2 was changed: its hash is not that of what it says"),
        ["a changed event with its hash made anew"] = (
            jobs => jobs.Verified.Events[1] = Rehash(jobs.Verified, jobs.Verified.Events[1] with { Text = "amber for 0.02" }),
            "job 0123456789abcdef01234567: event 3 follows another event than the one before it"),
        ["a missing event"] = (
            jobs => jobs.Plain.Events.RemoveAt(1),
            "job 1123456789abcdef01234567: event 2 is missing: where it must stand there is number 3"),
        ["a missing last event"] = (
            jobs => jobs.Plain.Events.RemoveAt(3),
            "job 1123456789abcdef01234567: event 4 is missing: the job's own row counts 4"),
        ["an event too many"] = (
            jobs => jobs.Plain.Row = jobs.Plain.Row with { Events = 3 },
            "job 1123456789abcdef01234567: there are 4 events, and the job's own row counts 3"),
        ["a changed last hash"] = (
            jobs => jobs.Plain.Row = jobs.Plain.Row with { LastEventHash = new string('0', 64) },
            "job 1123456789abcdef01234567: the chain ends with another hash than the job's own row says"),
        ["another state"] = (
            jobs => jobs.Plain.Row = jobs.Plain.Row with { State = JobState.Failed },
            "job 1123456789abcdef01234567: the job's own row says that it is failed, and its history ends with completed"),
        ["a missing receipt"] = (
            jobs => jobs.Verified.Receipts.RemoveAt(0),
            "job 0123456789abcdef01234567: attempt 0-1 was rejected, and there is no receipt of it"),
        ["a forged receipt"] = (
            jobs => jobs.Verified.Receipts[1] = jobs.Judge.SignAsAnother(jobs.Verified.Receipts[1]),
            "job 0123456789abcdef01234567: the receipt of attempt 0-2 does not hold: broker key"),
        ["a changed receipt"] = (
            jobs => jobs.Verified.Receipts[1] = jobs.Verified.Receipts[1] with { At = Views.Noon.AddDays(1) },
            "job 0123456789abcdef01234567: the receipt of attempt 0-2 does not hold: broker signature"),
        ["another verdict than was taken in"] = (
            jobs => jobs.Verified.Receipts[0] = jobs.MakeReceipt(1, AuditedJobs.Passed),
            "job 0123456789abcdef01234567: the receipt of attempt 0-1 does not hold: its verdict is passed, and the attempt was rejected"),
        ["a receipt that nobody was judged by"] = (
            jobs => jobs.Verified.Receipts.Add(jobs.MakeReceipt(3, AuditedJobs.Passed)),
            "job 0123456789abcdef01234567: there is a receipt of attempt 0-3 of job 0123456789abcdef01234567, which its history does not tell of"),
        ["a result that was accepted without a verdict"] = (
            jobs =>
            {
                jobs.Verified.Rewrite(8, entry => entry with { Text = null });
                jobs.Verified.Receipts.RemoveAt(1);
                jobs.SignDay(jobs.Verified.End, jobs.Plain.End);
            },
            "job 0123456789abcdef01234567: it asks for verification and is completed, and its history has no verdict that accepts a result"),
        ["a history that was written anew from its beginning"] = (
            jobs => jobs.Plain.Rewrite(1, entry => entry with { At = Views.Noon.AddDays(-9) }),
            "the root of 2026-01-01 names another end of the history of job 1123456789abcdef01234567 than its row"),
        ["a root that names another end"] = (
            jobs => jobs.SignDay(jobs.Verified.End, jobs.Plain.End with { LastHash = default }),
            "the root of 2026-01-01 names another end of the history of job 1123456789abcdef01234567 than its row"),
        ["a root whose list was changed"] = (
            jobs => jobs.Roots[AuditedJobs.Day] = jobs.Roots[AuditedJobs.Day] with { Jobs = [jobs.Verified.End, jobs.Plain.End with { Events = 9 }] },
            "the root of 2026-01-01: its list has another root than was signed"),
        ["a root that nobody signed"] = (
            jobs => jobs.Roots[AuditedJobs.Day] = jobs.Roots[AuditedJobs.Day] with { Count = 1 },
            "the root of 2026-01-01: it was changed, or the broker never signed it"),
        ["a job that was put into a day afterwards"] = (
            jobs => jobs.SignDay(jobs.Verified.End),
            "the root of 2026-01-01 does not name job 1123456789abcdef01234567, which says that it ended on that day"),
        ["a job that is hidden"] = (
            jobs => jobs.Plain.IsListed = false,
            "the root of 2026-01-01 names job 1123456789abcdef01234567, which says now that it is completed and is not among the jobs that have ended"),
        ["a day that is left out"] = (
            jobs => jobs.Roots[AuditedJobs.Day.AddDays(-3)] = jobs.Judge.Sign(DayRoot.Of(AuditedJobs.Day.AddDays(-3), [], jobs.BrokerKey)),
            "the root of 2025-12-30 is missing: those of 2025-12-29 and 2025-12-31 are there"),
    };

    public static TheoryData<string> Names => [.. Breaks.Keys];

    [Fact]
    public async Task Where_all_holds_it_says_so_and_of_how_much()
    {
        using var jobs = AuditedJobs.Make();
        await using var broker = jobs.Serve();
        var run = (await CommandRun.RunAsync(broker, "audit")).Ends(ExitCode.Ok);
        Assert.Equal("2 jobs, 13 events, 2 receipts, 2 roots: all hold", run.Output.TrimEnd());
        Assert.Contains("1 jobs, 9 events, 2 receipts are checked.", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_break_is_1_and_named(string what)
    {
        var (change, says) = Breaks[what];
        using var jobs = AuditedJobs.Make();
        change(jobs);
        await using var broker = jobs.Serve();
        var run = (await CommandRun.RunAsync(broker, "audit")).Ends(ExitCode.Failed);
        Assert.True(run.Output.Contains($"The first break: {says}", StringComparison.Ordinal), $"{what}: {run.Output}{run.Error}");
        Assert.DoesNotContain("all hold", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_breaks_are_counted_and_the_first_is_named_in_json_too()
    {
        using var jobs = AuditedJobs.Make();
        jobs.Verified.Receipts.Clear();
        jobs.Plain.Events.RemoveAt(2);
        await using var broker = jobs.Serve();
        var report = Assert.Single((await CommandRun.RunAsync(broker, "audit", "--json")).Ends(ExitCode.Failed).Json);
        Assert.Equal(3, report.GetProperty("breaks").GetInt32());
        Assert.Contains("attempt 0-1 was rejected", report.GetProperty("first").GetString(), StringComparison.Ordinal);
        Assert.Equal((2, 12, 0, 2), (Number("jobs"), Number("events"), Number("receipts"), Number("roots")));
        Assert.False(report.GetProperty("holds").GetBoolean());

        int Number(string name) => report.GetProperty(name).GetInt32();
    }

    [Fact]
    public async Task A_job_that_was_deleted_is_no_break()
    {
        using var jobs = AuditedJobs.Make();
        (jobs.Plain.IsListed, jobs.Plain.IsThere) = (false, false);
        await using var broker = jobs.Serve();
        var run = (await CommandRun.RunAsync(broker, "audit")).Ends(ExitCode.Ok);
        Assert.Contains("1 jobs were deleted since", run.Output, StringComparison.Ordinal);
        Assert.Contains("1 jobs, 9 events, 2 receipts, 2 roots: all hold", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_result_that_nobody_could_judge_needs_no_receipt()
    {
        using var jobs = AuditedJobs.Make();
        jobs.Verified.Rewrite(8, entry => entry with { Kind = JobEventKind.Inconclusive, Text = "no verifier was there within 6 hours" });
        jobs.Verified.Receipts.RemoveAt(1);
        jobs.SignDay(jobs.Verified.End, jobs.Plain.End);
        await using var broker = jobs.Serve();
        (await CommandRun.RunAsync(broker, "audit")).Ends(ExitCode.Ok);
    }

    [Fact]
    public async Task A_pool_and_a_time_bound_what_is_looked_at()
    {
        using var jobs = AuditedJobs.Make();
        jobs.Plain.Events.Clear();
        jobs.Plain.Row = jobs.Plain.Row with { EndedAt = Views.Noon.AddSeconds(1) };
        await using var broker = jobs.Serve();
        var pool = (await CommandRun.RunAsync(broker, "audit", "--pool", "default")).Ends(ExitCode.Ok);
        Assert.Contains("1 jobs, 9 events, 2 receipts, 2 roots: all hold", pool.Output, StringComparison.Ordinal);
        var since = (await CommandRun.RunAsync(broker, "audit", "--since", "2026-01-01T12:00:02Z")).Ends(ExitCode.Ok);
        Assert.Contains("1 jobs, 9 events, 2 receipts, 1 roots: all hold", since.Output, StringComparison.Ordinal);
        (await CommandRun.RunAsync(broker, "audit")).Ends(ExitCode.Failed);
    }

    [Fact]
    public async Task A_key_that_is_no_operators_is_told_what_it_takes()
    {
        using var jobs = AuditedJobs.Make();
        await using var broker = new FakeBroker()
            .Answer("GET /api/broker-key", new Core.Api.BrokerKeyView(jobs.BrokerKey))
            .Refuse("GET /api/audit/jobs?limit=200", HttpStatusCode.Forbidden, "forbidden", "it takes a key with the role operator");
        var run = (await CommandRun.RunAsync(broker, "audit")).Ends(ExitCode.Refused);
        Assert.Contains("it takes an operator's key", run.Error, StringComparison.Ordinal);
    }

    private static JobEvent Rehash(AuditedJob job, JobEvent entry) => entry with { Hash = entry.ComputeHash(job.Row.Id) };
}
