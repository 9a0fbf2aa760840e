using Broker.Core.Api;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Functions.Jobs;
using Broker.Storage;

namespace Broker.Functions.Checks;

/// <summary>Gives what is committed to a verifier.</summary>
public sealed class CheckStart(JobChanges changes, Verifiers verifiers, MessageQueues queues)
{
    /// <summary>Who could check an attempt's result; null where it is not to be checked, or nobody is there.</summary>
    public async Task<WorkerId?> FindVerifierAsync(JobRecord job, AttemptId id, DateTimeOffset now, CancellationToken cancellation) =>
        job.IsVerified && job.FindAttempt(id.Replica, id.Number) is { } attempt ? await verifiers.FindAsync(job.Id, attempt, now, cancellation) : null;

    /// <summary>Gives an attempt's result to a verifier: for the first time, or because the one before does not answer.</summary>
    /// <param name="id">The attempt.</param>
    /// <param name="attempt">The attempt as it was read.</param>
    /// <param name="reason">Why the check before it ended; null for the first.</param>
    /// <param name="now">The time.</param>
    /// <param name="cancellation">Ends the work.</param>
    public async Task ChallengeAsync(AttemptId id, AttemptRecord attempt, string? reason, DateTimeOffset now, CancellationToken cancellation)
    {
        if (await verifiers.FindAsync(id.Job, attempt, now, cancellation) is not { } verifier) return;
        var result = await changes.ApplyAsync(
            id.Job, job => Lifecycle.Challenge(job, id, attempt.Checks.Length, verifier, reason, now), cancellation);
        if (result is { Refusal: LifecycleRefusal.None, Job: { } job }) await SendAsync(job, id, cancellation);
    }

    /// <summary>Tells the verifier of an attempt's open check, where it has one.</summary>
    public Task SendAsync(JobRecord job, AttemptId id, CancellationToken cancellation) =>
        job.FindAttempt(id.Replica, id.Number) is { State: AttemptState.Committed, Checks: [.., { Verdict: null } check] }
            ? queues.SendAsync(QueueNames.Checks(check.Verifier), new CheckMessage(id.Job, id.Replica, id.Number, check.Number), null, cancellation)
            : Task.CompletedTask;
}
