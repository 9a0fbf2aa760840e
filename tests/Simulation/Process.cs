namespace Broker.Simulation;

/// <summary>One life of a process, from its start to its death.</summary>
internal sealed class Life
{
    private readonly TaskCompletionSource _died = new();

    public bool IsAlive => !_died.Task.IsCompleted;

    public Task Died => _died.Task;

    public void End() => _died.TrySetResult();
}

/// <summary>A program that runs, dies at any moment, and is started again.</summary>
internal abstract class Process
{
    public Life Life { get; private set; } = new();

    public int Deaths { get; private set; }

    /// <summary>How long it stays dead the next time.</summary>
    public TimeSpan Downtime { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Starts it, and starts it again whenever it has died.</summary>
    public async Task KeepAsync(World world)
    {
        var keeper = new Life();
        while (true)
        {
            Life = new Life();
            Start();
            await Life.Died;
            Deaths++;
            await world.DelayAsync(Downtime, keeper);
        }
    }

    /// <summary>Begins a new life; nothing of an earlier one is remembered.</summary>
    protected abstract void Start();
}
