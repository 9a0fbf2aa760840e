using Broker.Core.Ids;
using Broker.Core.Market;
using Broker.Functions.Jobs;
using Broker.Storage;

namespace Broker.Functions;

/// <summary>Runs one matching round for one pool: read, decide, commit.</summary>
public sealed partial class MatchJobs(PoolStore pools, AttemptStart attempts, Doorbell doorbell, ILogger<MatchJobs> log)
{
    private readonly RoundGate _gate = new();

    /// <summary>Runs a round, or waits for one that began after this call: a burst of rings needs no burst of rounds.</summary>
    public Task RunAsync(MatchRound round, DateTimeOffset now, OperationMeter.Scope scope, CancellationToken cancellation) =>
        _gate.RunAsync(round.Pool, () => RunRoundAsync(round.Pool, now, scope, cancellation));

    private async Task RunRoundAsync(PoolName pool, DateTimeOffset now, OperationMeter.Scope scope, CancellationToken cancellation)
    {
        var snapshot = await pools.ReadAsync(pool, now, cancellation);
        if (snapshot.Market.Waiting.IsEmpty) return;
        var plan = Matcher.Plan(snapshot.Market);
        if (plan.Assignments.IsEmpty) return;
        var result = await attempts.CommitAsync(snapshot, plan, now, cancellation);
        scope.Share([.. result.Committed.Select(assignment => assignment.Waiting.Job)]);
        await attempts.BeginAsync(pool, result.Committed, now, cancellation);
        LogRound(pool, result.Committed.Length, result.Conflicts, plan.Unmatched.Length);

        // A conflict means that the snapshot was stale, not that the round failed: throwing would replay it
        // and count towards the poison queue. What is left is planned again from what is true by then.
        if (result.Conflicts > 0) await doorbell.RingAsync(pool, cancellation);
    }

    [LoggerMessage(LogLevel.Information, "round in pool {Pool}: {Committed} assigned, {Conflicts} conflicts, {Unmatched} unmatched")]
    private partial void LogRound(PoolName pool, int committed, int conflicts, int unmatched);
}
