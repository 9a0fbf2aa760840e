using Azure;
using Azure.Storage.Queues;
using Broker.Core.Ids;
using Broker.Tests;

namespace Broker.Storage.Tests;

public sealed class MessageQueuesTests(EmulatorFixture emulator)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_travels_as_plain_json()
    {
        var queues = new MessageQueues(await emulator.CreateStorageAsync());
        var heard = new List<string>();
        queues.Sent += heard.Add;
        await queues.SendAsync(QueueNames.Reports, new { Text = "ü\"'" }, null, Token);
        var message = Assert.Single(await queues.ReceiveAsync(QueueNames.Reports, 16, TimeSpan.FromSeconds(30), Token));
        Assert.Equal("""{"text":"ü\"'"}""", message.Body);
        Assert.Equal(1, message.DequeueCount);
        Assert.Equal([QueueNames.Reports], heard);
    }

    [Fact]
    public async Task A_message_that_is_shown_again_counts_and_its_old_receipt_is_worth_nothing()
    {
        var queues = new MessageQueues(await emulator.CreateStorageAsync());
        await queues.SendAsync(QueueNames.Reports, new { }, null, Token);
        var first = Assert.Single(await queues.ReceiveAsync(QueueNames.Reports, 1, TimeSpan.FromSeconds(30), Token));
        Assert.NotNull(await queues.TryHideAsync(QueueNames.Reports, first, TimeSpan.Zero, Token));
        var second = Assert.Single(await queues.ReceiveAsync(QueueNames.Reports, 1, TimeSpan.FromSeconds(30), Token));
        Assert.Equal(2, second.DequeueCount);

        Assert.Null(await queues.TryHideAsync(QueueNames.Reports, first, TimeSpan.FromSeconds(30), Token));
        await queues.DeleteAsync(QueueNames.Reports, first, Token);
        Assert.NotNull(await queues.TryHideAsync(QueueNames.Reports, second, TimeSpan.FromSeconds(30), Token));
    }

    [Fact]
    public async Task A_workers_url_receives_and_deletes_and_sends_nothing()
    {
        var queues = new MessageQueues(await emulator.CreateStorageAsync());
        var worker = WorkerId.Derive(Make.Provider, "w");
        await queues.CreateAsync(QueueNames.Attempts(worker), Token);
        await queues.SendAsync(QueueNames.Attempts(worker), new { }, null, Token);

        var own = new QueueClient(queues.Access(QueueNames.Attempts(worker), DateTimeOffset.UtcNow.AddMinutes(5)).Url, new QueueClientOptions { Retry = { MaxRetries = 0 } });
        var message = Assert.Single((await own.ReceiveMessagesAsync(Token)).Value);
        await own.DeleteMessageAsync(message.MessageId, message.PopReceipt, Token);
        var refused = await Assert.ThrowsAsync<RequestFailedException>(() => own.SendMessageAsync("{}", Token));
        Assert.Equal(403, refused.Status);
    }
}
