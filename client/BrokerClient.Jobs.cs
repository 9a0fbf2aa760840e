using System.Globalization;
using Broker.Core.Api;
using Broker.Core.Documents;
using Broker.Core.Ids;
using Broker.Core.Jobs;

namespace Broker.Client;

/// <content>Jobs.</content>
public sealed partial class BrokerClient
{
    /// <param name="document">The job document as JSON.</param>
    /// <param name="idempotencyKey">The same key and document give the same job, however often they are sent; null makes a new job.</param>
    /// <param name="cancellation">Ends the call.</param>
    public Task<JobView> SubmitAsync(
        ReadOnlyMemory<byte> document, string? idempotencyKey = null, CancellationToken cancellation = default) =>
        _transport.SendAsync<JobView>(
            HttpMethod.Post, "api/jobs", cancellation, Transport.JsonText(document), idempotencyKey ?? Guid.NewGuid().ToString("N"));

    /// <summary>One page of the account's jobs, the newest first.</summary>
    public Task<Page<JobSummary>> ListJobsAsync(JobQuery? query = null, CancellationToken cancellation = default)
    {
        var asked = query ?? new JobQuery();
        return _transport.SendAsync<Page<JobSummary>>(
            HttpMethod.Get,
            "api/jobs" + Query(
                ("state", asked.State is { } state ? BrokerJson.Word(state) : null),
                ("since", Time(asked.Since)), ("until", Time(asked.Until)), ("limit", Number(asked.Limit)), ("continue", asked.Continue)),
            cancellation);
    }

    public Task<JobView> ReadJobAsync(JobId job, CancellationToken cancellation = default) =>
        _transport.SendAsync<JobView>(HttpMethod.Get, $"api/jobs/{job}", cancellation);

    /// <summary>Reads a job where it has changed since it was read last.</summary>
    /// <param name="job">The job.</param>
    /// <param name="known">What was read last; null reads it anyhow.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <returns>The job as it is now: the very <paramref name="known"/> where it has not changed.</returns>
    public Task<Tagged<JobView>> ReadJobAsync(JobId job, Tagged<JobView>? known, CancellationToken cancellation = default) =>
        _transport.SendTaggedAsync($"api/jobs/{job}", known, cancellation);

    /// <exception cref="BrokerException">With 409: it is too late.</exception>
    public Task<JobView> CancelAsync(JobId job, CancellationToken cancellation = default) =>
        _transport.SendAsync<JobView>(HttpMethod.Post, $"api/jobs/{job}/cancel", cancellation);

    /// <summary>Deletes a job that has ended, with its results and its log.</summary>
    /// <returns>False where there is none, or no more.</returns>
    /// <exception cref="BrokerException">With 409: the job has not ended.</exception>
    public Task<bool> DeleteJobAsync(JobId job, CancellationToken cancellation = default) => DeleteAsync($"api/jobs/{job}", cancellation);

    /// <summary>One page of a job's history, the oldest event first. Where there is none, it waits for one if the query says so.</summary>
    public Task<Page<JobEvent>> ReadEventsAsync(JobId job, EventQuery? query = null, CancellationToken cancellation = default)
    {
        var asked = query ?? new EventQuery();
        return _transport.SendAsync<Page<JobEvent>>(
            HttpMethod.Get,
            $"api/jobs/{job}/events" + Query(
                ("after", Number(asked.After)), ("wait", Number((int?)asked.Wait?.TotalSeconds)), ("limit", Number(asked.Limit)), ("continue", asked.Continue)),
            cancellation);
    }

    /// <summary>What the job's workers wrote about their runs, as text for people.</summary>
    public Task<string> ReadLogAsync(JobId job, CancellationToken cancellation = default) =>
        _transport.SendForTextAsync($"api/jobs/{job}/log", cancellation);

    /// <exception cref="BrokerException">With 409: the job is not completed.</exception>
    public Task<Page<OutputView>> ReadOutputsAsync(JobId job, CancellationToken cancellation = default) =>
        _transport.SendAsync<Page<OutputView>>(HttpMethod.Get, $"api/jobs/{job}/outputs", cancellation);

    /// <exception cref="BrokerException">With 409: the job is not completed.</exception>
    public Task<OutputView> ReadOutputAsync(JobId job, string buffer, CancellationToken cancellation = default) =>
        _transport.SendAsync<OutputView>(HttpMethod.Get, $"api/jobs/{job}/outputs/{Uri.EscapeDataString(buffer)}", cancellation);

    private static string? Number(int? number) => number?.ToString(CultureInfo.InvariantCulture);

    private static string? Time(DateTimeOffset? time) => time?.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);

    private static string Query(params ReadOnlySpan<(string Name, string? Value)> parameters)
    {
        var query = "";
        foreach (var (name, value) in parameters)
        {
            if (value is not null) query += $"{(query.Length == 0 ? '?' : '&')}{name}={Uri.EscapeDataString(value)}";
        }

        return query;
    }
}
