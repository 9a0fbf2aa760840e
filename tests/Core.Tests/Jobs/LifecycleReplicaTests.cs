using Broker.Core.Jobs;
using Broker.Core.Market;

namespace Broker.Core.Tests.Jobs;

public class LifecycleReplicaTests
{
    [Fact]
    public void A_job_completes_when_its_last_replica_does_and_pays_for_all()
    {
        var history = new JobHistory(replicas: 2).Run(0).Run(1, worker: 2).Report(Feasible.Report(seconds: 10));
        Assert.Equal((JobState.Running, AttemptState.Committed), (history.Job.State, history.Job.Attempts[0].State));
        history.CheckInvariants();
        history.Report(Feasible.Report(seconds: 20), replica: 1, worker: 2);
        Assert.Equal(JobState.Completed, history.Job.State);
        Assert.All(history.Job.Attempts, attempt => Assert.Equal(AttemptState.Accepted, attempt.State));
        Assert.Equal(Money.Parse("0.05"), history.Job.Price);
        history.CheckInvariants();
    }

    [Fact]
    public void A_committed_replica_may_not_report_start_or_be_lost_again()
    {
        var history = new JobHistory(replicas: 2).Run(0).Run(1, worker: 2).Report(Feasible.Report());
        history.IsRefused(LifecycleRefusal.WrongState, (job, now) => Lifecycle.Report(job, new(job.Id, 0, 1), Feasible.WorkerId(), Feasible.Report(), now));
        history.IsRefused(LifecycleRefusal.WrongState, (job, now) => Lifecycle.Start(job, new(job.Id, 0, 1), Feasible.WorkerId(), "run00001", null, now));
        history.IsRefused(LifecycleRefusal.WrongState, (job, now) => Lifecycle.Lose(job, new(job.Id, 0, 1), "silent", now));
        history.IsRefused(LifecycleRefusal.NotWaiting, (job, now) => Lifecycle.Assign(job, Feasible.Assignment(attempt: 2), Feasible.Seed(), now));
    }

    [Fact]
    public void A_job_runs_while_one_of_its_replicas_does()
    {
        var history = new JobHistory(replicas: 2).Run(0).Run(1, worker: 2).Lose();
        Assert.Equal(JobState.Running, history.Job.State);
        history.Lose(replica: 1);
        Assert.Equal(JobState.Queued, history.Job.State);
        history.CheckInvariants();
    }

    [Fact]
    public void A_job_is_queued_when_its_other_replica_never_got_a_worker()
    {
        var history = new JobHistory(replicas: 2).Run(0).Report(Feasible.Report());
        Assert.Equal(JobState.Queued, history.Job.State);
        Assert.True(history.Job.IsWaiting(1));
        Assert.NotNull(Lifecycle.Expire(history.Job, "nobody took the other", history.Job.QueueUntil).Change);
        history.Run(1, worker: 2).Report(Feasible.Report(), replica: 1, worker: 2);
        Assert.Equal(JobState.Completed, history.Job.State);
        history.CheckInvariants();
    }

    [Fact]
    public void A_job_is_queued_when_one_replica_was_lost_before_the_other_committed()
    {
        var history = new JobHistory(replicas: 2).Run(0).Run(1, worker: 2).Lose().Report(Feasible.Report(), replica: 1, worker: 2);
        Assert.Equal(JobState.Queued, history.Job.State);
        history.Run(0, attempt: 2, worker: 3).Report(Feasible.Report(), attempt: 2, worker: 3);
        Assert.Equal(JobState.Completed, history.Job.State);
        history.CheckInvariants();
    }

    [Fact]
    public void The_tries_of_one_replica_are_not_those_of_another()
    {
        var history = new JobHistory(replicas: 2, Feasible.Document(attempts: 2)).Run(0).Run(1, worker: 2).Lose(0).Lose(1);
        Assert.Equal((1, 1), (history.Job.FailedAttempts(0), history.Job.FailedAttempts(1)));
        Assert.Equal(JobState.Queued, history.Job.State);
        history.Run(1, attempt: 2, worker: 3).Run(0, attempt: 2, worker: 4).Lose(1, attempt: 2);
        Assert.Equal(JobState.Failed, history.Job.State);
        Assert.Equal(AttemptState.Withdrawn, history.Job.FindCurrent(0)!.State);
        history.CheckInvariants();
    }

    [Fact]
    public void A_fault_of_one_replica_withdraws_the_others()
    {
        var history = new JobHistory(replicas: 2).Run(0).Run(1, worker: 2).Report(Feasible.Report(RunOutcome.Faulted, reason: "fault"));
        Assert.Equal((JobState.Failed, "fault"), (history.Job.State, history.Job.Reason));
        Assert.Equal([AttemptState.Accepted, AttemptState.Withdrawn], history.Job.Attempts.Select(attempt => attempt.State));
        Assert.Equal(PoolIndex.Empty, PoolIndex.Of(history.Job));
        history.CheckInvariants();
    }
}
