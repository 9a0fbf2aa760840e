using System.Collections.Immutable;
using Azure.Data.Tables;
using Broker.Core.Api;
using Broker.Core.Ids;
using Broker.Core.Market;
using Broker.Core.Verification;
using Broker.Storage.Rows;

namespace Broker.Storage;

/// <summary>A registered worker.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Provider">Whose it is.</param>
/// <param name="Name">Its name, one of its provider's.</param>
/// <param name="Device">What it says of its device.</param>
/// <param name="RegisteredAt">When it registered last.</param>
/// <param name="KeyHash">The hash of its current key.</param>
/// <param name="Pool">The pool of its offer; null before its first.</param>
public sealed record WorkerRecord(
    WorkerId Id, AccountId Provider, string Name, DeviceFacts Device, DateTimeOffset RegisteredAt, string KeyHash, PoolName? Pool);

/// <summary>The last sign of life of a worker.</summary>
/// <param name="Worker">The worker.</param>
/// <param name="At">When it came.</param>
/// <param name="Running">What it said it was running.</param>
public sealed record WorkerPulse(WorkerId Worker, DateTimeOffset At, ImmutableArray<RunningAttempt> Running);

/// <summary>The workers of every provider, and their heartbeats.</summary>
public sealed class WorkerStore(BrokerStorage storage)
{
    private const string WorkerPrefix = "worker:";
    private const string PulsePrefix = "pulse:";

    public async Task<WorkerRecord?> FindAsync(AccountId provider, WorkerId worker, CancellationToken cancellation)
    {
        var found = await storage.Workers.GetEntityIfExistsAsync<TableEntity>(
            provider.ToString(), WorkerPrefix + worker, cancellationToken: cancellation);
        return found.HasValue ? found.Value!.Read<WorkerRecord>() : null;
    }

    /// <summary>Whether a provider has so many workers, or more.</summary>
    public async Task<bool> HasAsync(AccountId provider, int many, CancellationToken cancellation)
    {
        var count = 0;
        var query = $"PartitionKey eq '{provider}' and RowKey ge '{WorkerPrefix}' and RowKey lt 'worker;'";
        await foreach (var _ in storage.Workers.QueryAsync<TableEntity>(query, select: ["RowKey"], cancellationToken: cancellation))
        {
            if (++count >= many) return true;
        }

        return false;
    }

    public Task PutAsync(WorkerRecord worker, CancellationToken cancellation) => storage.Workers.UpsertEntityAsync(
        TableRows.Make(worker.Provider.ToString(), WorkerPrefix + worker.Id, worker), TableUpdateMode.Replace, cancellation);

    /// <summary>Notes a sign of life. The newest word counts, so nothing guards it.</summary>
    public Task BeatAsync(AccountId provider, WorkerPulse pulse, CancellationToken cancellation) => storage.Workers.UpsertEntityAsync(
        TableRows.Make(provider.ToString(), PulsePrefix + pulse.Worker, pulse), TableUpdateMode.Replace, cancellation);

    /// <summary>The last sign of life of each worker of a provider.</summary>
    public async Task<ImmutableDictionary<WorkerId, WorkerPulse>> ReadPulsesAsync(AccountId provider, CancellationToken cancellation)
    {
        var pulses = ImmutableDictionary.CreateBuilder<WorkerId, WorkerPulse>();
        var filter = $"PartitionKey eq '{provider}' and RowKey ge '{PulsePrefix}' and RowKey lt 'pulse;'";
        await foreach (var row in storage.Workers.QueryAsync<TableEntity>(filter, cancellationToken: cancellation))
        {
            var pulse = row.Read<WorkerPulse>();
            pulses[pulse.Worker] = pulse;
        }

        return pulses.ToImmutable();
    }

    /// <summary>A page of all workers, by provider.</summary>
    /// <param name="after">The position that the page before gave; null for the first.</param>
    /// <param name="most">How many at the most.</param>
    /// <param name="cancellation">Ends the work.</param>
    public async Task<Page<WorkerView>> ListAsync(string? after, int most, CancellationToken cancellation)
    {
        var query = $"RowKey ge '{WorkerPrefix}' and RowKey lt 'worker;'";
        if (after is not null)
        {
            if (!TryParsePosition(after, out var provider, out var worker)) throw new ArgumentException("it is no position in the list", nameof(after));
            query = $"(PartitionKey gt '{provider}' or (PartitionKey eq '{provider}' and RowKey gt '{WorkerPrefix}{worker}')) and {query}";
        }

        var workers = new List<WorkerRecord>();
        await foreach (var row in storage.Workers.QueryAsync<TableEntity>(query, most + 1, cancellationToken: cancellation))
        {
            if (workers.Count == most) return new Page<WorkerView>(await ViewAsync(workers, cancellation), $"{workers[^1].Provider}/{workers[^1].Id}");
            workers.Add(row.Read<WorkerRecord>());
        }

        return new Page<WorkerView>(await ViewAsync(workers, cancellation));
    }

    /// <summary>Whether a text is a position in the list. It comes from outside, and becomes a part of a query.</summary>
    public static bool IsPosition(string text) => TryParsePosition(text, out _, out _);

    private static bool TryParsePosition(string text, out AccountId provider, out WorkerId worker)
    {
        (provider, worker) = (default, default);
        return text.Split('/') is [var first, var second] && AccountId.TryParse(first, out provider) && WorkerId.TryParse(second, out worker);
    }

    private async Task<ImmutableArray<WorkerView>> ViewAsync(List<WorkerRecord> workers, CancellationToken cancellation)
    {
        var (pulses, reputations) = (new Dictionary<WorkerId, DateTimeOffset>(), new Dictionary<WorkerId, Reputation>());
        foreach (var provider in workers.Select(worker => worker.Provider).Distinct())
        {
            foreach (var (worker, pulse) in await ReadPulsesAsync(provider, cancellation)) pulses[worker] = pulse.At;
            await foreach (var (worker, reputation) in ReputationStore.ReadAllAsync(storage, provider, cancellation)) reputations[worker] = reputation;
        }

        return [.. workers.Select(worker => new WorkerView(
            worker.Id, worker.Name, worker.Provider, worker.Device, worker.RegisteredAt,
            pulses.TryGetValue(worker.Id, out var at) ? at : null, ReputationView.Of(reputations.GetValueOrDefault(worker.Id, Reputation.None))))];
    }
}
