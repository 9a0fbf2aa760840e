using Broker.Functions;
using Broker.Functions.Hosting;
using Broker.Host.Tests.Hosting;
using Broker.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broker.Host.Tests;

/// <summary>Who listens to the queue of a function.</summary>
public enum TriggerMode
{
    /// <summary>The program itself.</summary>
    SelfHosted,

    /// <summary>The Functions host, which calls the program.</summary>
    CustomHandler,
}

/// <summary>Starts one function in either way.</summary>
internal static class TriggerModes
{
    public static async Task<IAsyncDisposable> ListenAsync(QueueOptions options, BrokerStorage storage, QueueFunction function)
    {
        var settings = new QueueSettings
        {
            BatchSize = options.BatchSize,
            NewBatchThreshold = options.NewBatchThreshold,
            MaxDequeueCount = options.MaxDequeueCount,
            VisibilityTimeout = options.VisibilityTimeout,
            MaxPollingInterval = options.MaxPollingInterval,
        };
        var listener = new QueueListener(function, settings, new MessageQueues(storage), storage.Meter, NullLogger.Instance);
        await listener.StartAsync(CancellationToken.None);
        return new Running(async () =>
        {
            await listener.StopAsync(CancellationToken.None);
            listener.Dispose();
        });
    }

    public static async Task<IAsyncDisposable> HostAsync(ScriptRoot root, string connection, string prefix, QueueFunction function)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        CustomHandler.Map(app, new FunctionTable([function], []), new OperationMeter());
        app.Urls.Add("http://127.0.0.1:0");
        await app.StartAsync();
        var http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        var alone = root with { Functions = [.. root.Functions.Where(known => known.Name == function.Name || known.Type == "httpTrigger")] };
        var host = new FunctionsHost(alone, http, Task.CompletedTask, _ => connection, new HostOptions { Prefix = prefix });
        return new Running(async () =>
        {
            await host.DisposeAsync();
            http.Dispose();
            await app.DisposeAsync();
            Assert.Empty(host.Calls.Complaints);
        });
    }

    private sealed class Running(Func<Task> stop) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await stop();
    }
}
