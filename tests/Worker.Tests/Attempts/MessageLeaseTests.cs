using Broker.Storage.Worker;
using Broker.Worker.Attempts;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Broker.Worker.Tests.Attempts;

public sealed class MessageLeaseTests : IDisposable
{
    private readonly FakeStorage _storage = new();
    private readonly FakeTimeProvider _clock = new();
    private readonly HttpClient _http;
    private readonly AttemptMessages _messages;

    public MessageLeaseTests()
    {
        _http = new HttpClient(_storage);
        _messages = new AttemptMessages(_http, FakeStorage.QueueUrl);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task It_is_renewed_until_it_ends_and_deletes_with_the_last_receipt()
    {
        var lease = await HoldAsync();
        using var ended = new CancellationTokenSource();
        var keeping = lease.KeepAsync(ended.Token);
        for (var renewals = 1; renewals <= 3; renewals++) await AdvanceUntilAsync(() => _storage.Renewals >= renewals);
        await ended.CancelAsync();
        Assert.False(await keeping);
        await lease.DeleteAsync();
        Assert.Equal(0, _storage.MessageCount);
    }

    [Fact]
    public async Task It_is_lost_when_the_message_is_gone()
    {
        var lease = await HoldAsync();
        var keeping = lease.KeepAsync(Cancellation);
        _storage.RemoveAllMessages();
        await AdvanceUntilAsync(() => keeping.IsCompleted);
        Assert.True(await keeping);
    }

    private async Task<MessageLease> HoldAsync()
    {
        _storage.Send("body");
        var message = Assert.Single(await _messages.ReceiveAsync(1, MessageLease.Visibility, Cancellation));
        return new MessageLease(_messages, message, _clock, NullLogger.Instance);
    }

    private Task AdvanceUntilAsync(Func<bool> condition) => Eventually.TrueAsync(() =>
    {
        if (condition()) return true;
        _clock.Advance(MessageLease.Visibility / 3);
        return false;
    });
}
