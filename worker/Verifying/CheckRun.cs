using Broker.Client;
using Broker.Core.Api;
using Broker.Core.Verification;
using Broker.Storage;
using Broker.Worker.Attempts;
using Microsoft.Extensions.Logging;

namespace Broker.Worker.Verifying;

/// <summary>Leads one check from its message to its verdict.</summary>
/// <remarks>What decides the sample is secret until the verdict is told: nothing here says a word of it before, and never a word of the seed.</remarks>
internal sealed partial class CheckRun(BrokerClient client, CheckBench bench, TimeProvider clock, ILogger<CheckRun> log)
{
    private readonly Reporting _reporting = new(clock, log);

    /// <summary>Makes it. The message is deleted unless the check is to come again.</summary>
    /// <param name="check">Which check.</param>
    /// <param name="lease">Its message.</param>
    /// <param name="stopping">Leaves the check unfinished.</param>
    public async Task RunAsync(CheckMessage check, MessageLease lease, CancellationToken stopping)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        using var ended = new CancellationTokenSource();
        var keeping = KeepAsync(lease, stop, ended.Token);
        var handled = false;
        try
        {
            handled = await HandleAsync(check, stop.Token);
        }
        finally
        {
            await ended.CancelAsync();
            await keeping;
        }

        if (handled) await lease.DeleteAsync();
    }

    private static async Task KeepAsync(MessageLease lease, CancellationTokenSource stop, CancellationToken ended)
    {
        if (await lease.KeepAsync(ended)) await stop.CancelAsync();
    }

    /// <returns>Whether the message has done its work.</returns>
    private async Task<bool> HandleAsync(CheckMessage check, CancellationToken stopping)
    {
        var what = $"check {check.Check} of {check.ToId()}";
        Verdict verdict;
        try
        {
            var order = await client.StartCheckAsync(check.ToId(), check.Check, stopping);
            LogStarted(what);
            using var links = new CheckLinks(client, check, order, clock);
            verdict = await bench.JudgeAsync(links, stopping);
        }
        catch (BrokerException e)
        {
            return _reporting.IsRefusal(what, e);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            LogStopped(what);
            return false;
        }
        catch (Exception e) when (StorageTrouble.Is(e))
        {
            LogTrouble(what, e.Message.Split('\n', 2)[0].TrimEnd());
            return false;
        }

        return await _reporting.TellAsync(what, () => client.ReportVerdictAsync(check.ToId(), check.Check, verdict, CancellationToken.None), $"{verdict.Kind} {verdict.Reason}");
    }

    [LoggerMessage(LogLevel.Information, "{Check} started")]
    private partial void LogStarted(string check);

    [LoggerMessage(LogLevel.Warning, "{Check} is left unfinished")]
    private partial void LogStopped(string check);

    [LoggerMessage(LogLevel.Warning, "{Check} is left for later: {Message}")]
    private partial void LogTrouble(string check, string message);
}
