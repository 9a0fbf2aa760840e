using System.Diagnostics;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Azure.Storage.Queues;

namespace Broker.Bench.Overhead;

/// <summary>What the storage emulator takes for each kind of operation, one at a time and nothing beside it.</summary>
internal static class EmulatorFloor
{
    private const string Partition = "floor";

    /// <returns>The median in milliseconds, by the names that the broker's meter has.</returns>
    public static async Task<IReadOnlyDictionary<string, double>> MeasureAsync(string connection, int repeats, CancellationToken cancellation)
    {
        var table = new TableClient(connection, "floor");
        var queue = new QueueClient(connection, "floor", new QueueClientOptions { MessageEncoding = QueueMessageEncoding.None });
        var blobs = new BlobContainerClient(connection, "floor");
        await table.CreateIfNotExistsAsync(cancellation);
        await queue.CreateIfNotExistsAsync(cancellationToken: cancellation);
        await blobs.CreateIfNotExistsAsync(cancellationToken: cancellation);
        var text = new string('x', 1000);
        var bytes = new byte[4096];
        var received = new Queue<(string Id, string Receipt)>();
        return new Dictionary<string, double>
        {
            ["table.insert"] = await MedianAsync(i => table.AddEntityAsync(Row($"a{i}"), cancellation)),
            ["table.write"] = await MedianAsync(i => table.UpsertEntityAsync(Row($"a{i}"), TableUpdateMode.Replace, cancellation)),
            ["table.read"] = await MedianAsync(i => table.GetEntityIfExistsAsync<TableEntity>(Partition, $"a{i}", cancellationToken: cancellation)),
            ["table.query"] = await MedianAsync(i => QueryAsync(table, i, cancellation)),
            ["table.transaction"] = await MedianAsync(i => table.SubmitTransactionAsync(
                [Add($"t{i}a"), Add($"t{i}b"), new(TableTransactionActionType.UpsertReplace, Row($"a{i}"))], cancellation)),
            ["table.delete"] = await MedianAsync(i => table.DeleteEntityAsync(Partition, $"a{i}", cancellationToken: cancellation)),
            ["queue.send"] = await MedianAsync(_ => queue.SendMessageAsync(text, cancellation)),
            ["queue.receive"] = await MedianAsync(async _ =>
            {
                var message = (await queue.ReceiveMessageAsync(TimeSpan.FromMinutes(10), cancellation)).Value;
                received.Enqueue((message.MessageId, message.PopReceipt));
            }),
            ["queue.write"] = await MedianAsync(async _ =>
            {
                var (id, receipt) = received.Dequeue();
                received.Enqueue((id, (await queue.UpdateMessageAsync(id, receipt, text, TimeSpan.FromMinutes(10), cancellation)).Value.PopReceipt));
            }),
            ["queue.delete"] = await MedianAsync(_ =>
            {
                var (id, receipt) = received.Dequeue();
                return queue.DeleteMessageAsync(id, receipt, cancellation);
            }),
            ["blob.write"] = await MedianAsync(i => blobs.GetBlobClient($"b{i}").UploadAsync(new BinaryData(bytes), cancellation)),
            ["blob.read"] = await MedianAsync(i => blobs.GetBlobClient($"b{i}").DownloadContentAsync(cancellation)),
        };

        TableTransactionAction Add(string key) => new(TableTransactionActionType.Add, Row(key));

        TableEntity Row(string key) => new(Partition, key) { ["data"] = text };

        async Task<double> MedianAsync(Func<int, Task> operation)
        {
            var times = new double[repeats];
            for (var i = 0; i < repeats; i++)
            {
                var begun = Stopwatch.GetTimestamp();
                await operation(i);
                times[i] = Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
            }

            Array.Sort(times);
            return times[repeats / 2];
        }
    }

    private static async Task QueryAsync(TableClient table, int i, CancellationToken cancellation)
    {
        var filter = $"PartitionKey eq '{Partition}' and RowKey ge 'a{i}' and RowKey le 'a{i}'";
        await foreach (var _ in table.QueryAsync<TableEntity>(filter, cancellationToken: cancellation))
        {
            // The page is what takes the time.
        }
    }
}
