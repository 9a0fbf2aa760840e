using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Core.Verification;
using Broker.Functions.Jobs;
using Broker.Storage;

namespace Broker.Functions.Checks;

/// <summary>Takes in what verifiers say of their checks.</summary>
public sealed class CheckIntake(JobStore jobs, MessageQueues queues)
{
    /// <summary>Whether a verifier may begin a check, or judge.</summary>
    public async Task<ChangeResult> FindAsync(AttemptId attempt, int check, WorkerId verifier, CancellationToken cancellation)
    {
        // A verdict is held against the job again when it is recorded: what this program wrote last is good enough to let one in, and not to refuse it.
        if (jobs.Recall(attempt.Job) is { } recalled && Lifecycle.CheckVerdict(recalled.Job, attempt, check, verifier) == LifecycleRefusal.None)
            return new ChangeResult(recalled.Job, LifecycleRefusal.None);
        return await jobs.FindAsync(attempt.Job, cancellation) is { } stored
            ? new ChangeResult(stored.Job, Lifecycle.CheckVerdict(stored.Job, attempt, check, verifier))
            : new ChangeResult(null, LifecycleRefusal.None);
    }

    /// <summary>Queues a verdict: what it means is recorded by the function that the queue starts.</summary>
    public async Task<ChangeResult> JudgeAsync(AttemptId attempt, int check, WorkerId verifier, Verdict verdict, CancellationToken cancellation)
    {
        var found = await FindAsync(attempt, check, verifier, cancellation);
        if (found is { Job: not null, Refusal: LifecycleRefusal.None })
        {
            var message = new ReportMessage(attempt.Job, attempt.Replica, attempt.Number, verifier) { Check = new CheckReport(check, verdict) };
            await queues.SendAsync(QueueNames.Reports, message, null, cancellation);
        }

        return found;
    }
}
