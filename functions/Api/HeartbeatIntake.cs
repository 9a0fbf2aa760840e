using System.Collections.Immutable;
using Broker.Core.Api;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Core.Market;
using Broker.Storage;
using Microsoft.Extensions.Options;

namespace Broker.Functions.Api;

/// <summary>Takes in heartbeats: notes that a worker lives and how far its runs are, and tells it what to stop.</summary>
internal sealed class HeartbeatIntake(BrokerStorage storage, TimeProvider clock, IOptions<BrokerSettings> settings)
{
    private static readonly TimeSpan QueueUrlLife = TimeSpan.FromHours(1);
    private readonly WorkerStore _workers = new(storage);
    private readonly OfferStore _offers = new(storage);
    private readonly JobStore _jobs = new(storage);
    private readonly MessageQueues _queues = new(storage);

    public async Task<HeartbeatAnswer> TakeAsync(Principal principal, Heartbeat heartbeat, CancellationToken cancellation)
    {
        using var uncounted = storage.Meter.Uncounted();
        var worker = principal.Worker!.Value;
        var now = clock.GetUtcNow();
        await _workers.BeatAsync(principal.Account, new WorkerPulse(worker, now, heartbeat.Running), cancellation);
        var withdrawn = ImmutableArray.CreateBuilder<WithdrawnAttempt>();
        foreach (var running in heartbeat.Running)
        {
            if (await IsCurrentAsync(running, worker, cancellation))
                await NoteProgressAsync(running, cancellation);
            else
                withdrawn.Add(new WithdrawnAttempt(running.Job, running.Replica, running.Attempt));
        }

        return new HeartbeatAnswer(
            _queues.Access(QueueNames.Attempts(worker), now + QueueUrlLife), await FindOfferStateAsync(principal, cancellation),
            withdrawn.ToImmutable(), settings.Value.HeartbeatSeconds);
    }

    private async Task<bool> IsCurrentAsync(RunningAttempt running, WorkerId worker, CancellationToken cancellation)
    {
        var stored = await _jobs.FindAsync(running.Job, cancellation);
        var attempt = stored?.Job.FindAttempt(running.Replica, running.Attempt);
        return attempt is not null && attempt.Worker == worker && attempt.State.IsLive() && (attempt.Run ?? running.Run) == running.Run;
    }

    private Task NoteProgressAsync(RunningAttempt running, CancellationToken cancellation) => running.Progress is { } progress
        ? _jobs.WriteProgressAsync(running.Job, running.Replica, progress, cancellation)
        : Task.CompletedTask;

    private async Task<OfferState?> FindOfferStateAsync(Principal principal, CancellationToken cancellation)
    {
        var worker = principal.Worker!.Value;
        if ((await _workers.FindAsync(principal.Account, worker, cancellation))?.Pool is not { } pool) return null;
        return (await _offers.FindAsync(pool, worker, cancellation))?.Value.State;
    }
}
