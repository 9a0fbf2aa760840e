using System.Collections.Concurrent;
using Azure.Data.Tables;
using Broker.Core.Ids;

namespace Broker.Storage;

/// <summary>Which pools there are.</summary>
public sealed class PoolDirectory(BrokerStorage storage)
{
    private const string Partition = "pools";
    private readonly ConcurrentDictionary<PoolName, bool> _known = new();

    /// <summary>Makes a pool known. A pool comes into being with its first job or offer.</summary>
    public async Task AddAsync(PoolName pool, CancellationToken cancellation)
    {
        if (_known.ContainsKey(pool)) return;
        await storage.Directory.UpsertEntityAsync(new TableEntity(Partition, pool.ToString()), TableUpdateMode.Merge, cancellation);
        _known[pool] = true;
    }

    public async Task<IReadOnlyList<PoolName>> ListAsync(CancellationToken cancellation)
    {
        var pools = new List<PoolName>();
        await foreach (var row in storage.Directory.QueryAsync<TableEntity>($"PartitionKey eq '{Partition}'", cancellationToken: cancellation))
            pools.Add(PoolName.Parse(row.RowKey));
        return pools;
    }
}
