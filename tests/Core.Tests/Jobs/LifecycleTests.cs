using Broker.Core.Jobs;

namespace Broker.Core.Tests.Jobs;

public class LifecycleTests
{
    private static readonly KernelFaultRecord Fault = Feasible.Fault();

    [Fact]
    public void A_submitted_job_waits_until_its_queue_timeout()
    {
        var change = Lifecycle.Submit(Feasible.JobId(), Feasible.Submitter, Feasible.Document(queueMinutes: 30), Feasible.Hash, Feasible.Noon);
        Assert.Null(change.Before);
        Assert.Equal(JobState.Queued, change.After.State);
        Assert.Equal((Feasible.JobId(), Feasible.Submitter, Feasible.Hash), (change.After.Id, change.After.Account, change.After.RequestHash));
        Assert.Equal(Feasible.Noon, change.After.SubmittedAt);
        Assert.Equal(Feasible.Noon.AddMinutes(30), change.After.QueueUntil);
        Assert.True(change.After.IsWaiting(0));
        Assert.Equal(JobEventKind.Submitted, Assert.Single(change.Events).Kind);
        new JobHistory().CheckInvariants();
    }

    [Theory]
    [InlineData(10, 10)]
    [InlineData(90, 60)]
    public void A_job_waits_no_longer_than_to_its_deadline(int deadlineMinutes, int queueMinutes)
    {
        var job = Feasible.Job(document: Feasible.Document(queueMinutes: 60, deadline: Feasible.Noon.AddMinutes(deadlineMinutes)));
        Assert.Equal(Feasible.Noon.AddMinutes(queueMinutes), job.QueueUntil);
    }

    [Fact]
    public void An_assigned_job_runs_with_what_its_offer_said()
    {
        var history = new JobHistory().Assign(worker: 3);
        var attempt = Assert.Single(history.Job.Attempts);
        Assert.Equal(JobState.Running, history.Job.State);
        Assert.Equal(AttemptState.Assigned, attempt.State);
        Assert.Equal((0, 1, Feasible.WorkerId(3), "worker-3"), (attempt.Replica, attempt.Number, attempt.Worker, attempt.WorkerName));
        Assert.Equal((Money.Parse("0.10"), Money.Parse("0.01"), Money.Parse("0.001")), (attempt.Quote, attempt.StartPrice, attempt.PricePerSecond));
        Assert.Equal(history.Now, attempt.AssignedAt);
        Assert.Equal("worker-3 for 0.10", history.Events[^1].Text);
        Assert.Equal(Feasible.WorkerId(3), history.Events[^1].Worker);
        history.CheckInvariants();
    }

    [Fact]
    public void The_same_assignment_again_was_made_before_and_another_worker_comes_too_late()
    {
        var history = new JobHistory().Assign();
        history.IsRefused(LifecycleRefusal.None, (job, now) => Lifecycle.Assign(job, Feasible.Assignment(), Feasible.Seed(), now));
        history.IsRefused(LifecycleRefusal.StaleAttempt, (job, now) => Lifecycle.Assign(job, Feasible.Assignment(worker: 2), Feasible.Seed(), now));
        history.IsRefused(LifecycleRefusal.NotWaiting, (job, now) => Lifecycle.Assign(job, Feasible.Assignment(attempt: 2, worker: 2), Feasible.Seed(), now));
    }

    [Fact]
    public void An_attempt_has_the_next_number_of_a_replica_that_exists()
    {
        var history = new JobHistory();
        history.IsRefused(LifecycleRefusal.StaleAttempt, (job, now) => Lifecycle.Assign(job, Feasible.Assignment(attempt: 2), Feasible.Seed(), now));
        history.IsRefused(LifecycleRefusal.NotWaiting, (job, now) => Lifecycle.Assign(job, Feasible.Assignment(replica: 1), Feasible.Seed(), now));
        history.IsRefused(LifecycleRefusal.NotWaiting, (job, now) => Lifecycle.Assign(job, Feasible.Assignment(replica: -1), Feasible.Seed(), now));
        history.Assign();
    }

    [Fact]
    public void A_started_attempt_has_a_run_and_a_restart_inside_it_has_another()
    {
        var history = new JobHistory().Assign().Start();
        var begun = history.Now;
        Assert.Equal((AttemptState.Started, "run00001", begun), (history.Job.Attempts[0].State, history.Job.Attempts[0].Run, history.Job.Attempts[0].StartedAt!.Value));
        history.IsRefused(LifecycleRefusal.None, (job, now) => Lifecycle.Start(job, new(job.Id, 0, 1), Feasible.WorkerId(), "run00001", "key", now));
        history.Start(run: "run00002");
        Assert.Equal(("run00002", begun), (history.Job.Attempts[0].Run, history.Job.Attempts[0].StartedAt!.Value));
        history.CheckInvariants();
    }

    [Fact]
    public void A_completed_run_completes_the_job_at_its_bill()
    {
        var history = new JobHistory().Run().Report(Feasible.Report(seconds: 20));
        var attempt = history.Job.Attempts[0];
        Assert.Equal(JobState.Completed, history.Job.State);
        Assert.Equal(AttemptState.Accepted, attempt.State);
        Assert.Equal(20, attempt.Usage!.Seconds);
        // 0.01 to start, and 20 seconds at 0.001.
        Assert.Equal(Money.Parse("0.03"), history.Job.Price);
        Assert.Equal(history.Now, history.Job.EndedAt);
        Assert.Null(history.Job.Reason);
        Assert.Equal(
            [JobEventKind.Submitted, JobEventKind.Assigned, JobEventKind.Started, JobEventKind.Committed, JobEventKind.Accepted, JobEventKind.Completed],
            history.Kinds);
        history.CheckInvariants();
    }

    [Fact]
    public void A_bill_stays_near_its_quote() =>
        Assert.Equal(Money.Parse("0.11"), new JobHistory().Run().Report(Feasible.Report(seconds: 500)).Job.Price);

    [Fact]
    public void A_fault_fails_the_job_and_is_not_tried_again()
    {
        var history = new JobHistory().Run().Report(Feasible.Report(RunOutcome.Faulted, fault: Fault));
        Assert.Equal(JobState.Failed, history.Job.State);
        Assert.Equal(Fault.Message, history.Job.Reason);
        Assert.Equal(Fault, history.Job.Attempts[0].Fault);
        Assert.Equal((AttemptState.Accepted, Fault.Message), (history.Job.Attempts[0].State, history.Job.Attempts[0].Reason));
        Assert.Null(history.Job.Price);
        history.CheckInvariants();
    }

    [Fact]
    public void A_run_that_used_up_its_time_fails_the_job_and_is_not_tried_again()
    {
        var history = new JobHistory(document: Feasible.Document(timeoutMinutes: 1)).Run();
        history.Wait(TimeSpan.FromMinutes(1)).Report(Feasible.Report(RunOutcome.TimedOut, reason: "it stood in line 7"));
        Assert.Equal((JobState.Failed, "it stood in line 7"), (history.Job.State, history.Job.Reason));
        Assert.Equal((AttemptState.Lost, "it stood in line 7"), (history.Job.Attempts[0].State, history.Job.Attempts[0].Reason));
        Assert.NotNull(history.Job.Attempts[0].Usage);
        history.CheckInvariants();
    }

    [Fact]
    public void A_time_out_before_its_time_is_the_workers_failure()
    {
        var history = new JobHistory(document: Feasible.Document(timeoutMinutes: 1)).Run();
        history.Wait(TimeSpan.FromSeconds(56)).Report(Feasible.Report(RunOutcome.TimedOut, reason: "it stood in line 7"));
        Assert.Equal((JobState.Queued, AttemptState.Lost), (history.Job.State, history.Job.Attempts[0].State));
        Assert.Equal("the worker says that the time is used up, before it is", history.Job.Attempts[0].Reason);
        history.CheckInvariants();
    }

    [Theory]
    [InlineData(RunOutcome.Failed, AttemptState.Lost, "the worker could not run it")]
    [InlineData(RunOutcome.Released, AttemptState.Withdrawn, "the worker is stopping")]
    public void A_run_without_a_result_makes_the_replica_wait_again(RunOutcome outcome, AttemptState state, string reason)
    {
        var history = new JobHistory().Run().Report(Feasible.Report(outcome));
        Assert.Equal(JobState.Queued, history.Job.State);
        Assert.Equal((state, reason), (history.Job.Attempts[0].State, history.Job.Attempts[0].Reason));
        Assert.True(history.Job.IsWaiting(0));
        Assert.Equal("out of paper", new JobHistory().Run().Report(Feasible.Report(outcome, reason: "out of paper")).Job.Attempts[0].Reason);
        history.CheckInvariants();
        history.Run(attempt: 2, worker: 2).Report(Feasible.Report(), attempt: 2, worker: 2);
        Assert.Equal(JobState.Completed, history.Job.State);
        history.CheckInvariants();
    }

    [Fact]
    public void A_job_fails_when_its_attempts_are_used_up()
    {
        var history = new JobHistory(document: Feasible.Document(attempts: 2)).Run().Report(Feasible.Report(RunOutcome.Failed)).Assign(attempt: 2, worker: 2);
        history.Lose(attempt: 2);
        Assert.Equal(JobState.Failed, history.Job.State);
        Assert.Equal("2 of 2 attempts failed; the last: its worker fell silent", history.Job.Reason);
        history.CheckInvariants();
    }

    [Fact]
    public void A_released_attempt_does_not_count()
    {
        var history = new JobHistory(document: Feasible.Document(attempts: 1));
        for (var n = 1; n <= 5; n++) history.Run(attempt: n).Report(Feasible.Report(RunOutcome.Released), attempt: n);
        Assert.Equal((JobState.Queued, 0), (history.Job.State, history.Job.FailedAttempts(0)));
        history.Run(attempt: 6).Report(Feasible.Report(RunOutcome.Failed), attempt: 6);
        Assert.Equal(JobState.Failed, history.Job.State);
        history.CheckInvariants();
    }

    [Fact]
    public void A_lost_attempt_is_refused_whatever_it_says_later()
    {
        var history = new JobHistory().Run().Lose().Run(attempt: 2, worker: 2);
        history.IsRefused(LifecycleRefusal.StaleAttempt, Report(attempt: 1, worker: 1));
        history.IsRefused(LifecycleRefusal.StaleAttempt, Start(attempt: 1, worker: 1));
        history.IsRefused(LifecycleRefusal.StaleAttempt, (job, now) => Lifecycle.Lose(job, new(job.Id, 0, 1), "again", now));
        history.Report(Feasible.Report(), attempt: 2, worker: 2);
        history.CheckInvariants();
    }

    [Fact]
    public void A_report_meets_the_fence()
    {
        var history = new JobHistory().Assign();
        history.IsRefused(LifecycleRefusal.WrongState, Report());
        history.Start();
        history.IsRefused(LifecycleRefusal.StaleAttempt, Report(attempt: 2));
        history.IsRefused(LifecycleRefusal.StaleAttempt, Report(replica: 1));
        history.IsRefused(LifecycleRefusal.OtherWorker, Report(worker: 2));
        history.IsRefused(LifecycleRefusal.StaleAttempt, Report(run: "run00002"));
        history.IsRefused(LifecycleRefusal.OtherWorker, Start(worker: 2));
        Assert.Equal(LifecycleRefusal.None, Lifecycle.CheckReport(history.Job, new(history.Job.Id, 0, 1), Feasible.WorkerId(), "run00001"));
        history.Report(Feasible.Report());
        history.IsRefused(LifecycleRefusal.Ended, Report());
        history.IsRefused(LifecycleRefusal.Ended, Start());
    }

    [Fact]
    public void An_attempt_whose_assignment_was_cut_off_is_withdrawn_and_its_number_taken()
    {
        var history = new JobHistory();
        history.Make((job, now) => Lifecycle.Abandon(job, Feasible.Held(job: 1), now));
        var attempt = Assert.Single(history.Job.Attempts);
        Assert.Equal((1, AttemptState.Withdrawn, Feasible.WorkerId(), Feasible.Noon), (attempt.Number, attempt.State, attempt.Worker, attempt.AssignedAt));
        Assert.Equal((JobState.Queued, 0), (history.Job.State, history.Job.FailedAttempts(0)));
        Assert.Equal(JobEventKind.Withdrawn, history.Kinds.Last());
        history.CheckInvariants();

        // The matcher that was held up: its worker is told, and refused; another worker's number is taken.
        history.IsRefused(LifecycleRefusal.None, (job, now) => Lifecycle.Assign(job, Feasible.Assignment(), Feasible.Seed(), now));
        history.IsRefused(LifecycleRefusal.StaleAttempt, (job, now) => Lifecycle.Assign(job, Feasible.Assignment(worker: 2), Feasible.Seed(), now));
        history.IsRefused(LifecycleRefusal.WrongState, Start());
        history.IsRefused(LifecycleRefusal.None, (job, now) => Lifecycle.Abandon(job, Feasible.Held(job: 1), now));
        history.Run(attempt: 2).Report(Feasible.Report(), attempt: 2);
        history.IsRefused(LifecycleRefusal.Ended, (job, now) => Lifecycle.Abandon(job, Feasible.Held(job: 1), now));
    }

    [Fact]
    public void An_attempt_that_was_written_is_not_abandoned() =>
        new JobHistory().Assign().IsRefused(LifecycleRefusal.WrongState, (job, now) => Lifecycle.Abandon(job, Feasible.Held(job: 1), now));

    [Fact]
    public void A_slot_of_another_number_is_no_attempt_of_the_job() => new JobHistory().IsRefused(
        LifecycleRefusal.StaleAttempt, (job, now) => Lifecycle.Abandon(job, Feasible.Held(job: 1) with { Attempt = 2 }, now));

    [Fact]
    public void A_lost_attempt_alone_may_not_start()
    {
        var history = new JobHistory().Assign().Lose();
        history.IsRefused(LifecycleRefusal.WrongState, Start());
        history.IsRefused(LifecycleRefusal.WrongState, (job, now) => Lifecycle.Lose(job, new(job.Id, 0, 1), "again", now));
        history.IsRefused(LifecycleRefusal.StaleAttempt, (job, now) => Lifecycle.Lose(job, new(job.Id, 0, 2), "never was", now));
    }

    [Fact]
    public void A_cancelled_job_tells_its_workers_to_stop()
    {
        var history = new JobHistory().Run().Make((job, now) => Lifecycle.Cancel(job, "no longer needed", now));
        Assert.Equal((JobState.Cancelled, "no longer needed"), (history.Job.State, history.Job.Reason));
        Assert.Equal((AttemptState.Withdrawn, "no longer needed"), (history.Job.Attempts[0].State, history.Job.Attempts[0].Reason));
        Assert.Equal([JobEventKind.Withdrawn, JobEventKind.Cancelled], history.Kinds.TakeLast(2));
        history.IsRefused(LifecycleRefusal.None, (job, now) => Lifecycle.Cancel(job, "no longer needed", now));
        history.CheckInvariants();
    }

    [Theory]
    [InlineData(JobState.Committed, LifecycleRefusal.TooLate)]
    [InlineData(JobState.Verifying, LifecycleRefusal.TooLate)]
    [InlineData(JobState.Completed, LifecycleRefusal.Ended)]
    [InlineData(JobState.Failed, LifecycleRefusal.Ended)]
    [InlineData(JobState.Expired, LifecycleRefusal.Ended)]
    public void Some_jobs_may_not_be_cancelled(JobState state, LifecycleRefusal refusal) =>
        Assert.Equal(refusal, Lifecycle.Cancel(Feasible.Job() with { State = state }, "no", Feasible.Noon).Refusal);

    [Fact]
    public void A_job_expires_when_it_waited_too_long_and_not_before()
    {
        var job = Feasible.Job();
        Assert.Equal(LifecycleRefusal.TooEarly, Lifecycle.Expire(job, "nobody", job.QueueUntil.AddTicks(-1)).Refusal);
        var expired = Lifecycle.Expire(job, "nobody", job.QueueUntil).Change!.After;
        Assert.Equal((JobState.Expired, "nobody", job.QueueUntil), (expired.State, expired.Reason, expired.EndedAt!.Value));
        Assert.Equal(LifecycleRefusal.Ended, Lifecycle.Expire(expired, "nobody", job.QueueUntil).Refusal);
        var running = new JobHistory().Assign().Job;
        Assert.Equal(LifecycleRefusal.NotWaiting, Lifecycle.Expire(running, "nobody", job.QueueUntil).Refusal);
    }

    [Fact]
    public void Nothing_happens_to_a_job_that_has_ended()
    {
        var history = new JobHistory().Run().Make((job, now) => Lifecycle.Cancel(job, "no", now));
        history.IsRefused(LifecycleRefusal.Ended, (job, now) => Lifecycle.Assign(job, Feasible.Assignment(attempt: 2), Feasible.Seed(), now));
        history.IsRefused(LifecycleRefusal.Ended, Start());
        history.IsRefused(LifecycleRefusal.Ended, Report());
        history.IsRefused(LifecycleRefusal.Ended, (job, now) => Lifecycle.Lose(job, new(job.Id, 0, 1), "silent", now));
    }

    [Fact]
    public void A_redelivery_decides_the_same_again()
    {
        var job = new JobHistory().Run().Job;
        var first = Report()(job, Feasible.Noon.AddMinutes(1)).Change!;
        var second = Report()(job, Feasible.Noon.AddMinutes(1)).Change!;
        Assert.Equal(first.Events.AsEnumerable(), second.Events.AsEnumerable());
        Assert.Equal(first.After.LastEventHash, second.After.LastEventHash);
    }

    [Fact]
    public void A_change_names_the_attempts_that_it_touches()
    {
        var job = new JobHistory().Run().Lose().Job;
        var change = Lifecycle.Assign(job, Feasible.Assignment(attempt: 2, worker: 2), Feasible.Seed(), Feasible.Noon).Change!;
        Assert.Equal(2, Assert.Single(change.TouchedAttempts).Number);
        Assert.Empty(Lifecycle.Submit(job.Id, job.Account, job.Document, job.RequestHash, Feasible.Noon).TouchedAttempts);
    }

    private static Func<JobRecord, DateTimeOffset, Decision> Report(int replica = 0, int attempt = 1, int worker = 1, string run = "run00001") =>
        (job, now) => Lifecycle.Report(job, new(job.Id, replica, attempt), Feasible.WorkerId(worker), Feasible.Report(run: run), now);

    private static Func<JobRecord, DateTimeOffset, Decision> Start(int attempt = 1, int worker = 1) =>
        (job, now) => Lifecycle.Start(job, new(job.Id, 0, attempt), Feasible.WorkerId(worker), "run00001", "key", now);
}
