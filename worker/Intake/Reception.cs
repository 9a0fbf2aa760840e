using System.Text.Json;
using Broker.Core.Api;
using Broker.Core.Documents;
using Broker.Storage;
using Broker.Storage.Worker;
using Broker.Worker.Attempts;
using Microsoft.Extensions.Logging;

namespace Broker.Worker.Intake;

/// <summary>Decides what becomes of a received message: a new run, or nothing.</summary>
internal sealed partial class Reception(AttemptMessages messages, LiveRuns runs, TimeProvider clock, ILogger<Reception> log)
{
    /// <returns>The run to begin; null where the message begins none.</returns>
    public async Task<LiveRun?> AdmitAsync(ReceivedMessage message)
    {
        var lease = new MessageLease(messages, message, clock, log);
        if (TryRead(message.Body) is not { } attempt)
        {
            // It would come again for ever, and never become readable.
            LogUnreadable(message.Body);
            await lease.DeleteAsync();
            return null;
        }

        var run = new LiveRun(attempt.ToId(), lease);
        if (runs.FindOrAdd(run) is not { } before) return run;
        if (before.Lease.Holds(message)) before.Lease.Adopt(message);
        else await lease.DeleteAsync();
        return null;
    }

    private static AttemptMessage? TryRead(string body)
    {
        try
        {
            return JsonSerializer.Deserialize<AttemptMessage>(body, BrokerJson.Lenient);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    [LoggerMessage(LogLevel.Error, "A message is not an attempt, and is deleted: {Body}")]
    private partial void LogUnreadable(string body);
}
