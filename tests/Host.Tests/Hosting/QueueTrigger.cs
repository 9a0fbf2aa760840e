using Azure;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;

namespace Broker.Host.Tests.Hosting;

/// <summary>Listens to one queue as the queue extension of the Functions host does.</summary>
/// <param name="function">The function that its messages start.</param>
/// <param name="queue">The queue.</param>
/// <param name="poison">Where hopeless messages go.</param>
/// <param name="options">How it is listened to.</param>
/// <param name="lease">How long a message that is handled is hidden from others.</param>
internal sealed class QueueTrigger(ScriptFunction function, QueueClient queue, QueueClient poison, QueueOptions options, TimeSpan lease)
{
    private int _working;

    /// <summary>Listens until it is cancelled. What is being handled then is left as it is: its lease ends, and it comes again.</summary>
    public async Task RunAsync(HandlerCalls calls, CancellationToken gone)
    {
        var pause = TimeSpan.Zero;
        while (!gone.IsCancellationRequested)
        {
            while (Volatile.Read(ref _working) > options.NewBatchThreshold) await Task.Delay(5, gone);
            var messages = await ReceiveAsync(gone);
            foreach (var message in messages)
            {
                Interlocked.Increment(ref _working);
                _ = HandleAsync(message, calls, gone);
            }

            var longer = pause == TimeSpan.Zero ? TimeSpan.FromMilliseconds(100) : pause * 2;
            pause = messages.Length > 0 ? TimeSpan.Zero : longer < options.MaxPollingInterval ? longer : options.MaxPollingInterval;
            await Task.Delay(pause, gone);
        }
    }

    private async Task<QueueMessage[]> ReceiveAsync(CancellationToken gone)
    {
        try
        {
            return (await queue.ReceiveMessagesAsync(options.BatchSize, lease, gone)).Value;
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            // A queue that is not there yet is looked for again.
            return [];
        }
    }

    private async Task HandleAsync(QueueMessage message, HandlerCalls calls, CancellationToken gone)
    {
        using var handled = CancellationTokenSource.CreateLinkedTokenSource(gone);
        var renewal = RenewAsync(message, handled.Token);
        try
        {
            var known = message.DequeueCount <= options.MaxDequeueCount;
            var done = known && await calls.TryRunAsync(function, message.Body.ToString(), message.DequeueCount, gone);
            await handled.CancelAsync();
            await EndAsync(message, await renewal, done, gone);
        }
        catch (OperationCanceledException) when (gone.IsCancellationRequested)
        {
            // The host is no more.
        }
        catch (RequestFailedException e) when (e.Status is 404 or 400)
        {
            // Its lease had ended: whoever has it now ends it.
        }
        finally
        {
            Interlocked.Decrement(ref _working);
        }
    }

    private async Task EndAsync(QueueMessage message, string receipt, bool done, CancellationToken gone)
    {
        gone.ThrowIfCancellationRequested();
        if (!done && message.DequeueCount < options.MaxDequeueCount)
        {
            await queue.UpdateMessageAsync(message.MessageId, receipt, message.Body, options.VisibilityTimeout, gone);
            return;
        }

        if (!done)
        {
            await poison.CreateIfNotExistsAsync(cancellationToken: gone);
            await poison.SendMessageAsync(message.Body, cancellationToken: gone);
        }

        await queue.DeleteMessageAsync(message.MessageId, receipt, gone);
    }

    /// <returns>The last receipt.</returns>
    private async Task<string> RenewAsync(QueueMessage message, CancellationToken ended)
    {
        var receipt = message.PopReceipt;
        while (true)
        {
            await Task.Delay(lease / 2, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (ended.IsCancellationRequested) return receipt;
            receipt = (await queue.UpdateMessageAsync(message.MessageId, receipt, message.Body, lease, CancellationToken.None)).Value.PopReceipt;
        }
    }
}
