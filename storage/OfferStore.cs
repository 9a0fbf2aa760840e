using Azure;
using Azure.Data.Tables;
using Broker.Core.Ids;
using Broker.Core.Market;
using Broker.Storage.Rows;

namespace Broker.Storage;

/// <summary>The standing offers of a pool.</summary>
public sealed class OfferStore(BrokerStorage storage)
{
    public async Task<Stored<Offer>?> FindAsync(PoolName pool, WorkerId worker, CancellationToken cancellation)
    {
        var found = await storage.Pools.GetEntityIfExistsAsync<TableEntity>(
            pool.ToString(), PoolRows.OfferKey(worker), cancellationToken: cancellation);
        return found.HasValue ? new Stored<Offer>(found.Value!.Read<Offer>(), found.Value!.Version()) : null;
    }

    /// <summary>Creates or replaces an offer.</summary>
    /// <remarks>Not guarded: the worker's own word is the newest. A matcher that read the old offer meets another version and plans again.</remarks>
    public Task PutAsync(Offer offer, CancellationToken cancellation) => storage.Pools.UpsertEntityAsync(
        TableRows.Make(offer.Pool.ToString(), PoolRows.OfferKey(offer.Worker), offer), TableUpdateMode.Replace, cancellation);

    /// <summary>Ends an offer. That it had ended already is the same.</summary>
    public Task RemoveAsync(PoolName pool, WorkerId worker, CancellationToken cancellation) =>
        storage.Pools.DeleteEntityAsync(pool.ToString(), PoolRows.OfferKey(worker), ETag.All, cancellation);
}
