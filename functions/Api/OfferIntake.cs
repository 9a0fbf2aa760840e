using Broker.Core.Api;
using Broker.Core.Market;
using Broker.Functions.Jobs;
using Broker.Storage;

namespace Broker.Functions.Api;

/// <summary>Takes in what workers offer.</summary>
internal sealed class OfferIntake(BrokerStorage storage, Doorbell doorbell)
{
    private readonly OfferStore _offers = new(storage);
    private readonly WorkerStore _workers = new(storage);
    private readonly PoolDirectory _pools = new(storage);
    private readonly ReputationStore _reputations = new(storage);

    /// <summary>Makes a worker's offer or replaces it, and moves it where it is for another pool.</summary>
    /// <remarks>
    /// It leaves its old pool before its worker's row says so: who moves it again after a crash still knows the pool that it left, and at no
    /// moment are its slots for sale in both.
    /// </remarks>
    public async Task<Offer> PutAsync(WorkerRecord worker, NewOffer asked, DateTimeOffset validUntil, CancellationToken cancellation)
    {
        var before = worker.Pool is { } pool ? await _offers.FindAsync(pool, worker.Id, cancellation) : null;
        var offer = new Offer
        {
            Worker = worker.Id,
            Provider = worker.Provider,
            Pool = asked.Pool,
            Name = worker.Name,
            State = before?.Value.State is { } state and not OfferState.Suspended ? state : asked.State,
            PricePerSecond = asked.PricePerSecond,
            StartPrice = asked.StartPrice,
            Device = worker.Device,
            Slots = asked.Slots,
            SlotMemoryBytes = asked.SlotMemoryBytes,
            ValidUntil = validUntil,
        };
        offer = Consequences.Apply(await _reputations.ReadAsync(worker.Provider, worker.Id, cancellation), offer);
        if (worker.Pool != asked.Pool)
        {
            await _pools.AddAsync(asked.Pool, cancellation);
            if (worker.Pool is { } left) await _offers.RemoveAsync(left, worker.Id, cancellation);
            await _workers.PutAsync(worker with { Pool = asked.Pool }, cancellation);
        }

        await _offers.PutAsync(offer, cancellation);
        if (before?.Value is not { } old || old with { ValidUntil = offer.ValidUntil } != offer) await doorbell.RingAsync(offer.Pool, cancellation);
        return offer;
    }
}
