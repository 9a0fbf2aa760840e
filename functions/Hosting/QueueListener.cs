using Broker.Storage;

namespace Broker.Functions.Hosting;

/// <summary>Listens to one queue as the Functions host would, where no Functions host started the program.</summary>
internal sealed partial class QueueListener : BackgroundService
{
    private readonly QueueFunction _function;
    private readonly QueueSettings _settings;
    private readonly MessageQueues _queues;
    private readonly OperationMeter _meter;
    private readonly ILogger _log;
    private readonly SemaphoreSlim _wake = new(0, 1);
    private int _working;

    public QueueListener(QueueFunction function, QueueSettings settings, MessageQueues queues, OperationMeter meter, ILogger log)
    {
        _function = function;
        _settings = settings;
        _queues = queues;
        _meter = meter;
        _log = log;
        queues.Sent += Wake;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var pause = TimeSpan.Zero;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                while (Volatile.Read(ref _working) > _settings.NewBatchThreshold) await Task.Delay(5, stoppingToken);
                var messages = await _queues.ReceiveAsync(_function.Queue, _settings.BatchSize, _settings.Lease, stoppingToken);
                foreach (var message in messages) Begin(message, 1.0 / messages.Count);
                pause = messages.Count > 0 ? TimeSpan.Zero : Longer(pause);
                if (pause > TimeSpan.Zero && await _wake.WaitAsync(pause, stoppingToken)) pause = TimeSpan.Zero;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e) when (StorageTrouble.Is(e))
            {
                LogTrouble(e, _function.Queue);
                await Task.Delay(_settings.MaxPollingInterval, CancellationToken.None);
            }
        }

        // What was begun is finished: a crash is survived, a stop need not look like one.
        while (Volatile.Read(ref _working) > 0) await Task.Delay(10, CancellationToken.None);
    }

    public override void Dispose()
    {
        _queues.Sent -= Wake;
        _wake.Dispose();
        base.Dispose();
    }

    private TimeSpan Longer(TimeSpan pause)
    {
        var longer = pause == TimeSpan.Zero ? TimeSpan.FromMilliseconds(50) : pause * 2;
        return longer < _settings.MaxPollingInterval ? longer : _settings.MaxPollingInterval;
    }

    private void Wake(string queue)
    {
        if (queue != _function.Queue || _wake.CurrentCount > 0) return;
        try
        {
            _wake.Release();
        }
        catch (SemaphoreFullException)
        {
            // Two senders at once: it is awake.
        }
    }

    private void Begin(ReceivedMessage message, double shareOfReceive)
    {
        Interlocked.Increment(ref _working);
        _ = Task.Run(async () =>
        {
            try
            {
                await HandleAsync(message, shareOfReceive);
            }
            catch (Exception e) when (StorageTrouble.Is(e))
            {
                // Its lease ends, and it comes again.
                LogTrouble(e, _function.Queue);
            }
            finally
            {
                Interlocked.Decrement(ref _working);
            }
        });
    }

    private async Task HandleAsync(ReceivedMessage message, double shareOfReceive)
    {
        if (message.DequeueCount > _settings.MaxDequeueCount)
        {
            // Every process that tried it died over it: the next one shall not.
            LogDeadly(_function.Name, message.Id);
            await FailAsync(message);
            return;
        }

        using var scope = _meter.For();
        scope.Add(shareOfReceive);
        await using var lease = new MessageLease(_queues, _function.Queue, message, _settings.Lease);
        try
        {
            await _function.RunAsync(message.Body, scope, CancellationToken.None);
        }
#pragma warning disable CA1031 // As the Functions host: whatever a function throws counts as one failed try.
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogFailed(e, _function.Name, message.Id, message.DequeueCount);
            await FailAsync(await lease.EndAsync());
            return;
        }

        await _queues.DeleteAsync(_function.Queue, await lease.EndAsync(), CancellationToken.None);
    }

    private async Task FailAsync(ReceivedMessage message)
    {
        if (message.DequeueCount < _settings.MaxDequeueCount)
        {
            await _queues.TryHideAsync(_function.Queue, message, _settings.VisibilityTimeout, CancellationToken.None);
            return;
        }

        await _queues.SendTextAsync(QueueNames.Poison(_function.Queue), message.Body, null, CancellationToken.None);
        await _queues.DeleteAsync(_function.Queue, message, CancellationToken.None);
    }

    [LoggerMessage(LogLevel.Warning, "queue {Queue}: storage trouble")]
    private partial void LogTrouble(Exception exception, string queue);

    [LoggerMessage(LogLevel.Error, "{Function} failed on message {Message}, try {Try}")]
    private partial void LogFailed(Exception exception, string function, string message, long @try);

    [LoggerMessage(LogLevel.Error, "{Function}: message {Message} has used up its tries without coming to an end in one")]
    private partial void LogDeadly(string function, string message);
}
