using Broker.Simulation.Memory;

namespace Broker.Simulation;

/// <summary>One thing goes wrong, at one operation of a story.</summary>
/// <param name="world">The world.</param>
/// <param name="point">Which of the story's changing operations, from 0; none where it is negative.</param>
/// <param name="fault">What goes wrong with it.</param>
internal sealed class AimedWeather(World world, int point, Fault fault) : Weather(world)
{
    private readonly List<StorageOperation> _points = [];

    /// <summary>Whether the story has begun: what was before is not part of it.</summary>
    public bool IsArmed { get; set; }

    /// <summary>The story's changing operations so far.</summary>
    public IReadOnlyList<StorageOperation> Points => _points;

    public override Fault Strike(StorageOperation operation)
    {
        // Signs of life come with time, whatever happens.
        if (!IsArmed || !operation.Changes || operation.Name is "workers write pulse" or "directory write verifier") return Fault.None;
        _points.Add(operation);
        if (_points.Count - 1 != point) return Fault.None;
        if (fault == Fault.Trouble) BeginTrouble();
        return fault;
    }
}
