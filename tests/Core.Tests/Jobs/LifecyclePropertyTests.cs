using Broker.Core.Jobs;
using Broker.Core.Market;
using Broker.Core.Verification;
using CsCheck;

namespace Broker.Core.Tests.Jobs;

public class LifecyclePropertyTests
{
    /// <summary>One thing that may happen: any action, about any replica, attempt, worker and run, so that most fences are met.</summary>
    private static readonly Gen<(int Action, int Replica, int Back, int Worker, RunOutcome Outcome, int Run)> Step =
        Gen.Select(Gen.Int[0, 26], Gen.Int[0, 2], Gen.Int[0, 3], Gen.Int[1, 3], Gen.Enum<RunOutcome>(), Gen.Int[1, 2]);

    [Fact]
    public void Whatever_happens_the_job_stays_sound() => Gen.Select(Gen.Int[1, 3], Gen.Int[1, 3], Gen.Bool, Step.Array[1, 40]).Sample((replicas, attempts, verified, steps) =>
    {
        var history = Begin(replicas, attempts, verified);
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
        Gen.Select(Gen.Int[1, 3], Gen.Bool, Step.Array[1, 60]).Sample((replicas, verified, steps) =>
        {
            var history = Begin(replicas, 2, verified);
            foreach (var step in steps) Decide(history, step);
            states[history.Job.State] = true;
            foreach (var kind in history.Kinds) kinds[kind] = true;
        }, iter: 10_000, seed: "0000000000001");
        Assert.Equal(Enum.GetValues<JobState>(), states.Keys.Order());
        Assert.Equal(Enum.GetValues<JobEventKind>(), kinds.Keys.Order());
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
            18 => Lifecycle.RefuseCommitment(job, new(job.Id, step.Replica, number), worker, Feasible.Report(RunOutcome.Completed, current?.Run ?? run), "its leaves are others", now),
            19 or 20 => Lifecycle.Challenge(job, new(job.Id, step.Replica, number), current?.Checks.Length ?? 0, Feasible.WorkerId(9), "silent", now),
            <= 23 => Lifecycle.Judge(job, new(job.Id, step.Replica, number), current?.Checks.Length ?? 1, Feasible.WorkerId(step.Back == 3 ? 8 : 9), Verdict((VerdictKind)step.Back), step.Worker == 1 ? Feasible.WorkerId(8) : null, now),
            24 => step.Back == 0 ? Lifecycle.GiveUpChecking(job, new(job.Id, step.Replica, number), "nobody checks", now) : LifecycleRefusal.TooEarly,
            25 => step.Back == 0 ? Lifecycle.Cancel(job, "cancelled", now) : LifecycleRefusal.TooEarly,
            _ => step.Back == 0 ? Lifecycle.Expire(job, "expired", job.QueueUntil) : Lifecycle.Expire(job, "expired", now),
        });
    }

    /// <summary>A job that is verified has one replica: no document can ask for both yet.</summary>
    private static JobHistory Begin(int replicas, int attempts, bool verified) => new(
        verified ? 1 : replicas, Feasible.Document(attempts: attempts) with { Verification = verified ? new VerificationSpec { Mode = VerificationMode.Sample } : null });

    private static Verdict Verdict(VerdictKind kind) => new() { Kind = (VerdictKind)((int)kind % 3), Blocks = 4, Sampled = 4 };

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
        Assert.Equal(index.Held.Length == 0, job.State is JobState.Queued or JobState.Committed or JobState.Verifying);
        Assert.Equal(job.Attempts.Where(a => a.State == AttemptState.Committed).Select(a => (a.Replica, a.Number)), index.Committed.Select(row => (row.Replica, row.Attempt)));
        Assert.All(index.Waiting, row => Assert.Equal((job.FindCurrent(row.Replica)?.Number ?? 0) + 1, row.NextAttempt));
    }
}
