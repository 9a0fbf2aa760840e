using Azure;
using Azure.Data.Tables;
using Azure.Data.Tables.Models;

namespace Broker.Simulation.Memory;

/// <summary>A process's way to the simulated tables.</summary>
internal sealed class MemoryTableService(MemoryTables tables, Door door) : TableServiceClient
{
    public override TableClient GetTableClient(string tableName) => new MemoryTableClient(tables, door, tableName);
}

/// <summary>One simulated table, by the calls that the broker makes.</summary>
internal sealed class MemoryTableClient(MemoryTables tables, Door door, string table) : TableClient
{
    public override async Task<Response<TableItem>> CreateIfNotExistsAsync(CancellationToken cancellationToken = default)
    {
        await door.CreateAsync($"{table} table");
        return Response.FromValue(new TableItem(table), new MemoryAnswer(204));
    }

    public override async Task<NullableResponse<T>> GetEntityIfExistsAsync<T>(
        string partitionKey, string rowKey, IEnumerable<string>? select = null, CancellationToken cancellationToken = default)
    {
        var found = await door.PassAsync(new StorageOperation($"{table} read", false), () => tables.Find(table, partitionKey, rowKey)?.Read());
        return new MemoryFinding<T>((T?)(object?)found);
    }

    public override AsyncPageable<T> QueryAsync<T>(
        string? filter = null, int? maxPerPage = null, IEnumerable<string>? select = null, CancellationToken cancellationToken = default) =>
        new MemoryPages<T>(async after =>
        {
            var page = await door.PassAsync(new StorageOperation($"{table} query", false), () => Query(Filter.Parse(filter), maxPerPage ?? 1000, after));
            return Page<T>.FromValues([.. page.Rows.Select(row => (T)(object)row)], page.Next, new MemoryAnswer(200));
        });

    public override Task<Response> AddEntityAsync<T>(T entity, CancellationToken cancellationToken = default) =>
        CommitOneAsync("insert", new TableTransactionAction(TableTransactionActionType.Add, entity));

    public override Task<Response> UpsertEntityAsync<T>(
        T entity, TableUpdateMode mode = TableUpdateMode.Merge, CancellationToken cancellationToken = default) =>
        CommitOneAsync("write", new TableTransactionAction(
            mode == TableUpdateMode.Merge ? TableTransactionActionType.UpsertMerge : TableTransactionActionType.UpsertReplace, entity));

    public override async Task<Response> DeleteEntityAsync(
        string partitionKey, string rowKey, ETag ifMatch = default, CancellationToken cancellationToken = default)
    {
        var action = new TableTransactionAction(
            TableTransactionActionType.Delete, new TableEntity(partitionKey, rowKey), ifMatch == default ? ETag.All : ifMatch);
        try
        {
            return await CommitOneAsync("delete", action);
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            // As the SDK: that there is nothing to delete is an answer.
            return new MemoryAnswer(404);
        }
    }

    public override async Task<Response<IReadOnlyList<Response>>> SubmitTransactionAsync(
        IEnumerable<TableTransactionAction> transactionActions, CancellationToken cancellationToken = default)
    {
        var actions = transactionActions.ToList();
        var kinds = string.Join(' ', actions.Select(Kind).Distinct());
        var tags = await door.PassAsync(new StorageOperation($"{table} transaction {kinds}", true), () => tables.Commit(table, actions));
        return Response.FromValue<IReadOnlyList<Response>>([.. tags.Select(tag => new MemoryAnswer(204, tag))], new MemoryAnswer(202));
    }

    private async Task<Response> CommitOneAsync(string verb, TableTransactionAction action) => new MemoryAnswer(204, (await door.PassAsync(
        new StorageOperation($"{table} {verb} {RowKind(action.Entity.RowKey)}", true), () => tables.Commit(table, [action])))[0]);

    private (List<TableEntity> Rows, string? Next) Query(Filter filter, int most, string? after)
    {
        var partitions = filter.Partition is { } one ? [one] : tables.Partitions(table);
        var rows = new List<TableEntity>();
        foreach (var partition in partitions)
        {
            foreach (var (key, row) in tables.Scan(table, partition))
            {
                var place = $"{partition}\n{key}";
                if (after is not null && string.CompareOrdinal(place, after) < 0) continue;
                if (!filter.Matches(row.Values)) continue;
                if (rows.Count == most) return (rows, place);
                rows.Add(row.Read());
            }
        }

        return (rows, null);
    }

    private static string Kind(TableTransactionAction action) =>
        (action.ActionType == TableTransactionActionType.Delete ? "-" : "+") + RowKind(action.Entity.RowKey);

    private static string RowKind(string key) => key.IndexOfAny([':', '-']) is var end and >= 0 ? key[..end] : key;
}
