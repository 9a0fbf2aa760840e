using System.Collections.Immutable;
using System.Net;
using Azure;
using Azure.Data.Tables;
using Broker.Core.Api;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Storage.Rows;

namespace Broker.Storage;

/// <summary>The jobs of an account, newest first.</summary>
/// <remarks>A line is written when a job comes and when it ends. In between the job's own row says where it stands.</remarks>
public sealed class JobIndexStore(BrokerStorage storage)
{
    private const string Prefix = "job:";
    private const string Open = "Open";

    /// <summary>Writes a job's line. One that says how the job ended stays: what is written late about its beginning changes nothing.</summary>
    public async Task WriteAsync(JobRecord job, CancellationToken cancellation)
    {
        var summary = new JobSummary(job.Id, job.Document.Name, job.Document.Pool, job.State, job.SubmittedAt, job.EndedAt, job.Price);
        var row = TableRows.Make(job.Account.ToString(), $"{Prefix}{TableRows.NewestFirst(job.SubmittedAt)}:{job.Id}", summary);
        row["state"] = job.State.IsEnded() ? job.State.ToString() : Open;
        if (job.State.IsEnded())
        {
            await storage.Accounts.UpsertEntityAsync(row, TableUpdateMode.Replace, cancellation);
            return;
        }

        try
        {
            await storage.Accounts.AddEntityAsync(row, cancellation);
        }
        catch (RequestFailedException e) when (e.Status == (int)HttpStatusCode.Conflict)
        {
            // It is there.
        }
    }

    /// <summary>A page of an account's jobs, newest first.</summary>
    /// <param name="account">The account.</param>
    /// <param name="state">Only jobs that may be in this state: an ended state is exact, any other means not ended.</param>
    /// <param name="after">The token that the page before gave; null for the first.</param>
    /// <param name="most">How many lines at the most.</param>
    /// <param name="cancellation">Ends the work.</param>
    public async Task<Core.Api.Page<JobSummary>> ReadAsync(
        AccountId account, JobState? state, string? after, int most, CancellationToken cancellation)
    {
        var from = after is null ? Prefix : Prefix + after;
        var filter = $"PartitionKey eq '{account}' and RowKey gt '{from}' and RowKey lt 'job;'";
        if (state is { } wanted) filter += $" and state eq '{(wanted.IsEnded() ? wanted.ToString() : Open)}'";
        var items = ImmutableArray.CreateBuilder<JobSummary>();
        var last = "";
        await foreach (var row in storage.Accounts.QueryAsync<TableEntity>(filter, most + 1, cancellationToken: cancellation))
        {
            if (items.Count == most) return new Core.Api.Page<JobSummary>(items.ToImmutable(), last);
            items.Add(row.Read<JobSummary>());
            last = row.RowKey[Prefix.Length..];
        }

        return new Core.Api.Page<JobSummary>(items.ToImmutable());
    }
}
