using Azure;
using Azure.Data.Tables;

namespace Broker.Simulation.Memory;

/// <summary>A row as it is stored.</summary>
internal sealed record MemoryRow(IReadOnlyDictionary<string, object> Values, string ETag)
{
    public TableEntity Read() => new(Values.ToDictionary(pair => pair.Key, pair => pair.Value)) { ETag = new ETag(ETag) };
}

/// <summary>A row that changed: before and after, null where it was not there.</summary>
internal sealed record RowChange(string Table, string Partition, string Row, MemoryRow? Before, MemoryRow? After);

/// <summary>All tables of a simulated account, with the semantics that the broker relies on: ETags, and transactions of one partition.</summary>
internal sealed class MemoryTables
{
    private readonly Dictionary<(string Table, string Partition), SortedDictionary<string, MemoryRow>> _partitions = [];
    private long _version;

    /// <summary>Told of every transaction that was made.</summary>
    public event Action<IReadOnlyList<RowChange>>? Committed;

    public MemoryRow? Find(string table, string partition, string row) =>
        _partitions.TryGetValue((table, partition), out var rows) ? rows.GetValueOrDefault(row) : null;

    public IEnumerable<KeyValuePair<string, MemoryRow>> Scan(string table, string partition) =>
        _partitions.TryGetValue((table, partition), out var rows) ? rows : [];

    public IEnumerable<string> Partitions(string table) =>
        _partitions.Keys.Where(key => key.Table == table).Select(key => key.Partition).Order(StringComparer.Ordinal);

    /// <summary>Does all of it or nothing.</summary>
    /// <returns>The new ETag of each row; empty for a deleted one.</returns>
    /// <exception cref="RequestFailedException">An action met a row that is not as it must be.</exception>
    public IReadOnlyList<string> Commit(string table, IReadOnlyList<TableTransactionAction> actions)
    {
        var partition = actions[0].Entity.PartitionKey;
        var rows = _partitions.TryGetValue((table, partition), out var found) ? found : [];
        for (var i = 0; i < actions.Count; i++) Check(actions[i], rows, partition, i);
        if (actions.DistinctBy(action => action.Entity.RowKey).Count() != actions.Count)
            throw new RequestFailedException(400, "a row may stand only once in a transaction", "InvalidInput", null);
        _partitions[(table, partition)] = rows;
        var changes = new List<RowChange>(actions.Count);
        foreach (var action in actions)
        {
            var key = action.Entity.RowKey;
            var before = rows.GetValueOrDefault(key);
            var after = Apply(action, before);
            if (after is null) rows.Remove(key);
            else rows[key] = after;
            changes.Add(new RowChange(table, partition, key, before, after));
        }

        Committed?.Invoke(changes);
        return [.. changes.Select(change => change.After?.ETag ?? "")];
    }

    private static void Check(TableTransactionAction action, SortedDictionary<string, MemoryRow> rows, string partition, int index)
    {
        if (action.Entity.PartitionKey != partition) throw Failed(400, "one partition only", index);
        var row = rows.GetValueOrDefault(action.Entity.RowKey);
        switch (action.ActionType)
        {
            case TableTransactionActionType.Add when row is not null:
                throw Failed(409, "EntityAlreadyExists", index);
            case TableTransactionActionType.Delete or TableTransactionActionType.UpdateMerge or TableTransactionActionType.UpdateReplace when row is null:
                throw Failed(404, "ResourceNotFound", index);
            case TableTransactionActionType.Delete or TableTransactionActionType.UpdateMerge or TableTransactionActionType.UpdateReplace
                when action.ETag != ETag.All && action.ETag.ToString() != row.ETag:
                throw Failed(412, "UpdateConditionNotSatisfied", index);
        }
    }

    private static TableTransactionFailedException Failed(int status, string code, int index)
    {
        // Where the SDK's own exception looks for the index of the action that failed.
        var cause = new RequestFailedException(status, code, code, null);
        cause.Data["FailedEntity"] = index.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return new TableTransactionFailedException(cause);
    }

    private MemoryRow? Apply(TableTransactionAction action, MemoryRow? before)
    {
        if (action.ActionType == TableTransactionActionType.Delete) return null;
        var merges = action.ActionType is TableTransactionActionType.UpdateMerge or TableTransactionActionType.UpsertMerge;
        var values = merges && before is not null ? before.Values.ToDictionary() : [];
        foreach (var (name, value) in (TableEntity)action.Entity)
        {
            if (name != "odata.etag" && value is not null) values[name] = value;
        }

        return new MemoryRow(values, $"W/\"{++_version}\"");
    }
}
