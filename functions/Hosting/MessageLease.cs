using Broker.Storage;

namespace Broker.Functions.Hosting;

/// <summary>Keeps a message hidden from others while it is handled.</summary>
internal sealed class MessageLease : IAsyncDisposable
{
    private readonly MessageQueues _queues;
    private readonly string _queue;
    private readonly TimeSpan _duration;
    private readonly CancellationTokenSource _ended = new();
    private readonly Task _renewal;
    private ReceivedMessage _message;

    public MessageLease(MessageQueues queues, string queue, ReceivedMessage message, TimeSpan duration)
    {
        _queues = queues;
        _queue = queue;
        _message = message;
        _duration = duration;
        _renewal = RenewAsync();
    }

    /// <summary>Stops the renewal.</summary>
    /// <returns>The message with its last receipt.</returns>
    public async Task<ReceivedMessage> EndAsync()
    {
        await _ended.CancelAsync();
        await _renewal;
        return _message;
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _ended.Dispose();
    }

    private async Task RenewAsync()
    {
        try
        {
            while (true)
            {
                await Task.Delay(_duration / 2, _ended.Token);
                if (await _queues.TryHideAsync(_queue, _message, _duration, CancellationToken.None) is not { } receipt) return;
                _message = _message with { Receipt = receipt };
            }
        }
        catch (OperationCanceledException)
        {
            // The message was handled.
        }
        catch (Exception e) when (StorageTrouble.Is(e))
        {
            // The lease ends, the message comes to another: handlers are idempotent.
        }
    }
}
