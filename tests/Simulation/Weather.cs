using Broker.Simulation.Memory;

namespace Broker.Simulation;

/// <summary>How much goes wrong.</summary>
internal sealed class Weather(World world, MemoryQueues queues)
{
    private const int MostRemembered = 500;
    private static readonly TimeSpan Outage = TimeSpan.FromSeconds(2);
    private readonly List<(string Queue, string Body)> _seen = [];
    private DateTimeOffset _troubleUntil;

    /// <summary>Whether anything goes wrong at all.</summary>
    public bool IsBad { get; set; }

    public TimeSpan Latency() => world.Between(0.0005, 0.006) * (IsBad && world.Chance(0.01) ? 100 : 1);

    public bool IsTrouble() => IsBad && (world.GetUtcNow() < _troubleUntil || world.Chance(0.0005));

    public bool IsAnswerLost() => IsBad && world.Chance(0.005);

    /// <summary>From time to time the whole storage account fails for a while, or a message of the past comes again.</summary>
    public async Task RunAsync(Life life)
    {
        while (true)
        {
            await world.DelayAsync(world.Around(TimeSpan.FromSeconds(5)), life);
            if (!IsBad) continue;
            if (world.Chance(0.1)) _troubleUntil = world.GetUtcNow() + Outage;
            if (_seen.Count == 0) continue;
            var (queue, body) = _seen[world.Random.Next(_seen.Count)];
            queues.Send(queue, body, TimeSpan.Zero);
        }
    }

    /// <summary>Some messages are late, some never arrive.</summary>
    public void Disturb(MemoryMessage sent)
    {
        if (!IsBad) return;
        if (world.Chance(0.003)) sent.VisibleAt = DateTimeOffset.MaxValue;
        else if (world.Chance(0.01)) sent.VisibleAt += world.Between(0, world.Chance(0.1) ? 600 : 20);
    }

    /// <summary>Remembers a message that was received, for it to come again one day.</summary>
    public void Remember(string queue, string body)
    {
        if (_seen.Count < MostRemembered) _seen.Add((queue, body));
        else _seen[world.Random.Next(MostRemembered)] = (queue, body);
    }
}
