using System.Collections.Immutable;
using Broker.Simulation.Memory;

namespace Broker.Simulation;

/// <summary>Runs one errand, with one fault at one of its operations.</summary>
internal sealed class ErrandTelling
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);
    private readonly World _world = new(1);
    private readonly Life _client = new();
    private readonly AimedWeather _weather;
    private readonly Errand _errand;
    private readonly Apps _apps;

    public ErrandTelling(Func<StorageAccount, Errand> errand, int point, Fault fault)
    {
        _weather = new AimedWeather(_world, point, fault);
        var account = new StorageAccount(_world, new MemoryQueues(_world), _weather);
        var app = new FunctionApp(_world, account);
        _world.Begin(() => app.KeepAsync(_world));
        _apps = new Apps(_world, [app]);
        _errand = errand(account);
    }

    public string Name => _errand.Name;

    /// <returns>The errand's operations, and how long it took.</returns>
    /// <exception cref="SimulationException">Something is not as it must be.</exception>
    public (ImmutableArray<StorageOperation> Points, double Seconds) Run()
    {
        Do(_errand.Prepare);
        _weather.IsArmed = true;
        var begun = _world.GetUtcNow();
        Do(_errand.Ask);
        var seconds = (_world.GetUtcNow() - begun).TotalSeconds;
        _weather.IsArmed = false;
        string? wrong = null;
        Do(async services => wrong = await _errand.Check(services));
        return wrong is null ? ([.. _weather.Points], seconds) : throw new SimulationException(wrong);
    }

    private void Do(Func<IServiceProvider, Task> work)
    {
        var done = false;
        _world.Begin(async () =>
        {
            await _apps.CallAsync(
                async services =>
                {
                    await work(services);
                    return true;
                },
                _client);
            done = true;
        });
        if (!_world.RunUntil(() => done, _world.GetUtcNow() + Patience)) throw new SimulationException($"not answered after {Patience}");
    }
}
