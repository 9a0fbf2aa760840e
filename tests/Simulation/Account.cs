using Azure.Storage.Blobs;
using Broker.Simulation.Memory;
using Broker.Storage;

namespace Broker.Simulation;

/// <summary>The simulated storage account, and the weather over it.</summary>
internal sealed class Account(World world)
{
    public MemoryTables Tables { get; } = new();

    public MemoryQueues Queues { get; } = new(world);

    public Weather Weather => field ??= new Weather(world, Queues);

    /// <summary>One process's way to it.</summary>
    public BrokerStorage Open(Door door) => new(
        new MemoryTableService(Tables, door), new BlobServiceClient(new Uri("http://127.0.0.1/none")), new MemoryQueueService(Queues, door));

    public BrokerStorage Open(Life life) => Open(new FaultyDoor(world, life, Weather));
}
