using System.Collections.Immutable;
using Broker.Core.Ids;
using Broker.Core.Market;
using Broker.Storage;
using Microsoft.Extensions.Options;

namespace Broker.Functions;

/// <summary>Looks after slots in use: takes attempts from silent workers, repeats messages that were lost, removes offers of the dead.</summary>
public sealed class SlotSweep(WorkerStore workers, OfferStore offers, SlotRepair repair, IOptions<BrokerSettings> settings)
{
    /// <param name="snapshot">The pool as it was read.</param>
    /// <param name="heardSince">Since when heartbeats have been taken in without a gap: a worker whose last one is older may have beaten in vain.</param>
    /// <param name="now">The time.</param>
    /// <param name="cancellation">Ends the work.</param>
    public async Task RunAsync(PoolSnapshot snapshot, DateTimeOffset heardSince, DateTimeOffset now, CancellationToken cancellation)
    {
        var signs = new Signs(await ReadPulsesAsync(snapshot, cancellation), heardSince, now, TimeSpan.FromSeconds(settings.Value.LostAfterSeconds));
        foreach (var held in snapshot.Market.Held) await CheckAsync(snapshot.Market.Pool, held, signs, now, cancellation);
        foreach (var offer in snapshot.Market.Offers)
        {
            // A worker that lives learns from its next heartbeat that it has no offer, and makes it anew.
            if (offer.ValidUntil <= now || signs.IsSilent(offer.Worker))
                await offers.RemoveAsync(offer.Pool, offer.Worker, cancellation);
        }
    }

    private async Task CheckAsync(PoolName pool, HeldSlot held, Signs signs, DateTimeOffset now, CancellationToken cancellation)
    {
        if (now > held.Until)
        {
            await repair.LoseAsync(pool, held, "the worker did not end it in time", now, cancellation);
            return;
        }

        var age = now - held.Since;
        if (signs.IsRunning(held) && !signs.IsSilent(held.Worker)) return;
        if (age < TimeSpan.FromSeconds(settings.Value.ResendAfterSeconds)) return;
        if (signs.IsSilent(held.Worker) && age > TimeSpan.FromSeconds(settings.Value.LostAfterSeconds))
            await repair.LoseAsync(pool, held, "the worker fell silent", now, cancellation);
        else
            await repair.RemindAsync(pool, held, now, cancellation);
    }

    private async Task<ImmutableDictionary<WorkerId, WorkerPulse>> ReadPulsesAsync(PoolSnapshot snapshot, CancellationToken cancellation)
    {
        var pulses = ImmutableDictionary.CreateBuilder<WorkerId, WorkerPulse>();
        var providers = snapshot.Market.Held.Select(held => held.Provider).Concat(snapshot.Market.Offers.Select(offer => offer.Provider));
        foreach (var provider in providers.Distinct())
            pulses.AddRange(await workers.ReadPulsesAsync(provider, cancellation));
        return pulses.ToImmutable();
    }

    /// <summary>The workers' signs of life, and how old they may be.</summary>
    private sealed record Signs(ImmutableDictionary<WorkerId, WorkerPulse> Pulses, DateTimeOffset HeardSince, DateTimeOffset Now, TimeSpan LostAfter)
    {
        public bool IsSilent(WorkerId worker)
        {
            var last = Pulses.TryGetValue(worker, out var pulse) && pulse.At > HeardSince ? pulse.At : HeardSince;
            return Now - last > LostAfter;
        }

        public bool IsRunning(HeldSlot held) => Pulses.TryGetValue(held.Worker, out var pulse) && pulse.Running.Any(running =>
            running.Job == held.Job && running.Replica == held.Replica && running.Attempt == held.Attempt);
    }
}
