using System.Collections.Immutable;
using Broker.Core.Ids;
using Broker.Core.Market;
using Broker.Storage;
using Microsoft.Extensions.Options;

namespace Broker.Functions;

/// <summary>Looks after slots in use: takes attempts from silent workers, repeats messages that were lost, removes offers of the dead.</summary>
public sealed class SlotSweep(WorkerStore workers, OfferStore offers, SlotRepair repair, IOptions<BrokerSettings> settings)
{
    public async Task RunAsync(PoolSnapshot snapshot, DateTimeOffset now, CancellationToken cancellation)
    {
        var pulses = await ReadPulsesAsync(snapshot, cancellation);
        foreach (var held in snapshot.Market.Held) await CheckAsync(snapshot.Market.Pool, held, pulses, now, cancellation);
        foreach (var offer in snapshot.Market.Offers)
        {
            // A worker that lives learns from its next heartbeat that it has no offer, and makes it anew.
            if (offer.ValidUntil <= now || IsSilent(offer.Worker, pulses, now))
                await offers.RemoveAsync(offer.Pool, offer.Worker, cancellation);
        }
    }

    private async Task CheckAsync(
        PoolName pool, HeldSlot held, ImmutableDictionary<WorkerId, WorkerPulse> pulses, DateTimeOffset now, CancellationToken cancellation)
    {
        if (now > held.Until)
        {
            await repair.LoseAsync(pool, held, "the worker did not end it in time", now, cancellation);
            return;
        }

        var age = now - held.Since;
        if (pulses.TryGetValue(held.Worker, out var pulse) && IsRunning(pulse, held) && !IsSilent(held.Worker, pulses, now)) return;
        if (age < TimeSpan.FromSeconds(settings.Value.ResendAfterSeconds)) return;
        if (IsSilent(held.Worker, pulses, now) && age > TimeSpan.FromSeconds(settings.Value.LostAfterSeconds))
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

    private bool IsSilent(WorkerId worker, ImmutableDictionary<WorkerId, WorkerPulse> pulses, DateTimeOffset now) =>
        !pulses.TryGetValue(worker, out var pulse) || now - pulse.At > TimeSpan.FromSeconds(settings.Value.LostAfterSeconds);

    private static bool IsRunning(WorkerPulse pulse, HeldSlot held) => pulse.Running.Any(running =>
        running.Job == held.Job && running.Replica == held.Replica && running.Attempt == held.Attempt);
}
