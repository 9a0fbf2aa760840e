namespace Broker.Simulation;

/// <summary>The instances of the function app, as their callers see them: any of them answers, or none.</summary>
internal sealed class Apps(World world, IReadOnlyList<FunctionApp> apps)
{
    /// <summary>Calls one of the living, until a call comes back.</summary>
    public async Task<T> CallAsync<T>(Func<IServiceProvider, Task<T>> handle, Life caller)
    {
        while (true)
        {
            try
            {
                return await TryCallAsync(handle);
            }
            catch (Exception e) when (e is ConnectionLostException or Azure.RequestFailedException)
            {
                await world.DelayAsync(world.Between(0.5, 3), caller);
            }
        }
    }

    public Task<T> TryCallAsync<T>(Func<IServiceProvider, Task<T>> handle)
    {
        var alive = apps.Where(app => app.IsAlive).ToList();
        return alive.Count == 0 ? throw new ConnectionLostException() : alive[world.Random.Next(alive.Count)].CallAsync(handle);
    }
}
