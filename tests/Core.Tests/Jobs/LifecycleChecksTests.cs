using Broker.Core.Jobs;
using Broker.Core.Verification;

namespace Broker.Core.Tests.Jobs;

public class LifecycleChecksTests
{
    private static readonly Verdict Passed = new() { Kind = VerdictKind.Passed, Blocks = 4, Sampled = 3 };

    private static readonly Verdict Failed = Passed with { Kind = VerdictKind.Failed, Reason = "block 1 is wrong" };

    private static readonly Verdict Inconclusive = Passed with { Kind = VerdictKind.Inconclusive, Reason = "block 1 races" };

    [Fact]
    public void A_committed_job_that_is_verified_waits_for_a_check()
    {
        var history = Commit();
        Assert.Equal((JobState.Committed, AttemptState.Committed), (history.Job.State, history.Job.Attempts[0].State));
        Assert.Null(history.Job.Price);
        Assert.Null(history.Job.Attempts[0].Verdict);
        history.CheckInvariants();
    }

    [Fact]
    public void A_challenge_names_the_verifier()
    {
        var history = Commit().Challenge();
        Assert.Equal(JobState.Verifying, history.Job.State);
        Assert.Equal(new CheckRecord(1, Feasible.WorkerId(9), history.Now), Assert.Single(history.Job.Attempts[0].Checks));
        Assert.Equal(JobEventKind.Challenged, history.Kinds.Last());
        history.IsRefused(LifecycleRefusal.None, Challenge(0));
        history.IsRefused(LifecycleRefusal.WrongState, Challenge(2));
        history.CheckInvariants();
    }

    [Fact]
    public void A_verifier_that_does_not_answer_is_replaced_and_its_verdict_refused()
    {
        var history = Commit().Challenge().Challenge(after: 1, verifier: 8);
        var checks = history.Job.Attempts[0].Checks;
        Assert.Equal([1, 2], checks.Select(check => check.Number));
        Assert.Equal((history.Now, "it fell silent"), (checks[0].EndedAt!.Value, checks[0].Reason));
        Assert.Equal(JobState.Verifying, history.Job.State);
        history.IsRefused(LifecycleRefusal.WrongState, Judge(Passed));
        history.IsRefused(LifecycleRefusal.OtherWorker, Judge(Passed, check: 2));
        history.Judge(Passed, check: 2, verifier: 8);
        Assert.Equal(JobState.Completed, history.Job.State);
        history.CheckInvariants();
    }

    [Fact]
    public void What_is_not_committed_is_not_challenged()
    {
        Begin().IsRefused(LifecycleRefusal.WrongState, Challenge(0));
        Commit().IsRefused(LifecycleRefusal.StaleAttempt, Challenge(0, attempt: 2));
        Commit().Challenge().Judge(Passed).IsRefused(LifecycleRefusal.Ended, Challenge(1));
        new JobHistory(replicas: 2).Run().Report(Feasible.Report()).IsRefused(LifecycleRefusal.WrongState, Challenge(0));
    }

    [Fact]
    public void A_result_that_passed_is_paid_for()
    {
        var history = Commit().Challenge().Judge(Passed);
        var attempt = history.Job.Attempts[0];
        Assert.Equal((JobState.Completed, AttemptState.Accepted), (history.Job.State, attempt.State));
        Assert.Equal((Passed, history.Now), (attempt.Verdict, attempt.Checks[0].EndedAt!.Value));
        Assert.Equal("3 of 4 blocks executed again: none differs", attempt.Reason);
        Assert.Equal(Money.Parse("0.02"), history.Job.Price);
        Assert.Equal(
            [JobEventKind.Submitted, JobEventKind.Assigned, JobEventKind.Started, JobEventKind.Committed, JobEventKind.Challenged, JobEventKind.Accepted, JobEventKind.Completed],
            history.Kinds);
        history.CheckInvariants();
    }

    [Fact]
    public void A_wrong_result_is_not_paid_and_another_worker_makes_it()
    {
        var history = Commit().Challenge().Judge(Failed);
        Assert.Equal((JobState.Queued, AttemptState.Rejected), (history.Job.State, history.Job.Attempts[0].State));
        Assert.Equal("3 of 4 blocks executed again: block 1 is wrong", history.Job.Attempts[0].Reason);
        Assert.Equal(1, history.Job.FailedAttempts(0));
        history.CheckInvariants();
        history.Run(attempt: 2, worker: 2).Report(Feasible.Report(), attempt: 2, worker: 2).Challenge(attempt: 2).Judge(Passed, attempt: 2);
        Assert.Equal((JobState.Completed, Money.Parse("0.02")), (history.Job.State, history.Job.Price!.Value));
        history.CheckInvariants();
    }

    [Fact]
    public void What_one_verifier_finds_wrong_another_looks_at_before_it_counts()
    {
        var history = Commit().Challenge().Judge(Failed, second: 8);
        Assert.Equal((JobState.Verifying, AttemptState.Committed), (history.Job.State, history.Job.Attempts[0].State));
        var checks = history.Job.Attempts[0].Checks;
        Assert.Equal((Failed, null, Feasible.WorkerId(8)), (checks[0].Verdict, checks[0].Reason, checks[1].Verifier));
        history.CheckInvariants();
        history.Judge(Failed, check: 2, verifier: 8, second: 7);
        Assert.Equal((JobState.Queued, AttemptState.Rejected), (history.Job.State, history.Job.Attempts[0].State));
        history.CheckInvariants();
    }

    [Fact]
    public void Where_two_verifiers_disagree_nobody_is_blamed_and_the_result_is_not_vouched_for()
    {
        var history = Commit().Challenge().Judge(Failed, second: 8).Judge(Passed, check: 2, verifier: 8);
        var attempt = history.Job.Attempts[0];
        Assert.Equal((JobState.Completed, AttemptState.Inconclusive, VerdictKind.Inconclusive), (history.Job.State, attempt.State, attempt.Verdict!.Kind));
        Assert.Contains("two verifiers disagree", history.Job.Reason, StringComparison.Ordinal);
        Assert.Contains("block 1 is wrong", history.Job.Reason, StringComparison.Ordinal);
        Assert.Equal(Money.Parse("0.02"), history.Job.Price);
        history.CheckInvariants();
    }

    [Fact]
    public void A_verifier_is_no_second_to_itself() =>
        Assert.Equal(AttemptState.Rejected, Commit().Challenge().Judge(Failed, second: 9).Job.Attempts[0].State);

    [Fact]
    public void Wrong_results_use_up_the_attempts()
    {
        var history = Commit(attempts: 1).Challenge().Judge(Failed);
        Assert.Equal((JobState.Failed, "1 of 1 attempts failed; the last: 3 of 4 blocks executed again: block 1 is wrong"), (history.Job.State, history.Job.Reason));
        Assert.Null(history.Job.Price);
        history.CheckInvariants();
    }

    [Fact]
    public void Where_nothing_can_be_said_the_time_is_paid_and_the_result_not_vouched_for()
    {
        var history = Commit().Challenge().Judge(Inconclusive);
        Assert.Equal((JobState.Completed, AttemptState.Inconclusive), (history.Job.State, history.Job.Attempts[0].State));
        Assert.Equal("the result is not verified: 3 of 4 blocks executed again: block 1 races", history.Job.Reason);
        Assert.Equal(Money.Parse("0.02"), history.Job.Price);
        history.CheckInvariants();
    }

    [Fact]
    public void A_verdict_is_taken_once_from_the_verifier_that_was_asked()
    {
        var history = Commit();
        history.IsRefused(LifecycleRefusal.StaleAttempt, Judge(Passed));
        history.Challenge();
        history.IsRefused(LifecycleRefusal.OtherWorker, Judge(Passed, verifier: 8));
        history.IsRefused(LifecycleRefusal.StaleAttempt, Judge(Passed, check: 2));
        history.IsRefused(LifecycleRefusal.StaleAttempt, Judge(Passed, check: 0));
        history.IsRefused(LifecycleRefusal.StaleAttempt, Judge(Passed, attempt: 2));
        Assert.Equal(LifecycleRefusal.None, Lifecycle.CheckVerdict(history.Job, new(history.Job.Id, 0, 1), 1, Feasible.WorkerId(9)));
        history.Judge(Failed);
        // The attempt is another one by now: what its verifier says again changes nothing.
        history.IsRefused(LifecycleRefusal.WrongState, Judge(Passed));
        history.Run(attempt: 2, worker: 2);
        history.IsRefused(LifecycleRefusal.WrongState, Judge(Passed));
        Assert.Equal(LifecycleRefusal.Ended, Judge(Passed)(Commit().Challenge().Judge(Passed).Job, Feasible.Noon).Refusal);
    }

    [Fact]
    public void A_worker_is_no_verifier_of_its_own_attempt() => Commit().Challenge().IsRefused(LifecycleRefusal.OtherWorker, Judge(Passed, verifier: 1));

    [Fact]
    public void A_claimed_fault_is_checked_before_it_is_believed()
    {
        var history = Begin().Report(Feasible.Report(RunOutcome.Faulted, fault: Feasible.Fault()));
        Assert.Equal((JobState.Committed, AttemptState.Committed), (history.Job.State, history.Job.Attempts[0].State));
        history.CheckInvariants();
        history.Challenge().Judge(Passed);
        Assert.Equal((JobState.Failed, AttemptState.Accepted, Feasible.Fault().Message), (history.Job.State, history.Job.Attempts[0].State, history.Job.Reason));
        // The time until the fault was worked for.
        Assert.Equal(Money.Parse("0.02"), history.Job.Price);
        history.CheckInvariants();
    }

    [Fact]
    public void A_fault_that_is_not_reproduced_counts_against_its_worker_and_is_not_paid()
    {
        var history = Begin().Report(Feasible.Report(RunOutcome.Faulted, fault: Feasible.Fault())).Challenge().Judge(Failed with { Reason = "thread 2 does not" });
        Assert.Equal((JobState.Queued, AttemptState.Rejected), (history.Job.State, history.Job.Attempts[0].State));
        Assert.Equal("the fault was not reproduced: thread 2 does not", history.Job.Attempts[0].Reason);
        Assert.Null(history.Job.Price);
        history.CheckInvariants();
    }

    [Fact]
    public void A_fault_that_cannot_be_looked_at_fails_the_job_and_is_paid()
    {
        var history = Begin().Report(Feasible.Report(RunOutcome.Faulted, fault: Feasible.Fault())).Challenge().Judge(Inconclusive);
        Assert.Equal((JobState.Failed, AttemptState.Inconclusive), (history.Job.State, history.Job.Attempts[0].State));
        Assert.Equal(Money.Parse("0.02"), history.Job.Price);
        history.CheckInvariants();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_commitment_that_no_run_leaves_is_refused_at_once(bool verified)
    {
        var history = verified ? Begin() : new JobHistory().Run();
        var report = Feasible.Report();
        history.Make((job, now) => Lifecycle.RefuseCommitment(job, new(job.Id, 0, 1), Feasible.WorkerId(), report, "its leaves are others", now));
        Assert.Equal((JobState.Queued, AttemptState.Rejected), (history.Job.State, history.Job.Attempts[0].State));
        Assert.Equal((report.Commitment, "its leaves are others"), (history.Job.Attempts[0].Commitment, history.Job.Attempts[0].Reason));
        Assert.Null(history.Job.Price);
        Assert.Equal([JobEventKind.Committed, JobEventKind.Rejected], history.Kinds.TakeLast(2));
        history.CheckInvariants();
        history.IsRefused(LifecycleRefusal.WrongState, (job, now) => Lifecycle.RefuseCommitment(job, new(job.Id, 0, 1), Feasible.WorkerId(), report, "again", now));
    }

    [Fact]
    public void A_job_that_nobody_checks_is_given_unverified_and_paid()
    {
        foreach (var history in new[] { Commit(), Commit().Challenge() })
        {
            history.Make((job, now) => Lifecycle.GiveUpChecking(job, new(job.Id, 0, 1), "no verifier answered", now));
            Assert.Equal((JobState.Completed, AttemptState.Inconclusive), (history.Job.State, history.Job.Attempts[0].State));
            Assert.Equal("the result is not verified: no verifier answered", history.Job.Reason);
            Assert.Equal(Money.Parse("0.02"), history.Job.Price);
            history.CheckInvariants();
        }
    }

    [Fact]
    public void Checking_is_not_given_up_where_nothing_waits_for_it()
    {
        Begin().IsRefused(LifecycleRefusal.WrongState, (job, now) => Lifecycle.GiveUpChecking(job, new(job.Id, 0, 1), "why", now));
        Commit().IsRefused(LifecycleRefusal.StaleAttempt, (job, now) => Lifecycle.GiveUpChecking(job, new(job.Id, 0, 2), "why", now));
        Commit().Challenge().Judge(Passed).IsRefused(LifecycleRefusal.Ended, (job, now) => Lifecycle.GiveUpChecking(job, new(job.Id, 0, 1), "why", now));
    }

    [Fact]
    public void A_committed_job_is_neither_cancelled_nor_lost()
    {
        var history = Commit().Challenge();
        history.IsRefused(LifecycleRefusal.TooLate, (job, now) => Lifecycle.Cancel(job, "no", now));
        history.IsRefused(LifecycleRefusal.WrongState, (job, now) => Lifecycle.Lose(job, new(job.Id, 0, 1), "silent", now));
        history.IsRefused(LifecycleRefusal.WrongState, (job, now) => Lifecycle.Report(job, new(job.Id, 0, 1), Feasible.WorkerId(), Feasible.Report(), now));
        history.IsRefused(LifecycleRefusal.NotWaiting, (job, now) => Lifecycle.Assign(job, Feasible.Assignment(attempt: 2), Feasible.Seed(2), now));
    }

    [Fact]
    public void A_seed_stands_in_no_event()
    {
        var history = Commit().Challenge().Judge(Failed);
        var seed = history.Job.Attempts[0].Seed.ToString();
        Assert.Equal(Feasible.Seed(1).ToString(), seed);
        Assert.All(history.Events, entry => Assert.DoesNotContain(seed, entry.ToString(), StringComparison.OrdinalIgnoreCase));
    }

    private static JobHistory Begin(int attempts = 3) =>
        new JobHistory(document: Feasible.Document(attempts: attempts) with { Verification = new VerificationSpec { Mode = VerificationMode.Sample } }).Run();

    private static JobHistory Commit(int attempts = 3) => Begin(attempts).Report(Feasible.Report());

    private static Func<JobRecord, DateTimeOffset, Decision> Challenge(int after, int attempt = 1) =>
        (job, now) => Lifecycle.Challenge(job, new(job.Id, 0, attempt), after, Feasible.WorkerId(9), null, now);

    private static Func<JobRecord, DateTimeOffset, Decision> Judge(Verdict verdict, int check = 1, int verifier = 9, int attempt = 1) =>
        (job, now) => Lifecycle.Judge(job, new(job.Id, 0, attempt), check, Feasible.WorkerId(verifier), verdict, null, now);
}
