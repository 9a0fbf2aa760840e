using System.Globalization;
using Broker.Core.Api;
using Broker.Core.Ids;
using Broker.Core.Verification;

namespace Broker.Client;

/// <content>What an operator checks every history with.</content>
public sealed partial class BrokerClient
{
    /// <summary>For operators: one page of the jobs of all accounts that have ended, in the order of their ids.</summary>
    /// <param name="pool">Only jobs of this pool; null: of all.</param>
    /// <param name="next">What the page before gave as its next; null for the first.</param>
    /// <param name="limit">How many jobs a page looks at; null leaves it to the broker.</param>
    /// <param name="cancellation">Ends the call.</param>
    public Task<Page<AuditJob>> ListEndedJobsAsync(PoolName? pool = null, string? next = null, int? limit = null, CancellationToken cancellation = default) =>
        _transport.SendAsync<Page<AuditJob>>(
            HttpMethod.Get, "api/audit/jobs" + Query(("pool", pool?.ToString()), ("limit", Number(limit)), ("continue", next)), cancellation);

    /// <summary>For operators: one page of the days that have a root, the oldest first.</summary>
    public Task<Page<DateOnly>> ListRootDaysAsync(string? next = null, int? limit = null, CancellationToken cancellation = default) =>
        _transport.SendAsync<Page<DateOnly>>(HttpMethod.Get, "api/audit/roots" + Query(("limit", Number(limit)), ("continue", next)), cancellation);

    /// <summary>For operators: the root over the histories of the jobs that ended on a day.</summary>
    public Task<DayRoot> ReadDayRootAsync(DateOnly day, CancellationToken cancellation = default) =>
        _transport.SendAsync<DayRoot>(HttpMethod.Get, $"api/audit/roots/{day.ToString("O", CultureInfo.InvariantCulture)}", cancellation);
}
