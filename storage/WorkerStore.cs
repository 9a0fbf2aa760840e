using System.Collections.Immutable;
using Azure.Data.Tables;
using Broker.Core.Api;
using Broker.Core.Ids;
using Broker.Core.Market;
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
    public async Task<Page<WorkerView>> ListAsync(string? after, int most, CancellationToken cancellation)
    {
        var workers = new List<WorkerRecord>();
        var pulses = new Dictionary<WorkerId, DateTimeOffset>();
        await foreach (var page in storage.Workers.QueryAsync<TableEntity>(maxPerPage: most, cancellationToken: cancellation).AsPages(after))
        {
            foreach (var row in page.Values)
            {
                if (row.RowKey.StartsWith(WorkerPrefix, StringComparison.Ordinal)) workers.Add(row.Read<WorkerRecord>());
                else if (row.Read<WorkerPulse>() is { } pulse) pulses[pulse.Worker] = pulse.At;
            }

            if (workers.Count < most && page.ContinuationToken is not null) continue;
            return new Page<WorkerView>([.. workers.Select(View)], page.ContinuationToken);
        }

        return new Page<WorkerView>([]);

        WorkerView View(WorkerRecord worker) => new(
            worker.Id, worker.Name, worker.Provider, worker.Device, worker.RegisteredAt,
            pulses.TryGetValue(worker.Id, out var at) ? at : null);
    }
}
