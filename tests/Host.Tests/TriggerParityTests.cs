using System.Collections.Concurrent;
using System.Diagnostics;
using Azure;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using Broker.Functions;
using Broker.Host.Tests.Hosting;
using Broker.Storage;
using Broker.Tests;

namespace Broker.Host.Tests;

/// <summary>The two ways to host the same function do the same to its messages.</summary>
public sealed class TriggerParityTests(EmulatorFixture emulator)
{
    private const string Body = """{"anything":1}""";
    private static readonly TimeSpan Visibility = TimeSpan.FromSeconds(1);

    /// <summary>What a try throws, by its number; how often the message was received before by processes that died; what follows.</summary>
    private static readonly Dictionary<string, (Func<int, Exception?> Throws, int Before, int Tries, bool IsPoisoned)> Cases = new()
    {
        ["succeeds"] = (_ => null, 0, 1, false),
        ["throws once"] = (number => number == 1 ? new InvalidOperationException("test") : null, 0, 2, false),
        ["always throws"] = (_ => new InvalidOperationException("test"), 0, 5, true),
        ["meets trouble twice"] = (number => number <= 2 ? new RequestFailedException(503, "test") : null, 0, 3, false),
        ["meets lasting trouble"] = (_ => new RequestFailedException(503, "test"), 0, 5, true),
        ["killed four processes, then succeeds"] = (_ => null, 4, 1, false),
        ["killed four processes, then throws"] = (_ => new InvalidOperationException("test"), 4, 1, true),
        ["killed five processes"] = (_ => null, 5, 0, true),
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Names => [.. Cases.Keys];

    public static TheoryData<TriggerMode> Modes => [.. Enum.GetValues<TriggerMode>()];

    [Theory]
    [MemberData(nameof(Names))]
    public Task A_message_is_tried_repeated_and_put_aside_alike(string name) =>
        Task.WhenAll(Enum.GetValues<TriggerMode>().Select(mode => CheckAsync(mode, name)));

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_backlog_is_taken_batch_by_batch_alike(TriggerMode mode)
    {
        var (queue, _, prefix) = await MakeQueuesAsync();
        for (var i = 0; i < 40; i++) await queue.SendMessageAsync(Body, Token);
        var (running, handled) = (0, 0);
        using var gate = new SemaphoreSlim(0);
        await using var listening = await ListenAsync(mode, prefix, async _ =>
        {
            Interlocked.Increment(ref running);
            await gate.WaitAsync(Token);
            Interlocked.Decrement(ref running);
            Interlocked.Increment(ref handled);
        });

        await StaysAsync(16, "a batch");
        gate.Release(7);
        await StaysAsync(9, "what is left of it, which is above the threshold");
        gate.Release(1);
        await StaysAsync(24, "the threshold, and another batch");
        gate.Release(32);
        await UntilAsync(() => Task.FromResult(Volatile.Read(ref handled) == 40), "everything is handled");

        async Task StaysAsync(int expected, string what)
        {
            await UntilAsync(() => Task.FromResult(Volatile.Read(ref running) == expected), $"{expected} run: {what}");
            await Task.Delay(TimeSpan.FromSeconds(1.5), Token);
            Assert.Equal(expected, Volatile.Read(ref running));
        }
    }

    private async Task CheckAsync(TriggerMode mode, string name)
    {
        var (throws, before, tries, isPoisoned) = Cases[name];
        var (queue, poison, prefix) = await MakeQueuesAsync();
        var sent = (await queue.SendMessageAsync(Body, Token)).Value;
        for (var i = 0; i < before; i++) await ReceiveAndDieAsync(queue);

        var bodies = new ConcurrentQueue<string>();
        var times = new ConcurrentQueue<TimeSpan>();
        var clock = Stopwatch.StartNew();
        await using (await ListenAsync(mode, prefix, body =>
        {
            bodies.Enqueue(body);
            times.Enqueue(clock.Elapsed);
            return throws(times.Count) is { } thrown ? Task.FromException(thrown) : Task.CompletedTask;
        }))
        {
            await UntilAsync(async () => (await queue.GetPropertiesAsync(Token)).Value.ApproximateMessagesCount == 0, $"{mode}: the message is gone");
        }

        Assert.Equal((mode, tries), (mode, times.Count));
        Assert.All(bodies, body => Assert.Equal(Body, body));
        Assert.All(times.Zip(times.Skip(1)), pair => Assert.InRange(pair.Second - pair.First, Visibility, Visibility * 10));

        // A message of its own, that says no more than the first did.
        var aside = (await poison.ReceiveMessagesAsync(32, TimeSpan.FromMinutes(1), Token)).Value;
        (TriggerMode, string, long)[] expected = isPoisoned ? [(mode, Body, 1)] : [];
        Assert.Equal(expected, aside.Select(message => (mode, message.Body.ToString(), message.DequeueCount)));
        Assert.DoesNotContain(sent.MessageId, aside.Select(message => message.MessageId));
    }

    private async Task<(QueueClient Queue, QueueClient Poison, string Prefix)> MakeQueuesAsync()
    {
        var prefix = EmulatorFixture.NextPrefix();
        await new BrokerStorage(emulator.ConnectionString, prefix).CreateAsync(FunctionTable.QueueNamesToCreate, Token);
        return (Queue(QueueNames.Reports), Queue(QueueNames.Poison(QueueNames.Reports)), prefix);

        QueueClient Queue(string name) => new(emulator.ConnectionString, prefix + name);
    }

    private static async Task ReceiveAndDieAsync(QueueClient queue)
    {
        QueueMessage message = (await queue.ReceiveMessageAsync(TimeSpan.FromSeconds(30), Token)).Value;
        await queue.UpdateMessageAsync(message.MessageId, message.PopReceipt, message.Body, TimeSpan.Zero, Token);
    }

    private Task<IAsyncDisposable> ListenAsync(TriggerMode mode, string prefix, Func<string, Task> handle)
    {
        var root = ScriptRoot.Read(AppContext.BaseDirectory);
        root = root with { Queues = root.Queues with { VisibilityTimeout = Visibility } };
        var function = new QueueFunction("HandleReport", QueueNames.Reports, (body, _, _) => handle(body));
        return mode == TriggerMode.SelfHosted
            ? TriggerModes.ListenAsync(root.Queues, new BrokerStorage(emulator.ConnectionString, prefix), function)
            : TriggerModes.HostAsync(root, emulator.ConnectionString, prefix, function);
    }

    private static async Task UntilAsync(Func<Task<bool>> holds, string what)
    {
        for (var clock = Stopwatch.StartNew(); !await holds(); await Task.Delay(20, Token))
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(60), $"not after a minute: {what}");
    }
}
