using Broker.Core.Api;
using Broker.Core.Ids;
using Broker.Core.Verification;

namespace Broker.Client;

/// <content>Verifiers, their checks, and receipts.</content>
public sealed partial class BrokerClient
{
    /// <summary>Registers a verifier of the account whose key is sent; its older key ends.</summary>
    public Task<WorkerRegistered> RegisterVerifierAsync(NewVerifier verifier, CancellationToken cancellation = default) =>
        _transport.SendAsync<WorkerRegistered>(HttpMethod.Post, "api/verifiers", cancellation, Transport.Json(verifier));

    /// <summary>A verifier says that it lives.</summary>
    public Task<VerifierAnswer> BeatVerifierAsync(WorkerId verifier, CancellationToken cancellation = default) =>
        _transport.SendAsync<VerifierAnswer>(HttpMethod.Post, $"api/verifiers/{verifier}/heartbeat", cancellation);

    /// <summary>Begins a check, or renews its links.</summary>
    /// <exception cref="BrokerException">With 409: the check is stale.</exception>
    public Task<CheckOrder> StartCheckAsync(AttemptId attempt, int check, CancellationToken cancellation = default) =>
        _transport.SendAsync<CheckOrder>(HttpMethod.Post, $"api/checks/{attempt}/{check}/start", cancellation);

    /// <exception cref="BrokerException">With 409: the check is stale.</exception>
    public Task ReportVerdictAsync(AttemptId attempt, int check, Verdict verdict, CancellationToken cancellation = default) =>
        _transport.SendAsync(HttpMethod.Post, $"api/checks/{attempt}/{check}/verdict", cancellation, Transport.Json(verdict));

    /// <summary>The receipt of the attempt that was judged last.</summary>
    /// <exception cref="BrokerException">With 409: nothing was judged.</exception>
    public Task<Receipt> ReadReceiptAsync(JobId job, CancellationToken cancellation = default) =>
        _transport.SendAsync<Receipt>(HttpMethod.Get, $"api/jobs/{job}/receipt", cancellation);

    /// <summary>The receipts of all attempts that were judged, in their order.</summary>
    public Task<Page<Receipt>> ListReceiptsAsync(JobId job, CancellationToken cancellation = default) =>
        _transport.SendAsync<Page<Receipt>>(HttpMethod.Get, $"api/jobs/{job}/receipts", cancellation);

    /// <summary>The key that the broker's receipts are signed with.</summary>
    public Task<BrokerKeyView> ReadBrokerKeyAsync(CancellationToken cancellation = default) =>
        _transport.SendAsync<BrokerKeyView>(HttpMethod.Get, "api/broker-key", cancellation);
}
