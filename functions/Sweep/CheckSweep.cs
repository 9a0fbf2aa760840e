using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Core.Market;
using Broker.Functions.Checks;
using Broker.Functions.Jobs;
using Broker.Storage;
using Microsoft.Extensions.Options;

namespace Broker.Functions;

/// <summary>Looks after results that are committed: those without a verifier, those whose verifier fell silent, those that nobody judged in time.</summary>
public sealed class CheckSweep(JobStore jobs, JobChanges changes, CheckAgain again, IOptions<BrokerSettings> settings)
{
    public async Task RunAsync(PoolSnapshot snapshot, DateTimeOffset now, CancellationToken cancellation)
    {
        foreach (var committed in snapshot.Committed) await CheckAsync(committed, now, cancellation);
    }

    private async Task CheckAsync(CommittedReplica committed, DateTimeOffset now, CancellationToken cancellation)
    {
        var stored = await jobs.FindAsync(committed.Job, cancellation);
        if (stored?.Job.FindAttempt(committed.Replica, committed.Attempt) is not { State: AttemptState.Committed } attempt || stored.Job.State.IsEnded())
        {
            if (stored is not null) await changes.RestoreAsync(stored.Job, cancellation);
            return;
        }

        // Other replicas still run: what is committed waits for them.
        if (stored.Job.State is not (JobState.Committed or JobState.Verifying)) return;
        var since = attempt.CommittedAt ?? now;
        if (now - since > TimeSpan.FromHours(settings.Value.VerificationHours))
        {
            var reason = attempt.Checks.IsEmpty ? "no verifier was there" : "no verifier gave a verdict";
            await changes.ApplyAsync(committed.Job, job => Lifecycle.GiveUpChecking(job, committed.Id, $"{reason} within {settings.Value.VerificationHours} hours", now), cancellation);
            return;
        }

        await again.RunAsync(stored.Job, attempt, now, cancellation);
    }
}

/// <summary>Finds another verifier for a check that does not go on.</summary>
public sealed class CheckAgain(CheckStart start, Verifiers verifiers, IOptions<BrokerSettings> settings)
{
    /// <summary>What a check may take beyond the time that its verifier gives it: waiting for its turn, fetching.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(5);

    public async Task RunAsync(JobRecord job, AttemptRecord attempt, DateTimeOffset now, CancellationToken cancellation)
    {
        if (attempt.Checks is not [.., var check])
        {
            await start.ChallengeAsync(new AttemptId(job.Id, attempt.Replica, attempt.Number), attempt, null, now, cancellation);
            return;
        }

        var age = now - check.AssignedAt;
        if (age < TimeSpan.FromSeconds(settings.Value.LostAfterSeconds)) return;
        var reason = age > (4 * job.Document.Verification!.Budget) + Grace ? "the verifier gave no verdict in time"
            : await verifiers.IsAliveAsync(check.Verifier, now, cancellation) ? null
            : "the verifier fell silent";
        if (reason is not null) await start.ChallengeAsync(new AttemptId(job.Id, attempt.Replica, attempt.Number), attempt, reason, now, cancellation);
    }
}
