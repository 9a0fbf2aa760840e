using System.Collections.Immutable;
using Broker.Core.Ids;
using Broker.Core.Market;
using Broker.Functions.Jobs;
using Broker.Storage;

namespace Broker.Functions;

/// <summary>Runs one matching round for one pool: read, decide, commit.</summary>
public sealed partial class MatchJobs(PoolStore pools, AttemptStart attempts, QuietPools quiet, Doorbell doorbell, TimeProvider clock, ILogger<MatchJobs> log)
{
    private readonly RoundGate _gate = new();

    /// <summary>Runs a round, or waits for one that began after this call: a burst of rings needs no burst of rounds.</summary>
    public Task RunAsync(MatchRound round, OperationMeter.Scope scope, CancellationToken cancellation) =>
        _gate.RunAsync(round, submitted => RunRoundAsync(round.Pool, submitted, scope, cancellation));

    private async Task RunRoundAsync(PoolName pool, ImmutableArray<SubmittedJob> submitted, OperationMeter.Scope scope, CancellationToken cancellation)
    {
        // Only now: it may have waited long for the round before it.
        var now = clock.GetUtcNow();
        quiet.Disturb(pool);
        var snapshot = (await pools.ReadAsync(pool, now, cancellation)).Admit(submitted);
        var plan = Matcher.Plan(snapshot.Market);
        var result = await attempts.CommitAsync(snapshot, plan, now, cancellation);
        scope.Share([.. result.Committed.Select(assignment => assignment.Waiting.Job)]);
        var left = snapshot.Market.Waiting.Except(result.Committed.Select(assignment => assignment.Waiting)).ToList();
        if (left.Count == 0) quiet.Settle(pool);
        await pools.EndSubmissionAsync(snapshot, left.Where(replica => submitted.Contains(SubmittedJob.Of(replica))), cancellation);
        await attempts.BeginAsync(pool, result.Committed, now, cancellation);
        if (result.Committed.Length > 0) LogRound(pool, result.Committed.Length, result.Conflicts, plan.Unmatched.Length);

        // A conflict means that the snapshot was stale, not that the round failed: throwing would replay it
        // and count towards the poison queue. What is left is planned again from what is true by then.
        if (result.Conflicts > 0) await doorbell.RingAsync(pool, cancellation);
    }

    [LoggerMessage(LogLevel.Information, "round in pool {Pool}: {Committed} assigned, {Conflicts} conflicts, {Unmatched} unmatched")]
    private partial void LogRound(PoolName pool, int committed, int conflicts, int unmatched);
}
