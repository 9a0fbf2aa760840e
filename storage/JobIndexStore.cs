using System.Collections.Immutable;
using System.Net;
using Azure;
using Azure.Data.Tables;
using Broker.Core.Api;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Storage.Rows;

namespace Broker.Storage;

/// <summary>Which jobs of an account.</summary>
/// <param name="State">Only jobs that may be in this state: an ended state is exact, any other means not ended.</param>
/// <param name="Since">Only jobs that were submitted then or later.</param>
/// <param name="Until">Only jobs that were submitted before.</param>
public sealed record JobFilter(JobState? State = null, DateTimeOffset? Since = null, DateTimeOffset? Until = null);

/// <summary>The jobs of an account, newest first.</summary>
/// <remarks>A line is written when a job comes and when it ends. In between the job's own row says where it stands.</remarks>
public sealed class JobIndexStore(BrokerStorage storage)
{
    private const string Prefix = "job:";
    private const string Open = "Open";
    private const string Contents = "contents";
    private const int TimeDigits = 19;
    private const int JobDigits = 24;

    /// <summary>Writes a job's line. One that says how the job ended stays: what is written late about its beginning changes nothing.</summary>
    public async Task WriteAsync(JobRecord job, CancellationToken cancellation)
    {
        if (job.State.IsEnded())
        {
            await storage.Accounts.UpsertEntityAsync(Line(job), TableUpdateMode.Replace, cancellation);
            return;
        }

        try
        {
            await storage.Accounts.AddEntityAsync(Line(job), cancellation);
        }
        catch (RequestFailedException e) when (e.Status == (int)HttpStatusCode.Conflict)
        {
            // It is there.
        }
    }

    public Task RemoveAsync(JobRecord job, CancellationToken cancellation) =>
        storage.Accounts.DeleteEntityAsync(job.Account.ToString(), Key(job), ETag.All, cancellation);

    /// <summary>A job of the account that names a content and has not ended; null where there is none.</summary>
    public async Task<JobId?> FindOpenAsync(AccountId account, ContentHash content, CancellationToken cancellation)
    {
        var query = Query(account, new JobFilter(JobState.Queued), null);
        await foreach (var row in storage.Accounts.QueryAsync<TableEntity>(query, select: ["RowKey", Contents], cancellationToken: cancellation))
        {
            if (row.GetString(Contents)?.Contains(content.Hex, StringComparison.Ordinal) == true) return JobId.Parse(row.RowKey[^JobDigits..]);
        }

        return null;
    }

    /// <summary>A page of an account's jobs, newest first.</summary>
    /// <param name="account">The account.</param>
    /// <param name="filter">Which jobs.</param>
    /// <param name="after">The position that the page before gave; null for the first.</param>
    /// <param name="most">How many lines at the most.</param>
    /// <param name="cancellation">Ends the work.</param>
    public async Task<Core.Api.Page<JobSummary>> ReadAsync(
        AccountId account, JobFilter filter, string? after, int most, CancellationToken cancellation)
    {
        var items = ImmutableArray.CreateBuilder<JobSummary>();
        var last = "";
        await foreach (var row in storage.Accounts.QueryAsync<TableEntity>(Query(account, filter, after), most + 1, cancellationToken: cancellation))
        {
            if (items.Count == most) return new Core.Api.Page<JobSummary>(items.ToImmutable(), last);
            items.Add(row.Read<JobSummary>());
            last = row.RowKey[Prefix.Length..];
        }

        return new Core.Api.Page<JobSummary>(items.ToImmutable());
    }

    /// <summary>Whether a text is a position in the list. It comes from outside, and becomes a part of a query.</summary>
    public static bool IsPosition(string text) =>
        text.Length > TimeDigits && text[TimeDigits] == ':' && text.AsSpan(0, TimeDigits).IndexOfAnyExceptInRange('0', '9') < 0
        && JobId.TryParse(text[(TimeDigits + 1)..], out _);

    private static string Key(JobRecord job) => $"{Prefix}{TableRows.NewestFirst(job.SubmittedAt)}:{job.Id}";

    private static TableEntity Line(JobRecord job)
    {
        var summary = new JobSummary(job.Id, job.Document.Name, job.Document.Pool, job.State, job.SubmittedAt, job.EndedAt, job.Price);
        var row = TableRows.Make(job.Account.ToString(), Key(job), summary);
        row["state"] = job.State.IsEnded() ? job.State.ToString() : Open;
        if (!job.State.IsEnded()) row[Contents] = string.Join(' ', job.Document.Contents.Select(content => content.Hex));
        return row;
    }

    private static string Query(AccountId account, JobFilter filter, string? after)
    {
        if (after is not null && !IsPosition(after)) throw new ArgumentException("it is no position in the list", nameof(after));

        // The newest come first, so the latest time is where the range begins. All lines of one time lie before the time with ';'.
        var from = filter.Until is { } until ? $"{Prefix}{TableRows.NewestFirst(until)};" : Prefix;
        if (after is not null && string.CompareOrdinal(Prefix + after, from) > 0) from = Prefix + after;
        var to = filter.Since is { } since ? $"{Prefix}{TableRows.NewestFirst(since)};" : "job;";
        var query = $"PartitionKey eq '{account}' and RowKey gt '{from}' and RowKey lt '{to}'";
        if (filter.State is { } state) query += $" and state eq '{(state.IsEnded() ? state.ToString() : Open)}'";
        return query;
    }
}
