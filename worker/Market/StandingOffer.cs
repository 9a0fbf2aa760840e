using Broker.Core.Api;
using Broker.Core.Market;

namespace Broker.Worker.Market;

/// <summary>Keeps this worker's offer on the market, and takes it off.</summary>
internal sealed class StandingOffer(WorkerIdentity worker, NewOffer offer, TimeProvider clock)
{
    private static readonly TimeSpan LongestRenewal = TimeSpan.FromMinutes(3);

    private DateTimeOffset _renewAt;
    private volatile bool _draining;

    /// <summary>Makes the offer, or takes up the one that an earlier process left.</summary>
    public async Task<OfferView> MakeAsync(CancellationToken cancellation)
    {
        var view = await PutAsync(cancellation);

        // Paused it stays, as someone wanted it. Draining was the end of the process before this one.
        return view.State == OfferState.Draining
            ? await worker.Client.SetOfferStateAsync(worker.Id, OfferState.Active, cancellation)
            : view;
    }

    /// <summary>Makes the offer again where it is gone, and renews it in time.</summary>
    /// <param name="state">Its state as the broker told it last; null where it has none.</param>
    /// <param name="cancellation">Ends the call.</param>
    public async Task KeepAsync(OfferState? state, CancellationToken cancellation)
    {
        if (_draining || (state is not null && clock.GetUtcNow() < _renewAt)) return;
        await PutAsync(cancellation);
    }

    /// <summary>Takes no new jobs from now on.</summary>
    public Task DrainAsync(CancellationToken cancellation)
    {
        _draining = true;
        return worker.Client.SetOfferStateAsync(worker.Id, OfferState.Draining, cancellation);
    }

    public Task WithdrawAsync(CancellationToken cancellation)
    {
        _draining = true;
        return worker.Client.WithdrawOfferAsync(worker.Id, cancellation);
    }

    private async Task<OfferView> PutAsync(CancellationToken cancellation)
    {
        var view = await worker.Client.PutOfferAsync(worker.Id, offer, cancellation);
        var now = clock.GetUtcNow();
        var half = (view.ValidUntil - now) / 2;
        _renewAt = now + (half < LongestRenewal ? half : LongestRenewal);
        return view;
    }
}
