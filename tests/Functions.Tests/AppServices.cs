using Broker.Core.Api;
using Broker.Storage;
using Broker.Tests;
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

    /// <summary>The worker of <see cref="Make.Offer"/>.</summary>
    public static Principal Worker { get; } = new(Make.Provider, [Role.Worker], Make.Offer().Worker, Make.PublicKey);

    public T Get<T>() where T : notnull => _services.GetRequiredService<T>();

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}
