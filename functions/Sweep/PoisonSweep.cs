using System.Text.Json;
using Broker.Core.Documents;
using Broker.Core.Jobs;
using Broker.Functions.Jobs;
using Broker.Storage;

namespace Broker.Functions;

/// <summary>Looks after messages that failed too often. Trouble passes, so each is tried once more; then its attempt is given up, with the reason.</summary>
public sealed partial class PoisonSweep(MessageQueues queues, JobChanges changes, ILogger<PoisonSweep> log)
{
    private const int MostAtOnce = 16;

    private static readonly TimeSpan Hidden = TimeSpan.FromMinutes(1);

    public async Task RunAsync(DateTimeOffset now, CancellationToken cancellation)
    {
        await HandleAsync(QueueNames.Reports, message => HandleReportAsync(message, now, cancellation), cancellation);

        // A lost bell is rung again by the pool's own sweep.
        await HandleAsync(QueueNames.MatchRounds, _ => Task.CompletedTask, cancellation);
    }

    private async Task HandleAsync(string queue, Func<string, Task> handle, CancellationToken cancellation)
    {
        var poison = QueueNames.Poison(queue);
        foreach (var message in await queues.ReceiveAsync(poison, MostAtOnce, Hidden, cancellation))
        {
            LogPoison(queue, message.Body);
            await handle(message.Body);
            await queues.DeleteAsync(poison, message, cancellation);
        }
    }

    private async Task HandleReportAsync(string body, DateTimeOffset now, CancellationToken cancellation)
    {
        if (TryRead(body) is not { } message) return;
        if (!message.Again)
        {
            await queues.SendAsync(QueueNames.Reports, message with { Again = true }, null, cancellation);
            return;
        }

        // A verdict that cannot be taken in: another check gives another one.
        if (message.Report is null) return;
        var id = message.ToId();
        await changes.ApplyAsync(message.Job, job => Lifecycle.Lose(job, id, "the broker could not take in its report", now), cancellation);
    }

    private static ReportMessage? TryRead(string body)
    {
        try
        {
            return JsonSerializer.Deserialize<ReportMessage>(body, BrokerJson.Lenient);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    [LoggerMessage(LogLevel.Error, "a message of queue {Queue} failed too often: {Body}")]
    private partial void LogPoison(string queue, string body);
}
