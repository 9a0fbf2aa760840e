using Azure.Storage.Blobs;
using Broker.Simulation.Memory;
using Broker.Storage;

namespace Broker.Simulation;

/// <summary>The simulated storage account, and the weather over it.</summary>
internal sealed class StorageAccount(World world, MemoryQueues queues, Weather weather)
{
    public MemoryTables Tables { get; } = new();

    public Weather Weather => weather;

    /// <summary>One process's way to it.</summary>
    public BrokerStorage Open(Life life)
    {
        var door = new FaultyDoor(world, life, weather);
        return new BrokerStorage(
            new MemoryTableService(Tables, door), new BlobServiceClient(new Uri("http://127.0.0.1/none")), new MemoryQueueService(queues, door));
    }
}
