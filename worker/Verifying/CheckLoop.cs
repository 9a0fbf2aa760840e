using System.Text.Json;
using Broker.Core.Api;
using Broker.Core.Documents;
using Broker.Storage;
using Broker.Storage.Worker;
using Broker.Worker.Attempts;
using Broker.Worker.Intake;
using Microsoft.Extensions.Logging;

namespace Broker.Worker.Verifying;

/// <summary>Takes checks from the queue, and makes one after the other.</summary>
internal sealed partial class CheckLoop(AttemptMessages messages, CheckRun checks, TimeProvider clock, ILogger<CheckLoop> log)
{
    private static readonly TimeSpan PauseInTrouble = TimeSpan.FromSeconds(1);

    private readonly PollPace _pace = new();

    /// <param name="ending">Takes no further check.</param>
    /// <param name="stopping">Leaves the one that is made unfinished: its message is seen again.</param>
    public async Task RunAsync(CancellationToken ending, CancellationToken stopping)
    {
        while (!ending.IsCancellationRequested)
        {
            if (await TakeAsync(stopping) is not { } pause) continue;
            try
            {
                await Task.Delay(pause, clock, ending);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    /// <returns>The pause before the next look; null where there was a check.</returns>
    private async Task<TimeSpan?> TakeAsync(CancellationToken stopping)
    {
        IReadOnlyList<ReceivedMessage> received;
        try
        {
            received = await messages.ReceiveAsync(1, MessageLease.Visibility, CancellationToken.None);
        }
        catch (Exception e) when (StorageTrouble.Is(e))
        {
            LogTrouble(e.Message.Split('\n', 2)[0].TrimEnd());
            return PauseInTrouble;
        }

        if (received.Count == 0) return _pace.FoundNothing();
        _pace.Found();
        foreach (var message in received) await MakeAsync(message, stopping);
        return null;
    }

    private async Task MakeAsync(ReceivedMessage message, CancellationToken stopping)
    {
        var lease = new MessageLease(messages, message, clock, log);
        if (TryRead(message.Body) is not { } check)
        {
            // It would come again for ever, and never become readable.
            LogUnreadable(message.Body);
            await lease.DeleteAsync();
            return;
        }

        try
        {
            await checks.RunAsync(check, lease, stopping);
        }
        catch (Exception e)
        {
            // The edge of a check: a bug costs the check, which comes again when its message is seen again, and not the verifier.
            LogBug(e, check.ToId().ToString());
        }
    }

    private static CheckMessage? TryRead(string body)
    {
        try
        {
            return JsonSerializer.Deserialize<CheckMessage>(body, BrokerJson.Lenient);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    [LoggerMessage(LogLevel.Warning, "The queue cannot be read: {Message}")]
    private partial void LogTrouble(string message);

    [LoggerMessage(LogLevel.Error, "A message is not a check, and is deleted: {Body}")]
    private partial void LogUnreadable(string body);

    [LoggerMessage(LogLevel.Error, "The check of {Attempt} failed in the verifier itself")]
    private partial void LogBug(Exception e, string attempt);
}
