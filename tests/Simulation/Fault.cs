using Broker.Simulation.Memory;

namespace Broker.Simulation;

/// <summary>What goes wrong with one storage operation.</summary>
public enum Fault
{
    None,

    /// <summary>The storage answers 503, this operation and all others for two seconds.</summary>
    Trouble,

    /// <summary>It is done, and the answer is lost: the SDK asks again.</summary>
    AnswerLost,

    /// <summary>It is done, and its process is told a minute later: it was frozen meanwhile, or the line was.</summary>
    Stalled,

    /// <summary>It is done, and the process that asked for it dies.</summary>
    Death,

    /// <summary>The message is never seen by anybody.</summary>
    MessageLost,

    /// <summary>The message is seen minutes later.</summary>
    MessageLate,

    /// <summary>The message is sent twice.</summary>
    MessageDoubled,
}

/// <summary>Decides what goes wrong.</summary>
internal abstract class Weather(World world)
{
    private static readonly TimeSpan Outage = TimeSpan.FromSeconds(2);
    private DateTimeOffset _troubleUntil;

    public bool IsTrouble => world.GetUtcNow() < _troubleUntil;

    /// <summary>What goes wrong with an operation that is about to happen.</summary>
    public abstract Fault Strike(StorageOperation operation);

    public virtual TimeSpan Latency() => world.Between(0.0005, 0.006);

    /// <summary>Told of every message that was received.</summary>
    public virtual void Received(string queue, string body)
    {
    }

    protected void BeginTrouble() => _troubleUntil = world.GetUtcNow() + Outage;
}
