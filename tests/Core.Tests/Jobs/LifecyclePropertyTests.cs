using Broker.Core.Jobs;
using Broker.Core.Market;
using CsCheck;

namespace Broker.Core.Tests.Jobs;

public class LifecyclePropertyTests
{
    /// <summary>One thing that may happen: any action, about any replica, attempt, worker and run, so that most fences are met.</summary>
    private static readonly Gen<(int Action, int Replica, int Back, int Worker, RunOutcome Outcome, int Run)> Step =
        Gen.Select(Gen.Int[0, 19], Gen.Int[0, 2], Gen.Int[0, 3], Gen.Int[1, 3], Gen.Enum<RunOutcome>(), Gen.Int[1, 2]);

    [Fact]
    public void Whatever_happens_the_job_stays_sound() => Gen.Select(Gen.Int[1, 3], Gen.Int[1, 3], Step.Array[1, 40]).Sample((replicas, attempts, steps) =>
    {
        var history = new JobHistory(replicas, Feasible.Document(attempts: attempts));
        foreach (var step in steps)
        {
            Decide(history, step);
            history.CheckInvariants();
            CheckIndex(history.Job);
        }
    }, iter: 1_000);

    [Fact]
    public void The_sequences_reach_every_end_and_every_kind_of_event()
    {
        var states = new System.Collections.Concurrent.ConcurrentDictionary<JobState, bool>();
        var kinds = new System.Collections.Concurrent.ConcurrentDictionary<JobEventKind, bool>();
        Gen.Select(Gen.Int[1, 3], Step.Array[1, 40]).Sample((replicas, steps) =>
        {
            var history = new JobHistory(replicas, Feasible.Document(attempts: 2));
            foreach (var step in steps) Decide(history, step);
            states[history.Job.State] = true;
            foreach (var kind in history.Kinds) kinds[kind] = true;
        }, iter: 1_000, seed: "0000000000001");
        Assert.Equal(
            [JobState.Queued, JobState.Running, JobState.Completed, JobState.Failed, JobState.Cancelled, JobState.Expired], states.Keys.Order());
        Assert.Equal(Enum.GetValues<JobEventKind>().Except([JobEventKind.Rejected, JobEventKind.Inconclusive]), kinds.Keys.Order());
    }

    private static void Decide(JobHistory history, (int Action, int Replica, int Back, int Worker, RunOutcome Outcome, int Run) step)
    {
        var current = history.Job.FindCurrent(step.Replica);
        // Mostly the current attempt by its own worker; sometimes an older one, or someone else.
        var number = (current?.Number ?? 0) - (step.Back == 3 ? 1 : 0);
        var worker = step.Back == 2 || current is null ? Feasible.WorkerId(step.Worker) : current.Worker;
        var run = $"run0000{step.Run}";
        history.Try((job, now) => step.Action switch
        {
            <= 6 => Lifecycle.Assign(job, Feasible.Assignment(step.Replica, number + 1, step.Worker), Feasible.Seed(number), now),
            <= 11 => Lifecycle.Start(job, new(job.Id, step.Replica, number), worker, run, null, now),
            <= 16 => Lifecycle.Report(job, new(job.Id, step.Replica, number), worker, Feasible.Report(step.Outcome, current?.Run ?? run), now),
            17 => Lifecycle.Lose(job, new(job.Id, step.Replica, number), "silent", now),
            18 => step.Back == 0 ? Lifecycle.Cancel(job, "cancelled", now) : LifecycleRefusal.TooEarly,
            _ => step.Back == 0 ? Lifecycle.Expire(job, "expired", job.QueueUntil) : Lifecycle.Expire(job, "expired", now),
        });
    }

    /// <summary>Each replica of a job that has not ended waits, holds one slot, or is committed: exactly one of the three.</summary>
    private static void CheckIndex(JobRecord job)
    {
        var index = PoolIndex.Of(job);
        if (job.State.IsEnded())
        {
            Assert.Equal(PoolIndex.Empty, index);
            return;
        }

        for (var replica = 0; replica < job.Replicas; replica++)
        {
            var waiting = index.Waiting.Count(row => row.Replica == replica);
            var held = index.Held.Count(row => row.Replica == replica);
            var committed = job.Attempts.Count(attempt => attempt.Replica == replica && attempt.State == AttemptState.Committed);
            Assert.Equal(1, waiting + held + committed);
        }

        Assert.Equal(index.Held.Length > 0, job.State == JobState.Running);
        Assert.Equal(index.Held.Length == 0, job.State == JobState.Queued);
        Assert.All(index.Waiting, row => Assert.Equal((job.FindCurrent(row.Replica)?.Number ?? 0) + 1, row.NextAttempt));
    }
}
