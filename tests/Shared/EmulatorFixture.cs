using System.Globalization;
using Broker.Cli.Stack;
using Broker.Storage;

namespace Broker.Tests;

/// <summary>The storage emulator of one test assembly: its own process on ports of its own.</summary>
public sealed class EmulatorFixture : IAsyncLifetime
{
    private static int _prefixes;
    private Emulator? _emulator;

    public string ConnectionString => _emulator!.ConnectionString;

    public async ValueTask InitializeAsync() => _emulator = await Emulator.StartAsync(new EmulatorOptions());

    public ValueTask DisposeAsync() => _emulator?.DisposeAsync() ?? ValueTask.CompletedTask;

    /// <summary>Names that no other test uses, so that tests share the emulator and nothing in it.</summary>
    public static string NextPrefix() => "t" + Interlocked.Increment(ref _prefixes).ToString("D4", CultureInfo.InvariantCulture);

    /// <summary>An empty broker's storage.</summary>
    public async Task<BrokerStorage> CreateStorageAsync()
    {
        var storage = new BrokerStorage(ConnectionString, NextPrefix());
        string[] queues = [QueueNames.MatchRounds, QueueNames.Reports];
        await storage.CreateAsync([.. queues, .. queues.Select(QueueNames.Poison)], TestContext.Current.CancellationToken);
        return storage;
    }
}
