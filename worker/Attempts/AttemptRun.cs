using System.Collections.Immutable;
using Broker.Client;
using Broker.Core.Api;
using Broker.Core.Documents;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Core.Verification;
using Broker.Storage;
using Broker.Worker.Market;
using Microsoft.Extensions.Logging;

namespace Broker.Worker.Attempts;

/// <summary>Leads one attempt from its message to its report.</summary>
internal sealed partial class AttemptRun(WorkerIdentity worker, Workbench bench, TimeProvider clock, ILogger<AttemptRun> log)
{
    private readonly Reporting _reporting = new(clock, log);

    /// <summary>Runs it. The message is deleted unless the attempt is to come again.</summary>
    public async Task RunAsync(LiveRun live)
    {
        using var ended = new CancellationTokenSource();
        var keeping = KeepAsync(live, ended.Token);
        var handled = false;
        try
        {
            handled = await HandleAsync(live);
        }
        finally
        {
            await ended.CancelAsync();
            await keeping;
        }

        if (handled) await live.Lease.DeleteAsync();
    }

    private static async Task KeepAsync(LiveRun live, CancellationToken ended)
    {
        if (await live.Lease.KeepAsync(ended)) live.Stop(StopReason.LeaseLost);
    }

    /// <returns>Whether the message has done its work.</returns>
    private async Task<bool> HandleAsync(LiveRun live)
    {
        AttemptOrder order;
        try
        {
            order = await worker.Client.StartAttemptAsync(live.Attempt, new StartRun(live.Run), CancellationToken.None);
        }
        catch (BrokerException e)
        {
            return _reporting.IsRefusal(live.Attempt.ToString(), e);
        }

        LogStarted(live.Attempt, live.Run);
        var links = new OrderLinks(worker.Client, order, clock);
        var log = new RunLog(clock);
        var end = await bench.RunAsync(links, live, log);
        log.Say(end is null ? $"stopped: {BrokerJson.Word(live.StopReason)}" : $"{BrokerJson.Word(end.Report.Outcome)}{(end.Report.Reason is { } reason ? $": {reason}" : "")}");
        if (end is not null) return await ReportAsync(live.Attempt, WithCommitment(await WithLogAsync(end.Report, log, links, live.Attempt), end.Results, order));
        await TryStoreAsync(log, links, live.Attempt);
        LogStopped(live.Attempt, live.StopReason);
        return live.StopReason == StopReason.Withdrawn;
    }

    /// <summary>A short log goes with the report; a longer one is stored first, so that it is there once the run is reported.</summary>
    private async Task<AttemptReport> WithLogAsync(AttemptReport report, RunLog log, OrderLinks links, AttemptId attempt)
    {
        if (log.ToReportText() is { } text) return report with { Log = text };
        await TryStoreAsync(log, links, attempt);
        return report.Usage is { } usage ? report with { Usage = usage with { StorageOperations = usage.StorageOperations + 1 } } : report;
    }

    /// <summary>Signs what a completed run computed: last of all, as the statement also says what the run has used.</summary>
    private AttemptReport WithCommitment(AttemptReport report, ImmutableArray<BufferRoot> results, AttemptOrder order)
    {
        if (report.Outcome != RunOutcome.Completed) return report;
        var statement = new Statement
        {
            Job = order.Job,
            JobHash = order.JobHash,
            Replica = order.Replica,
            Attempt = order.Attempt,
            Run = report.Run,
            Worker = worker.Id,
            SeedCommit = order.SeedCommit,
            Buffers = results,
            Usage = report.Usage!,
        };
        return report with { Commitment = worker.Key.Sign(statement), Usage = null };
    }

    /// <summary>A result counts without its log.</summary>
    private async Task TryStoreAsync(RunLog log, OrderLinks links, AttemptId attempt)
    {
        try
        {
            await bench.StoreAsync(log, links);
        }
        catch (Exception e) when (e is BrokerException or OperationCanceledException || StorageTrouble.Is(e))
        {
            LogNotStored(attempt, e.Message);
        }
    }

    private Task<bool> ReportAsync(AttemptId attempt, AttemptReport report) =>
        _reporting.TellAsync(attempt.ToString(), () => worker.Client.ReportAttemptAsync(attempt, report, CancellationToken.None), $"{report.Outcome} {report.Reason}");

    [LoggerMessage(LogLevel.Information, "{Attempt} started as run {Run}")]
    private partial void LogStarted(AttemptId attempt, string run);

    [LoggerMessage(LogLevel.Information, "{Attempt} stopped: {Reason}")]
    private partial void LogStopped(AttemptId attempt, StopReason reason);

    [LoggerMessage(LogLevel.Warning, "the log of {Attempt} could not be stored: {Message}")]
    private partial void LogNotStored(AttemptId attempt, string message);
}
