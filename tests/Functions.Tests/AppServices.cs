using Broker.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Broker.Functions.Tests;

/// <summary>One instance of the function app without its doors: what decides and what stores.</summary>
internal sealed class AppServices(BrokerStorage storage, TimeProvider clock) : IAsyncDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection()
        .AddLogging()
        .AddSingleton(storage)
        .AddSingleton(storage.Meter)
        .AddSingleton(clock)
        .AddSingleton(Options.Create(new BrokerSettings()))
        .AddStores()
        .AddDecisions()
        .BuildServiceProvider();

    public T Get<T>() where T : notnull => _services.GetRequiredService<T>();

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}
