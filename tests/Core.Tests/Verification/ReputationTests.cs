using System.Text.Json;
using Broker.Core.Documents;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Core.Tests.Jobs;
using Broker.Core.Verification;

namespace Broker.Core.Tests.Verification;

public class ReputationTests
{
    private static readonly Verdict Passed = new() { Kind = VerdictKind.Passed, Blocks = 4, Sampled = 4 };

    private static readonly Verdict Failed = Passed with { Kind = VerdictKind.Failed, MismatchCount = 2, Reason = "block 1 is wrong" };

    internal static IReadOnlyList<(string What, FindingKind? Expected, Func<JobHistory, JobHistory> Course)> Ends =>
    [
        ("passed", FindingKind.Passed, history => Commit(history).Judge(Passed)),
        ("not judged yet", null, Commit),
        ("found wrong by two", FindingKind.Wrong, history => Commit(history).Judge(Failed, second: 8).Judge(Failed, check: 2, verifier: 8)),
        ("found wrong by one", FindingKind.Doubtful, history => Commit(history).Judge(Failed)),
        ("one wrong block", FindingKind.Doubtful, history => Commit(history).Judge(Failed with { MismatchCount = 1 }, second: 8).Judge(Failed with { MismatchCount = 1 }, check: 2, verifier: 8)),
        ("two verifiers disagree", null, history => Commit(history).Judge(Failed, second: 8).Judge(Passed, check: 2, verifier: 8)),
        ("nothing can be said", null, history => Commit(history).Judge(Passed with { Kind = VerdictKind.Inconclusive, Reason = "it races" })),
        ("a fault that is not there", FindingKind.FalseFault, history => Claim(history).Judge(Failed)),
        ("a fault that is there", FindingKind.Passed, history => Claim(history).Judge(Passed)),
        ("lost", FindingKind.Lost, history => history.Make((job, now) => Lifecycle.Lose(job, new(job.Id, 0, 1), "silent", now))),
        ("a commitment that was refused", FindingKind.Lost, history => history.Make((job, now) => Lifecycle.RefuseCommitment(job, new(job.Id, 0, 1), Feasible.WorkerId(), Feasible.Report(), "a part is missing", now))),
    ];

    [Fact]
    public void The_end_of_an_attempt_says_something_of_its_worker_or_nothing() => Assert.All(Ends, end =>
    {
        var job = end.Course(Begin()).Job;
        Assert.Equal((end.What, end.Expected), (end.What, Finding.Of(job, job.Attempts[0])?.Kind));
    });

    [Fact]
    public void Where_nobody_looks_for_races_a_difference_is_doubtful()
    {
        var job = Commit(Begin()).Judge(Failed, second: 8).Judge(Failed, check: 2, verifier: 8).Job;
        Assert.Equal(FindingKind.Doubtful, Finding.Of(job with { Class = "exact-scattered" }, job.Attempts[0])!.Kind);
    }

    [Fact]
    public void What_nobody_checks_or_its_own_provider_asks_for_says_nothing()
    {
        var job = Commit(Begin()).Judge(Passed).Job;
        Assert.Null(Finding.Of(job with { Account = job.Attempts[0].Provider }, job.Attempts[0]));
        Assert.Null(Finding.Of(job with { Document = job.Document with { Verification = null } }, job.Attempts[0]));
    }

    [Fact]
    public void A_new_worker_is_checked_more_until_enough_of_its_results_passed()
    {
        var known = Of(Enumerable.Repeat(FindingKind.Passed, Reputation.NewBelow - 1));
        Assert.Equal((Reputation.NewFactor, Reputation.NewFactor), (Reputation.None.SampleFactor, known.SampleFactor));
        Assert.Equal(1, known.Add(Make(99, FindingKind.Passed)).SampleFactor);
    }

    [Theory]
    [InlineData(true, FindingKind.Wrong)]
    [InlineData(false, FindingKind.Doubtful)]
    [InlineData(true, FindingKind.Doubtful, FindingKind.Passed, FindingKind.Doubtful)]
    [InlineData(false, FindingKind.FalseFault, FindingKind.FalseFault)]
    [InlineData(true, FindingKind.FalseFault, FindingKind.FalseFault, FindingKind.FalseFault)]
    [InlineData(false, FindingKind.Lost, FindingKind.Lost, FindingKind.Lost, FindingKind.Lost)]
    public void Who_cheats_gets_no_more_jobs_and_who_is_unlucky_once_does(bool suspended, params FindingKind[] kinds) =>
        Assert.Equal(suspended, Of(kinds).Suspension is not null);

    [Fact]
    public void A_finding_counts_once_and_the_oldest_are_forgotten()
    {
        var one = Reputation.None.Add(Make(1, FindingKind.Doubtful));
        Assert.Same(one, one.Add(Make(1, FindingKind.Doubtful)));
        var later = Enumerable.Range(2, Reputation.Window).Aggregate(one, (known, number) => known.Add(Make(number, FindingKind.Passed)));
        Assert.Equal((Reputation.Window, null), (later.Findings.Length, later.Add(Make(1000, FindingKind.Doubtful)).Suspension));
    }

    [Fact]
    public void Failures_make_a_worker_dearer_and_never_beyond_four_times()
    {
        Assert.Equal(1000, Reputation.None.ReliabilityThousandths);
        Assert.Equal(950, Of([FindingKind.Lost]).ReliabilityThousandths);
        Assert.Equal(250, Of(Enumerable.Repeat(FindingKind.Lost, 50)).ReliabilityThousandths);
    }

    [Fact]
    public void It_is_the_same_after_a_way_through_json()
    {
        var known = Of([FindingKind.Passed, FindingKind.Doubtful]);
        Assert.Equal(known.Findings, JsonSerializer.Deserialize<Reputation>(JsonSerializer.Serialize(known, BrokerJson.Options), BrokerJson.Options)!.Findings);
    }

    private static JobHistory Begin()
    {
        var history = new JobHistory(document: Feasible.Document(attempts: 3) with { Verification = new VerificationSpec { Mode = VerificationMode.Sample } }, kernelClass: "exact");
        return history.Run();
    }

    private static JobHistory Commit(JobHistory history) => history.Report(Feasible.Report()).Challenge();

    private static JobHistory Claim(JobHistory history) => history.Report(Feasible.Report(RunOutcome.Faulted, fault: Feasible.Fault())).Challenge();

    private static Reputation Of(IEnumerable<FindingKind> kinds) => kinds.Index().Aggregate(Reputation.None, (known, next) => known.Add(Make(next.Index, next.Item)));

    private static Finding Make(int number, FindingKind kind) => new(new AttemptId(JobId.Derive(AccountId.Parse("someone"), $"{number}"), 0, 1), kind);
}
