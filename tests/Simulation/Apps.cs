using Azure;

namespace Broker.Simulation;

/// <summary>The instances of the function app, as their callers see them: any of them answers, or none.</summary>
internal sealed class Apps(World world, IReadOnlyList<FunctionApp> apps)
{
    /// <summary>Calls one of the living, until a call comes back.</summary>
    /// <param name="handle">What the app does.</param>
    /// <param name="caller">Who calls: an answer to a process that has died meanwhile reaches nobody.</param>
    public async Task<T> CallAsync<T>(Func<IServiceProvider, Task<T>> handle, Life caller)
    {
        while (true)
        {
            try
            {
                return await TryCallAsync(handle, caller);
            }
            catch (Exception e) when (e is ConnectionLostException or RequestFailedException)
            {
                await world.DelayAsync(world.Between(0.5, 3), caller);
            }
        }
    }

    /// <summary>Calls one of the living.</summary>
    /// <exception cref="ConnectionLostException">It died, or none lives.</exception>
    public async Task<T> TryCallAsync<T>(Func<IServiceProvider, Task<T>> handle, Life caller)
    {
        try
        {
            var alive = apps.Where(app => app.IsAlive).ToList();
            if (alive.Count == 0) throw new ConnectionLostException();
            return await alive[world.Random.Next(alive.Count)].CallAsync(handle);
        }
        finally
        {
            if (!caller.IsAlive) await new TaskCompletionSource().Task;
        }
    }
}
