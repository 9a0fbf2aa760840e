using Broker.Storage;

namespace Broker.Functions.Hosting;

/// <summary>Every listener of the self-hosted program: begun when the first start is done, stopped together.</summary>
internal sealed class Listeners(FunctionTable functions, MessageQueues queues, TimeSpan sweepPeriod, IServiceProvider provider) : BackgroundService
{
    private readonly List<BackgroundService> _listeners = [];

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await Task.WhenAll(_listeners.Select(listener => listener.StopAsync(cancellationToken)));
        foreach (var listener in _listeners) listener.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await provider.GetRequiredService<FirstStart>().Done.WaitAsync(stoppingToken);
        var log = provider.GetRequiredService<ILoggerFactory>();
        var meter = provider.GetRequiredService<OperationMeter>();
        foreach (var function in functions.Queues)
            _listeners.Add(new QueueListener(function, new QueueSettings(), queues, meter, log.CreateLogger<QueueListener>()));
        foreach (var function in functions.Timers)
            _listeners.Add(new TimerListener(function, function.Period ?? sweepPeriod, provider.GetRequiredService<TimeProvider>(), log.CreateLogger<TimerListener>()));
        foreach (var listener in _listeners) await listener.StartAsync(stoppingToken);
    }
}
