using Broker.Simulation.Memory;

namespace Broker.Simulation;

/// <summary>Anything may go wrong at any time.</summary>
internal sealed class RandomWeather(World world, MemoryQueues queues) : Weather(world)
{
    private const int MostRemembered = 500;
    private readonly World _world = world;
    private readonly List<(string Queue, string Body)> _past = [];

    /// <summary>Whether anything goes wrong at all.</summary>
    public bool IsBad { get; set; }

    public override TimeSpan Latency() => base.Latency() * (IsBad && _world.Chance(0.01) ? 100 : 1);

    public override Fault Strike(StorageOperation operation)
    {
        if (!IsBad) return Fault.None;
        if (_world.Chance(0.0005)) return Fault.Trouble;
        if (_world.Chance(0.001)) return Fault.Stalled;
        if (operation.Changes && _world.Chance(0.005)) return Fault.AnswerLost;
        if (!operation.Sends) return Fault.None;
        return _world.Chance(0.003) ? Fault.MessageLost : _world.Chance(0.01) ? Fault.MessageLate : Fault.None;
    }

    public override void Received(string queue, string body)
    {
        if (_past.Count < MostRemembered) _past.Add((queue, body));
        else _past[_world.Random.Next(MostRemembered)] = (queue, body);
    }

    /// <summary>From time to time the whole storage account fails for a while, and messages of the past come again.</summary>
    public async Task RunAsync(Life life)
    {
        while (true)
        {
            await _world.DelayAsync(_world.Around(TimeSpan.FromSeconds(5)), life);
            if (!IsBad) continue;
            if (_world.Chance(0.1)) BeginTrouble();
            if (_past.Count == 0) continue;
            var (queue, body) = _past[_world.Random.Next(_past.Count)];
            queues.Send(queue, body, TimeSpan.Zero);
        }
    }
}
