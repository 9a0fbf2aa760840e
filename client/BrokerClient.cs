using System.Net;
using Broker.Core.Api;

namespace Broker.Client;

/// <summary>Speaks to a broker over HTTP: one method a route.</summary>
/// <remarks>
/// Safe for many threads. Every method sends again, with growing waits, what failed in a way that passes; what the broker refuses, and
/// trouble that lasts, is a <see cref="BrokerException"/>.
/// </remarks>
public sealed partial class BrokerClient : IDisposable
{
    private readonly HttpClient _http;
    private readonly Transport _transport;

    /// <param name="http">Its base address is the broker's URL; disposed with this client.</param>
    /// <param name="key">The key of an account or a worker; null where none is needed.</param>
    /// <param name="clock">Measures the waits between tries; the system's where null.</param>
    public BrokerClient(HttpClient http, string? key = null, TimeProvider? clock = null)
    {
        _http = http;
        _transport = new Transport(http, key, clock ?? TimeProvider.System);
    }

    public Uri Url => _http.BaseAddress!;

    /// <param name="url">The broker's URL, with or without a path before <c>api/</c>.</param>
    /// <param name="key">The key of an account or a worker; null where none is needed.</param>
    /// <param name="through">Sees every request and answer; null sends them straight.</param>
    public static BrokerClient Create(Uri url, string? key, DelegatingHandler? through = null)
    {
        // Names are looked up again now and then: a long-lived worker outlives a broker's address.
        HttpMessageHandler handler = new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5), ConnectTimeout = TimeSpan.FromSeconds(10) };
        if (through is not null)
        {
            through.InnerHandler = handler;
            handler = through;
        }

        var root = url.AbsoluteUri.EndsWith('/') ? url : new Uri(url.AbsoluteUri + "/");

        // Each try has its own limit: the client's would count the tries together.
        return new BrokerClient(new HttpClient(handler) { BaseAddress = root, Timeout = Timeout.InfiniteTimeSpan }, key);
    }

    public Task<Health> ReadHealthAsync(CancellationToken cancellation = default) =>
        _transport.SendAsync<Health>(HttpMethod.Get, "api/health", cancellation);

    /// <summary>For operators.</summary>
    public Task<AccountCreated> CreateAccountAsync(NewAccount account, CancellationToken cancellation = default) =>
        _transport.SendAsync<AccountCreated>(HttpMethod.Post, "api/accounts", cancellation, Transport.Json(account));

    /// <summary>The account whose key is sent.</summary>
    public Task<AccountView> ReadAccountAsync(CancellationToken cancellation = default) =>
        _transport.SendAsync<AccountView>(HttpMethod.Get, "api/accounts/me", cancellation);

    /// <summary>For operators.</summary>
    public Task<StorageOperations> ReadStorageOperationsAsync(CancellationToken cancellation = default) =>
        _transport.SendAsync<StorageOperations>(HttpMethod.Get, "api/storage-operations", cancellation);

    public void Dispose() => _http.Dispose();

    /// <summary>Where a try's answer was lost, the next one finds nothing: the end that was wanted.</summary>
    private async Task<bool> DeleteAsync(string path, CancellationToken cancellation)
    {
        try
        {
            await _transport.SendAsync(HttpMethod.Delete, path, cancellation);
            return true;
        }
        catch (BrokerException e) when (e.Status == HttpStatusCode.NotFound)
        {
            return false;
        }
    }
}
