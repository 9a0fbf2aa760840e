using System.Runtime.ExceptionServices;

namespace Broker.Simulation;

/// <summary>Time, chance and the order of everything in one simulation: one thread, one seed, one outcome.</summary>
/// <remarks>
/// Whatever awaits in here goes on on the thread that runs the world, when the world says so: storage answers, pauses and
/// network calls are events, and what is posted runs before the next event.
/// </remarks>
internal sealed class World(int seed) : TimeProvider
{
    private readonly PriorityQueue<Action, (long Ticks, long Order)> _events = new();
    private readonly Queue<Action> _ready = new();
    private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private long _order;
    private ulong _trace = 14695981039346656037;

    public Random Random { get; } = new(seed);

    /// <summary>A digest of all that happened, in order.</summary>
    public ulong Trace => _trace;

    public long Steps { get; private set; }

    public override DateTimeOffset GetUtcNow() => _now;

    public bool Chance(double probability) => Random.NextDouble() < probability;

    /// <summary>A time of exponential distribution.</summary>
    public TimeSpan Around(TimeSpan mean) => mean * -Math.Log(1 - Random.NextDouble());

    public TimeSpan Between(double least, double most) => TimeSpan.FromSeconds(least + (Random.NextDouble() * (most - least)));

    public void After(TimeSpan delay, Action action) => _events.Enqueue(action, ((_now + delay).UtcTicks, _order++));

    /// <summary>A pause of a process; it never ends for one that died meanwhile.</summary>
    public Task DelayAsync(TimeSpan delay, Life life)
    {
        var over = new TaskCompletionSource();
        After(delay, () =>
        {
            if (life.IsAlive) over.SetResult();
        });
        return over.Task;
    }

    /// <summary>Notes that something happened.</summary>
    public void Note(string what)
    {
        Steps++;
        foreach (var part in what) _trace = (_trace ^ part) * 1099511628211;
        _trace = (_trace ^ (ulong)_now.UtcTicks) * 1099511628211;
    }

    /// <summary>Begins work that goes on by itself. An exception that nobody catches in there ends the simulation.</summary>
    public void Begin(Func<Task> work) => _ready.Enqueue(() => work().ContinueWith(
        failed => _ready.Enqueue(ExceptionDispatchInfo.Capture(failed.Exception!.InnerException!).Throw),
        CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default));

    /// <summary>Lets time pass until something is so.</summary>
    /// <returns>Whether it came to be so before the limit.</returns>
    public bool RunUntil(Func<bool> done, DateTimeOffset limit)
    {
        var outside = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(new Context(this));
        try
        {
            RunReady();
            while (!done())
            {
                if (!_events.TryPeek(out var next, out var at) || at.Ticks > limit.UtcTicks) return false;
                _events.Dequeue();
                _now = new DateTimeOffset(at.Ticks, TimeSpan.Zero);
                next();
                RunReady();
            }

            return true;
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outside);
        }
    }

    private void RunReady()
    {
        while (_ready.TryDequeue(out var ready)) ready();
    }

    private sealed class Context(World world) : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state) => world._ready.Enqueue(() => d(state));

        public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException();
    }
}
