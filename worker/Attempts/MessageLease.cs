using Broker.Storage;
using Broker.Storage.Worker;
using Microsoft.Extensions.Logging;

namespace Broker.Worker.Attempts;

/// <summary>Keeps a message hidden while its attempt runs, and deletes it in the end.</summary>
internal sealed partial class MessageLease(AttemptMessages messages, ReceivedMessage message, TimeProvider clock, ILogger log)
{
    private readonly Lock _lock = new();
    private ReceivedMessage _message = message;

    /// <summary>How long a message stays hidden: what a crash costs, at most, before the attempt is started again.</summary>
    public static TimeSpan Visibility { get; } = TimeSpan.FromSeconds(30);

    public bool Holds(ReceivedMessage other)
    {
        lock (_lock) return _message.Id == other.Id;
    }

    /// <summary>Goes on with a newer receipt of the same message, which was seen again because a renewal came late.</summary>
    public void Adopt(ReceivedMessage again)
    {
        lock (_lock) _message = again;
    }

    /// <summary>Renews until it is cancelled or the message is lost.</summary>
    /// <returns>Whether the message was lost.</returns>
    public async Task<bool> KeepAsync(CancellationToken cancellation)
    {
        try
        {
            while (true)
            {
                // Three tries before it is seen again.
                await Task.Delay(Visibility / 3, clock, cancellation);
                if (!await TryRenewAsync()) return true;
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return false;
        }
    }

    public async Task DeleteAsync()
    {
        try
        {
            await messages.DeleteAsync(Current(), CancellationToken.None);
        }
        catch (Exception e) when (StorageTrouble.Is(e))
        {
            // It comes again, is refused as stale, and is deleted then.
            LogTrouble(e.Message);
        }
    }

    private async Task<bool> TryRenewAsync()
    {
        var held = Current();
        try
        {
            // A renewal that is broken off may have changed the receipt: it is left to end.
            var renewed = await messages.TryRenewAsync(held, Visibility, CancellationToken.None);
            lock (_lock)
            {
                if (_message.Receipt != held.Receipt) return true;
                if (renewed is null) return false;
                _message = renewed;
                return true;
            }
        }
        catch (Exception e) when (StorageTrouble.Is(e))
        {
            LogTrouble(e.Message);
            return true;
        }
    }

    private ReceivedMessage Current()
    {
        lock (_lock) return _message;
    }

    [LoggerMessage(LogLevel.Warning, "The queue is in trouble: {Message}")]
    private partial void LogTrouble(string message);
}
