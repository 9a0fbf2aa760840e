using Azure;
using Broker.Functions;
using Broker.Functions.Hosting;
using Broker.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Broker.Simulation;

/// <summary>A call did not come back.</summary>
internal sealed class ConnectionLostException() : Exception("the function app died");

/// <summary>One instance of the function app: the real handlers, fed by queues and time as its host would, until it dies.</summary>
internal sealed class FunctionApp(World world, StorageAccount account) : Process
{
    private static readonly QueueSettings Settings = new();
    private ServiceProvider? _services;

    public bool IsAlive => _services is not null && Life.IsAlive;

    /// <summary>An HTTP call into it: it may be refused, and it may never be answered.</summary>
    public async Task<T> CallAsync<T>(Func<IServiceProvider, Task<T>> handle)
    {
        if (!IsAlive) throw new ConnectionLostException();
        var life = Life;
        var answer = handle(_services!);
        if (await Task.WhenAny(answer, life.Died) != answer) throw new ConnectionLostException();
        return await answer;
    }

    protected override void Start()
    {
        _services = Compose(account.Open(Life), world);
        var functions = _services.GetRequiredService<FunctionTable>();
        foreach (var function in functions.Queues) world.Begin(() => ListenAsync(function));
        foreach (var timer in functions.Timers) world.Begin(() => TickAsync(timer));
    }

    private static ServiceProvider Compose(BrokerStorage storage, TimeProvider clock) => new ServiceCollection()
        .AddLogging()
        .AddOptions()
        .AddSingleton(storage)
        .AddSingleton(storage.Meter)
        .AddSingleton(clock)
        .AddStores()
        .AddDecisions()
        .AddRoutes()
        .BuildServiceProvider();

    private async Task ListenAsync(QueueFunction function)
    {
        var life = Life;
        var queues = _services!.GetRequiredService<MessageQueues>();
        while (true)
        {
            try
            {
                var messages = await queues.ReceiveAsync(function.Queue, Settings.BatchSize, Settings.Lease, CancellationToken.None);
                foreach (var message in messages)
                {
                    account.Weather.Received(function.Queue, message.Body);
                    world.Begin(() => HandleAsync(function, queues, message));
                }
            }
            catch (RequestFailedException)
            {
                // The next look may fare better.
            }

            await world.DelayAsync(world.Between(0.05, 0.3), life);
        }
    }

    private async Task HandleAsync(QueueFunction function, MessageQueues queues, ReceivedMessage message)
    {
        try
        {
            using var scope = _services!.GetRequiredService<OperationMeter>().For();
            await function.RunAsync(message.Body, scope, CancellationToken.None);
            await queues.DeleteAsync(function.Queue, message, CancellationToken.None);
        }
        catch (RequestFailedException)
        {
            await FailAsync(function.Queue, queues, message);
        }
    }

    private static async Task FailAsync(string queue, MessageQueues queues, ReceivedMessage message)
    {
        try
        {
            if (message.DequeueCount < Settings.MaxDequeueCount)
            {
                await queues.TryHideAsync(queue, message, Settings.VisibilityTimeout, CancellationToken.None);
                return;
            }

            await queues.SendTextAsync(QueueNames.Poison(queue), message.Body, null, CancellationToken.None);
            await queues.DeleteAsync(queue, message, CancellationToken.None);
        }
        catch (RequestFailedException)
        {
            // Its lease ends, and it comes again.
        }
    }

    private async Task TickAsync(TimerFunction timer)
    {
        var life = Life;
        while (true)
        {
            await world.DelayAsync(timer.Period ?? world.Between(8, 12), life);
            try
            {
                await timer.RunAsync(CancellationToken.None);
            }
            catch (RequestFailedException)
            {
                // It is due again soon.
            }
        }
    }
}
