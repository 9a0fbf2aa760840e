using Broker.Core.Jobs;
using Broker.Core.Market;
using Broker.Core.Tests.Jobs;

namespace Broker.Core.Tests.Market;

public class PoolIndexTests
{
    [Fact]
    public void A_waiting_replica_carries_what_the_matcher_asks()
    {
        var document = Feasible.Document() with
        {
            Requires = new Requirements { MemoryBytes = 5, ComputeCapability = 80, ShareThousandths = 250 },
            Terms = new Terms
            {
                MaxPrice = new Money(7),
                DelayValuePerHour = new Money(8),
                Estimate = TimeSpan.FromSeconds(9),
                Timeout = TimeSpan.FromMinutes(3),
                QueueTimeout = TimeSpan.FromMinutes(4),
            },
        };
        var index = PoolIndex.Of(Feasible.Job(document: document));
        Assert.Empty(index.Held);
        var waiting = Assert.Single(index.Waiting);
        Assert.Equal(
            new WaitingReplica
            {
                Job = Feasible.JobId(),
                Replica = 0,
                NextAttempt = 1,
                SubmittedAt = Feasible.Noon,
                QueueUntil = Feasible.Noon.AddMinutes(4),
                MemoryBytes = 5,
                ComputeCapability = 80,
                ShareThousandths = 250,
                MaxPrice = new Money(7),
                DelayValuePerHour = new Money(8),
                Estimate = TimeSpan.FromSeconds(9),
                Timeout = TimeSpan.FromMinutes(3),
                Excluded = waiting.Excluded,
            }, waiting);
        Assert.Empty(waiting.Excluded);
    }

    [Fact]
    public void A_held_slot_ends_some_time_after_its_timeout()
    {
        var job = new JobHistory(document: Feasible.Document(timeoutMinutes: 20)).Assign(worker: 2).Job;
        var index = PoolIndex.Of(job);
        Assert.Empty(index.Waiting);
        var assigned = job.Attempts[0].AssignedAt;
        Assert.Equal(
            new HeldSlot(job.Id, 0, 1, Feasible.WorkerId(2), job.Attempts[0].Provider, assigned, assigned.AddMinutes(25)), Assert.Single(index.Held));
        Assert.Equal(new(job.Id, 0, 1), index.Held[0].Id);
    }

    [Fact]
    public void What_the_matcher_assigns_is_the_slot_that_the_job_holds()
    {
        var job = Feasible.Job();
        var assignment = Assert.Single(Matcher.Plan(Feasible.Market(PoolIndex.Of(job).Waiting, [Feasible.Offer()])).Assignments);
        var after = Lifecycle.Assign(job, assignment, Feasible.Seed(), Feasible.Noon).Change!.After;
        Assert.Equal(HeldSlot.Of(assignment, Feasible.Noon), Assert.Single(PoolIndex.Of(after).Held));
    }

    [Fact]
    public void A_worker_that_lost_the_job_is_excluded_for_a_while_and_one_that_handed_it_back_is_not()
    {
        var history = new JobHistory(document: Feasible.Document(attempts: 5)).Run().Lose().Run(attempt: 2).Lose(attempt: 2);
        var lost = history.Now;
        history.Run(attempt: 3, worker: 2).Report(Feasible.Report(RunOutcome.Released), attempt: 3, worker: 2)
            .Run(attempt: 4, worker: 3).Report(Feasible.Report(RunOutcome.Failed), attempt: 4, worker: 3);
        var waiting = Assert.Single(PoolIndex.Of(history.Job).Waiting);
        Assert.Equal(5, waiting.NextAttempt);
        Assert.Equal(
            [new Exclusion(Feasible.WorkerId(1), lost.AddMinutes(1)), new Exclusion(Feasible.WorkerId(3), history.Now.AddMinutes(1))],
            waiting.Excluded.AsEnumerable());
    }

    [Fact]
    public void A_worker_whose_result_was_wrong_is_excluded_for_good()
    {
        var job = new JobHistory().Run().Job;
        job = job with { Attempts = [job.Attempts[0] with { State = AttemptState.Rejected, EndedAt = Feasible.Noon }] };
        Assert.Equal([new Exclusion(Feasible.WorkerId(), DateTimeOffset.MaxValue)], Assert.Single(PoolIndex.Of(job).Waiting).Excluded.AsEnumerable());
    }

    [Fact]
    public void A_committed_replica_holds_no_slot_and_does_not_wait()
    {
        var index = PoolIndex.Of(new JobHistory(replicas: 2).Run().Report(Feasible.Report()).Job);
        Assert.Empty(index.Held);
        Assert.Equal(new CommittedReplica(Feasible.JobId(), 0, 1), Assert.Single(index.Committed));
        Assert.Equal(1, Assert.Single(index.Waiting).Replica);
    }

    [Fact]
    public void A_job_that_has_ended_is_in_no_index() => Assert.Equal(PoolIndex.Empty, PoolIndex.Of(new JobHistory().Run().Report(Feasible.Report()).Job));
}
