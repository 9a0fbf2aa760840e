using System.Collections.Concurrent;
using Broker.Functions.Hosting;
using Broker.Storage;
using Broker.Tests;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broker.Functions.Tests;

public sealed class QueueListenerTests(EmulatorFixture emulator)
{
    private static readonly QueueSettings Impatient = new() { VisibilityTimeout = TimeSpan.FromSeconds(1), Lease = TimeSpan.FromSeconds(2) };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_that_fails_comes_again_and_is_deleted_once_it_succeeds()
    {
        var storage = await MakeStorageAsync();
        var tries = 0;
        var queues = new MessageQueues(storage);
        await using var listening = await ListenAsync(storage, queues, _ => Interlocked.Increment(ref tries) < 3 ? throw new InvalidOperationException("test") : Task.CompletedTask);
        await queues.SendAsync(QueueNames.Reports, new { }, null, Token);
        await UntilAsync(() => Volatile.Read(ref tries) == 3);
        await Task.Delay(TimeSpan.FromSeconds(3), Token);
        Assert.Equal(3, tries);
        Assert.Empty(await queues.ReceiveAsync(QueueNames.Poison(QueueNames.Reports), 1, TimeSpan.FromSeconds(1), Token));
    }

    [Fact]
    public async Task A_message_that_always_fails_goes_to_the_poison_queue_after_five_tries()
    {
        var storage = await MakeStorageAsync();
        var tries = 0;
        var queues = new MessageQueues(storage);
        await using var listening = await ListenAsync(storage, queues, _ =>
        {
            Interlocked.Increment(ref tries);
            throw new InvalidOperationException("test");
        });
        await queues.SendAsync(QueueNames.Reports, new { Hopeless = true }, null, Token);
        ReceivedMessage? poison = null;
        await UntilAsync(async () => (poison = (await queues.ReceiveAsync(QueueNames.Poison(QueueNames.Reports), 1, TimeSpan.FromSeconds(30), Token)).SingleOrDefault()) is not null);
        Assert.Equal("""{"hopeless":true}""", poison!.Body);
        Assert.Equal(5, tries);
    }

    [Fact]
    public async Task A_message_that_takes_longer_than_its_lease_is_not_handled_twice()
    {
        var storage = await MakeStorageAsync();
        var begun = 0;
        var queues = new MessageQueues(storage);
        await using var listening = await ListenAsync(storage, queues, async _ =>
        {
            Interlocked.Increment(ref begun);
            await Task.Delay(TimeSpan.FromSeconds(6), CancellationToken.None);
        });
        await queues.SendAsync(QueueNames.Reports, new { }, null, Token);
        await Task.Delay(TimeSpan.FromSeconds(8), Token);
        Assert.Equal(1, begun);
    }

    [Fact]
    public async Task A_burst_is_handled_whole_and_never_more_at_once_than_a_batch_and_the_threshold()
    {
        var storage = await MakeStorageAsync();
        var (now, most) = (0, 0);
        var seen = new ConcurrentBag<string>();
        var queues = new MessageQueues(storage);
        await using var listening = await ListenAsync(storage, queues, async body =>
        {
            var running = Interlocked.Increment(ref now);
            lock (seen) most = Math.Max(most, running);
            await Task.Delay(50, CancellationToken.None);
            seen.Add(body);
            Interlocked.Decrement(ref now);
        });
        await Task.WhenAll(Enumerable.Range(0, 80).Select(i => queues.SendAsync(QueueNames.Reports, i, null, Token)));
        await UntilAsync(() => seen.Count >= 80);
        Assert.Equal(80, seen.Distinct().Count());
        Assert.InRange(most, 2, Impatient.BatchSize + Impatient.NewBatchThreshold);
    }

    private async Task<BrokerStorage> MakeStorageAsync()
    {
        var storage = new BrokerStorage(emulator.ConnectionString, EmulatorFixture.NextPrefix());
        await storage.CreateAsync(FunctionTable.QueueNamesToCreate, Token);
        return storage;
    }

    private static async Task<IAsyncDisposable> ListenAsync(BrokerStorage storage, MessageQueues queues, Func<string, Task> handle)
    {
        var function = new QueueFunction("Test", QueueNames.Reports, (body, _, _) => handle(body));
        var listener = new QueueListener(function, Impatient, queues, storage.Meter, NullLogger.Instance);
        await listener.StartAsync(Token);
        return new Stop(listener);
    }

    private static Task UntilAsync(Func<bool> holds) => UntilAsync(() => Task.FromResult(holds()));

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        for (var i = 0; i < 600; i++)
        {
            if (await holds()) return;
            await Task.Delay(50, Token);
        }

        Assert.Fail("it did not happen within 30 s");
    }

    private sealed class Stop(QueueListener listener) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await listener.StopAsync(CancellationToken.None);
            listener.Dispose();
        }
    }
}
