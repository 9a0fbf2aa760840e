using System.Collections.Immutable;
using System.Net;
using System.Text;
using Broker.Cli.Commands;
using Broker.Client;
using Broker.Core.Api;
using Broker.Core.Documents;
using Broker.Core.Jobs;
using Broker.Core.Verification;

namespace Broker.Cli.Auditing;

/// <summary>Checks the histories of jobs, and what they say of receipts, on this machine.</summary>
internal sealed class JobsAudit(BrokerClient client, string brokerKey, AuditCount count)
{
    /// <summary>What the broker gives at once at the most.</summary>
    public const int PageSize = 200;

    public async Task RunAsync(AuditJob job, CancellationToken cancellation)
    {
        try
        {
            var events = await Pages.ReadAllAsync(next => client.ReadEventsAsync(job.Id, new EventQuery { Limit = PageSize, Continue = next }, cancellation));
            var view = await client.ReadJobAsync(job.Id, cancellation);
            count.Jobs++;
            count.Events += events.Length;
            if (JobAudit.FindChainBreak(job, events) is { } broken) count.Break($"job {job.Id}: {broken}");
            foreach (var wrong in await CheckReceiptsAsync(job, view, events, cancellation)) count.Break($"job {job.Id}: {wrong}");
        }
        catch (BrokerException e) when (e.Status == HttpStatusCode.NotFound)
        {
            // Deleted after it was listed.
            count.Deleted++;
        }
    }

    private async Task<IReadOnlyList<string>> CheckReceiptsAsync(AuditJob job, JobView view, ImmutableArray<JobEvent> events, CancellationToken cancellation)
    {
        if (view.Document is not { } json || JobDocumentReader.Read(Encoding.UTF8.GetBytes(json.GetRawText())).Value is not { } document) return ["its document cannot be read"];
        var asks = document.Verification is { Mode: not VerificationMode.None };
        var receipts = asks || JobAudit.Judgements(events).Length > 0 ? (await client.ListReceiptsAsync(job.Id, cancellation)).Items : [];
        count.Receipts += receipts.Length;
        return JobAudit.FindReceiptBreaks(job, document, events, receipts, brokerKey);
    }
}
