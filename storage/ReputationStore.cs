using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Azure;
using Azure.Data.Tables;
using Broker.Core.Ids;
using Broker.Core.Verification;
using Broker.Storage.Rows;

namespace Broker.Storage;

/// <summary>What is known of each worker from its checked attempts: one row a worker, which remembers the last hundred.</summary>
public sealed class ReputationStore(BrokerStorage storage)
{
    private const string Prefix = "reputation:";
    private const int MostRaces = 20;
    private const int MostRemembered = 4096;

    /// <summary>As this program read or wrote them last: a write is guarded by the version, so a stale one only costs a second try.</summary>
    private readonly ConcurrentDictionary<WorkerId, Stored<Reputation>> _recent = new();

    /// <summary>A worker's reputation as it is stored.</summary>
    public async Task<Reputation> ReadAsync(AccountId provider, WorkerId worker, CancellationToken cancellation) =>
        (await FindAsync(provider, worker, cancellation))?.Value ?? Reputation.None;

    /// <summary>Notes a finding. The same one again changes nothing.</summary>
    /// <returns>The reputation before and after.</returns>
    public async Task<(Reputation Before, Reputation After)> AddAsync(AccountId provider, WorkerId worker, Finding finding, CancellationToken cancellation)
    {
        for (var race = 0; race < MostRaces; race++)
        {
            var stored = race == 0 && _recent.TryGetValue(worker, out var recent) ? recent : await FindAsync(provider, worker, cancellation);
            var before = stored?.Value ?? Reputation.None;
            var after = before.Add(finding);
            if (after == before) return (before, before);
            var row = TableRows.Make(provider.ToString(), Prefix + worker, after);
            var action = stored is { } known
                ? new TableTransactionAction(TableTransactionActionType.UpdateReplace, row, new ETag(known.Version.Tag))
                : new TableTransactionAction(TableTransactionActionType.Add, row);
            if (await storage.Workers.CommitAsync([action], cancellation) is not { } version) continue;
            Remember(worker, new Stored<Reputation>(after, version));
            return (before, after);
        }

        throw new InvalidOperationException($"the reputation of worker {worker} lost {MostRaces} races in a row");
    }

    /// <summary>Forgets what is known of a worker: it begins anew.</summary>
    public async Task ClearAsync(AccountId provider, WorkerId worker, CancellationToken cancellation)
    {
        await storage.Workers.DeleteEntityAsync(provider.ToString(), Prefix + worker, ETag.All, cancellation);
        _recent.TryRemove(worker, out _);
    }

    /// <summary>The reputations of all workers of a provider.</summary>
    internal static async IAsyncEnumerable<(WorkerId Worker, Reputation Reputation)> ReadAllAsync(
        BrokerStorage storage, AccountId provider, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var filter = $"PartitionKey eq '{provider}' and RowKey ge '{Prefix}' and RowKey lt 'reputation;'";
        await foreach (var row in storage.Workers.QueryAsync<TableEntity>(filter, cancellationToken: cancellation))
            yield return (WorkerId.Parse(row.RowKey[Prefix.Length..]), row.Read<Reputation>());
    }

    private async Task<Stored<Reputation>?> FindAsync(AccountId provider, WorkerId worker, CancellationToken cancellation)
    {
        var found = await storage.Workers.GetEntityIfExistsAsync<TableEntity>(provider.ToString(), Prefix + worker, cancellationToken: cancellation);
        if (!found.HasValue) return null;
        var stored = new Stored<Reputation>(found.Value!.Read<Reputation>(), found.Value!.Version());
        Remember(worker, stored);
        return stored;
    }

    private void Remember(WorkerId worker, Stored<Reputation> stored)
    {
        if (_recent.Count >= MostRemembered) _recent.Clear();
        _recent[worker] = stored;
    }
}
