using Broker.Core.Api;
using Broker.Core.Documents;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Core.Market;

namespace Broker.Client;

/// <content>Workers, their offers and their attempts.</content>
public sealed partial class BrokerClient
{
    /// <summary>Registers a worker of the provider whose key is sent; its older key ends.</summary>
    public Task<WorkerRegistered> RegisterWorkerAsync(NewWorker worker, CancellationToken cancellation = default) =>
        _transport.SendAsync<WorkerRegistered>(HttpMethod.Post, "api/workers", cancellation, Transport.Json(worker));

    public Task<Page<WorkerView>> ListWorkersAsync(string? next = null, CancellationToken cancellation = default) =>
        _transport.SendAsync<Page<WorkerView>>(HttpMethod.Get, "api/workers" + Query(("continue", next)), cancellation);

    public Task<HeartbeatAnswer> HeartbeatAsync(WorkerId worker, Heartbeat heartbeat, CancellationToken cancellation = default) =>
        _transport.SendAsync<HeartbeatAnswer>(HttpMethod.Post, $"api/workers/{worker}/heartbeat", cancellation, Transport.Json(heartbeat));

    public Task<Page<OfferView>> ListOffersAsync(PoolName? pool = null, string? next = null, CancellationToken cancellation = default) =>
        _transport.SendAsync<Page<OfferView>>(
            HttpMethod.Get, "api/offers" + Query(("pool", pool?.ToString()), ("continue", next)), cancellation);

    /// <summary>Makes a worker's offer, or replaces it, and renews how long it is valid.</summary>
    public Task<OfferView> PutOfferAsync(WorkerId worker, NewOffer offer, CancellationToken cancellation = default) =>
        _transport.SendAsync<OfferView>(HttpMethod.Put, $"api/offers/{worker}", cancellation, Transport.Json(offer));

    /// <param name="worker">Whose offer.</param>
    /// <param name="state">Active, paused or draining: only the broker suspends.</param>
    /// <param name="cancellation">Ends the call.</param>
    public Task<OfferView> SetOfferStateAsync(WorkerId worker, OfferState state, CancellationToken cancellation = default) =>
        _transport.SendAsync<OfferView>(
            HttpMethod.Post, $"api/offers/{worker}/{BrokerJson.Word(state)}", cancellation);

    /// <summary>Takes a worker's offer off the market.</summary>
    public Task WithdrawOfferAsync(WorkerId worker, CancellationToken cancellation = default) =>
        _transport.SendAsync(HttpMethod.Delete, $"api/offers/{worker}", cancellation);

    /// <summary>Begins a run of an attempt.</summary>
    /// <exception cref="BrokerException">With 409: the attempt is stale or withdrawn.</exception>
    public Task<AttemptOrder> StartAttemptAsync(AttemptId attempt, StartRun start, CancellationToken cancellation = default) =>
        _transport.SendAsync<AttemptOrder>(HttpMethod.Post, $"api/attempts/{attempt}/start", cancellation, Transport.Json(start));

    /// <exception cref="BrokerException">With 409: the attempt is stale.</exception>
    public Task ReportAttemptAsync(AttemptId attempt, AttemptReport report, CancellationToken cancellation = default) =>
        _transport.SendAsync(HttpMethod.Post, $"api/attempts/{attempt}/report", cancellation, Transport.Json(report));
}
