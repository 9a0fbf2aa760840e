using Broker.Core.Jobs;
using Broker.Core.Verification;

namespace Broker.Core.Tests.Jobs;

/// <summary>A job with the events of all the changes that were made to it.</summary>
internal sealed class JobHistory
{
    public JobHistory(int replicas = 1, JobDocument? document = null, string? kernelClass = null)
    {
        var submitted = Lifecycle.Submit(Feasible.JobId(), Feasible.Submitter, document ?? Feasible.Document(), Feasible.Hash, Feasible.Noon, kernelClass);
        Job = submitted.After with { Replicas = replicas };
        Events.AddRange(submitted.Events);
    }

    public JobRecord Job { get; private set; }

    public List<JobEvent> Events { get; } = [];

    public DateTimeOffset Now { get; private set; } = Feasible.Noon;

    /// <summary>A second later something happens; a change is made, and anything else is left to the caller to judge.</summary>
    public Decision Try(Func<JobRecord, DateTimeOffset, Decision> decide)
    {
        Now = Now.AddSeconds(1);
        var decision = decide(Job, Now);
        if (decision.Change is not { } change) return decision;
        Assert.Equal(LifecycleRefusal.None, decision.Refusal);
        Assert.Same(Job, change.Before);
        Job = change.After;
        Events.AddRange(change.Events);
        return decision;
    }

    public JobHistory Make(Func<JobRecord, DateTimeOffset, Decision> decide)
    {
        Assert.NotNull(Try(decide).Change);
        return this;
    }

    public JobHistory Assign(int replica = 0, int attempt = 1, int worker = 1) =>
        Make((job, now) => Lifecycle.Assign(job, Feasible.Assignment(replica, attempt, worker), Feasible.Seed(attempt), now));

    public JobHistory Start(int replica = 0, int attempt = 1, int worker = 1, string run = "run00001") =>
        Make((job, now) => Lifecycle.Start(job, new(job.Id, replica, attempt), Feasible.WorkerId(worker), run, "key", now));

    public JobHistory Report(AttemptReport report, int replica = 0, int attempt = 1, int worker = 1) =>
        Make((job, now) => Lifecycle.Report(job, new(job.Id, replica, attempt), Feasible.WorkerId(worker), report, now));

    public JobHistory Lose(int replica = 0, int attempt = 1) =>
        Make((job, now) => Lifecycle.Lose(job, new(job.Id, replica, attempt), "its worker fell silent", now));

    /// <summary>A check gets a verifier.</summary>
    public JobHistory Challenge(int after = 0, int verifier = 9, int replica = 0, int attempt = 1) =>
        Make((job, now) => Lifecycle.Challenge(job, new(job.Id, replica, attempt), after, Feasible.WorkerId(verifier), after == 0 ? null : "it fell silent", now));

    public JobHistory Judge(Verdict verdict, int check = 1, int verifier = 9, int replica = 0, int attempt = 1, int? second = null) =>
        Make((job, now) => Lifecycle.Judge(job, new(job.Id, replica, attempt), check, Feasible.WorkerId(verifier), verdict, second is { } other ? Feasible.WorkerId(other) : null, now));

    /// <summary>Time passes.</summary>
    public JobHistory Wait(TimeSpan time)
    {
        Now += time;
        return this;
    }

    /// <summary>Assigned and started.</summary>
    public JobHistory Run(int replica = 0, int attempt = 1, int worker = 1) => Assign(replica, attempt, worker).Start(replica, attempt, worker);

    public void IsRefused(LifecycleRefusal refusal, Func<JobRecord, DateTimeOffset, Decision> decide)
    {
        var decision = Try(decide);
        Assert.Null(decision.Change);
        Assert.Equal(refusal, decision.Refusal);
        Assert.Equal(refusal != LifecycleRefusal.None, decision.IsRefused);
    }

    public IEnumerable<JobEventKind> Kinds => Events.Select(entry => entry.Kind);

    /// <summary>What always holds, whatever happened.</summary>
    public void CheckInvariants()
    {
        var previous = "";
        for (var i = 0; i < Events.Count; i++)
        {
            Assert.Equal(i + 1, Events[i].Number);
            Assert.Equal(previous, Events[i].PreviousHash);
            Assert.Equal(Events[i].Hash, Events[i].ComputeHash(Job.Id));
            previous = Events[i].Hash;
        }

        Assert.Equal(Events.Count, Job.EventCount);
        Assert.Equal(previous, Job.LastEventHash);
        var ended = Job.State.IsEnded();
        Assert.Equal(ended, Job.EndedAt is not null);
        if (Job.State == JobState.Completed) Assert.NotNull(Job.Price);
        // A fault that was reproduced is paid for as well.
        if (Job.Price is not null) Assert.Contains(Job.Attempts, attempt => attempt.State is AttemptState.Accepted or AttemptState.Inconclusive);
        if (ended) Assert.All(Job.Attempts, attempt => Assert.True(attempt.State.IsEnded()));
        Assert.All(Job.Attempts, attempt => Assert.Equal(attempt.State.IsEnded(), attempt.EndedAt is not null));
        for (var replica = 0; replica < Job.Replicas; replica++)
        {
            var attempts = Job.Attempts.Where(attempt => attempt.Replica == replica).ToArray();
            Assert.Equal(Enumerable.Range(1, attempts.Length), attempts.Select(attempt => attempt.Number));
            Assert.True(attempts.Count(attempt => !attempt.State.IsEnded()) <= 1);
            Assert.True(attempts.Length == 0 || attempts[..^1].All(attempt => attempt.State.IsEnded()));
            Assert.True(ended || Job.FailedAttempts(replica) < Job.Document.Terms.Attempts);
        }

        Assert.All(Job.Attempts, attempt => Assert.InRange(attempt.Replica, 0, Job.Replicas - 1));
    }
}
