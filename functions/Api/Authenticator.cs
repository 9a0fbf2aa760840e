using System.Collections.Concurrent;
using Broker.Storage;

namespace Broker.Functions.Api;

/// <summary>Finds out whom a request's key speaks for.</summary>
public sealed class Authenticator(AccountStore accounts, TimeProvider clock)
{
    private const int MostRemembered = 10_000;

    /// <summary>A revoked key works for as long as this in a process that saw it before.</summary>
    private static readonly TimeSpan Remembered = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, (Principal Principal, DateTimeOffset Until)> _known = new(StringComparer.Ordinal);

    public async Task<Principal?> FindAsync(HttpRequest request, CancellationToken cancellation)
    {
        const string Scheme = "Bearer ";
        var header = request.Headers.Authorization.ToString();
        if (!header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) return null;
        var key = header[Scheme.Length..].Trim();
        var hash = AccountStore.HashOf(key);
        var now = clock.GetUtcNow();
        if (_known.TryGetValue(hash, out var known) && known.Until > now) return known.Principal;
        if (await accounts.FindPrincipalAsync(key, cancellation) is not { } principal) return null;
        if (_known.Count >= MostRemembered) _known.Clear();
        _known[hash] = (principal, now + Remembered);
        return principal;
    }

    /// <summary>Forgets a key that was just revoked.</summary>
    public void Forget(string hash) => _known.TryRemove(hash, out _);
}
