using Broker.Simulation.Memory;
using Broker.Storage;

namespace Broker.Simulation;

/// <summary>The simulated storage account, and the weather over it.</summary>
internal sealed class StorageAccount(World world, MemoryQueues queues, Weather weather)
{
    public MemoryTables Tables { get; } = new();

    public MemoryBlobs Blobs { get; } = new();

    /// <summary>The tables, queues and containers that were made.</summary>
    public HashSet<string> Made { get; } = new(StringComparer.Ordinal);

    public Weather Weather => weather;

    /// <summary>One process's way to it.</summary>
    public BrokerStorage Open(Life life)
    {
        var door = MakeDoor(life);
        return new BrokerStorage(new MemoryTableService(Tables, door), new MemoryBlobService(Blobs, door), new MemoryQueueService(queues, door));
    }

    /// <summary>One process's way to the one blob of a link.</summary>
    public BlobDoor OpenLink(Uri link, Life life)
    {
        var path = link.AbsolutePath[1..].Split('/', 2);
        return new BlobDoor(Blobs, MakeDoor(life), path[0], path[1]);
    }

    private FaultyDoor MakeDoor(Life life) => new(world, life, weather, Made);
}
