using System.Collections.Immutable;
using Azure.Data.Tables;
using Broker.Core.Api;
using Broker.Core.Documents;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Core.Verification;
using Broker.Storage.Rows;

namespace Broker.Storage;

/// <summary>Where the histories of jobs that have ended ended, by the jobs' own rows.</summary>
/// <remarks>Every call but one for a page looks at the whole table: for what is asked once a day.</remarks>
public sealed class ChainEndStore(BrokerStorage storage)
{
    private const string EndedAt = "endedAt";
    private const string Events = "events";
    private const string LastHash = "lastEventHash";
    private const string Document = "document";

    private static readonly string[] Columns = ["PartitionKey", "account", "state", Events, LastHash, EndedAt];

    private static readonly string IsEnded =
        $"({string.Join(" or ", Enum.GetValues<JobState>().Where(state => state.IsEnded()).Select(state => $"state eq '{state}'"))})";

    /// <summary>The first day on which a job ended, up to a last one.</summary>
    public async Task<DateOnly?> FindFirstDayAsync(DateOnly last, CancellationToken cancellation)
    {
        DateTimeOffset? first = null;
        await foreach (var row in QueryAsync($"{EndedAt} lt {Midnight(last.AddDays(1))}", [EndedAt]).WithCancellation(cancellation))
        {
            var at = row.GetDateTimeOffset(EndedAt)!.Value;
            if (first is null || at < first) first = at;
        }

        return first is { } time ? DateOnly.FromDateTime(time.UtcDateTime) : null;
    }

    /// <summary>The jobs that ended on a day, in UTC.</summary>
    public async Task<ImmutableArray<ChainEnd>> ReadDayAsync(DateOnly day, CancellationToken cancellation)
    {
        var ends = ImmutableArray.CreateBuilder<ChainEnd>();
        var filter = $"{EndedAt} ge {Midnight(day)} and {EndedAt} lt {Midnight(day.AddDays(1))}";
        await foreach (var row in QueryAsync(filter, ["PartitionKey", Events, LastHash]).WithCancellation(cancellation))
        {
            // A row that somebody has put another text into stands with zeros: it must not keep the day's root from being made.
            _ = Digest.TryParse(row.GetString(LastHash), out var hash);
            ends.Add(new ChainEnd(JobId.Parse(row.PartitionKey), row.GetInt32(Events) ?? 0, hash));
        }

        return ends.ToImmutable();
    }

    /// <summary>A page of the jobs that have ended, in the order of their ids.</summary>
    /// <param name="pool">Only jobs of this pool; null: of all. The page then has fewer of them.</param>
    /// <param name="after">The last job that the page before looked at; null for the first page.</param>
    /// <param name="most">How many jobs are looked at.</param>
    /// <param name="cancellation">Ends the work.</param>
    public async Task<Core.Api.Page<AuditJob>> ReadPageAsync(PoolName? pool, JobId? after, int most, CancellationToken cancellation)
    {
        var jobs = ImmutableArray.CreateBuilder<AuditJob>();
        var (looked, last) = (0, "");
        var filter = after is { } position ? $"PartitionKey gt '{position}' and {IsEnded}" : IsEnded;
        await foreach (var row in QueryAsync(filter, pool is null ? Columns : [.. Columns, Document], most + 1).WithCancellation(cancellation))
        {
            if (looked == most) return new Core.Api.Page<AuditJob>(jobs.ToImmutable(), last);
            looked++;
            last = row.PartitionKey;
            if (pool is null || JobDocumentReader.Read(row.GetBinary(Document)).Value?.Pool == pool) jobs.Add(Read(row));
        }

        return new Core.Api.Page<AuditJob>(jobs.ToImmutable());
    }

    private IAsyncEnumerable<TableEntity> QueryAsync(string filter, string[] columns, int? mostInPage = null) =>
        storage.Jobs.QueryAsync<TableEntity>($"RowKey eq '{JobRows.Job}' and {filter}", mostInPage, columns);

    private static string Midnight(DateOnly day) => $"datetime'{day:O}T00:00:00Z'";

    private static AuditJob Read(TableEntity row) => new(
        JobId.Parse(row.PartitionKey), AccountId.Parse(row.GetString("account")), Enum.Parse<JobState>(row.GetString("state")),
        row.GetInt32(Events) ?? 0, row.GetString(LastHash) ?? "", row.GetDateTimeOffset(EndedAt) ?? default);
}
