using Broker.Core.Ids;
using Broker.Worker.Attempts;

namespace Broker.Worker.Tests.Attempts;

public sealed class ContentCacheTests : IDisposable
{
    private readonly ContentCache _cache = new(mostBytes: 10);
    private int _fetches;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _cache.Dispose();

    [Fact]
    public async Task What_is_here_is_not_fetched_again()
    {
        Assert.Equal("one", await ReadAsync("one"));
        Assert.Equal("one", await ReadAsync("one"));
        Assert.Equal(1, _fetches);
    }

    [Fact]
    public async Task What_was_not_used_for_longest_makes_room()
    {
        await ReadAsync("1111");
        await ReadAsync("2222");
        await ReadAsync("1111");
        await ReadAsync("3333");
        Assert.Equal(3, _fetches);
        await ReadAsync("1111");
        Assert.Equal(3, _fetches);
        await ReadAsync("2222");
        Assert.Equal(4, _fetches);
    }

    [Fact]
    public async Task Content_larger_than_the_cache_is_still_read()
    {
        var text = new string('x', 100);
        Assert.Equal(text, await ReadAsync(text));
    }

    [Fact]
    public async Task Content_that_arrives_changed_is_refused_and_asked_for_again()
    {
        await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync("right", "wrong"));
        Assert.Equal("right", await ReadAsync("right"));
        Assert.Equal(2, _fetches);
    }

    [Fact]
    public async Task Two_that_want_the_same_fetch_it_once()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => ReadAsync("same")));
        Assert.Equal(1, _fetches);
    }

    [Fact]
    public async Task What_is_held_stays_until_it_is_let_go()
    {
        var held = await HoldAsync("1111");
        using var heldToo = await HoldAsync("2222");
        await ReadAsync("3333");
        await ReadAsync("4444");
        Assert.Equal("1111", await File.ReadAllTextAsync(held.Path, Cancellation));
        Assert.Equal("2222", await File.ReadAllTextAsync(heldToo.Path, Cancellation));
        Assert.Equal("1111", await ReadAsync("1111"));
        Assert.Equal(4, _fetches);
        held.Dispose();
        await ReadAsync("4444");
        await ReadAsync("5555");
        Assert.False(File.Exists(held.Path));
        Assert.True(File.Exists(heldToo.Path));
    }

    [Fact]
    public async Task What_arrives_changed_cannot_be_held()
    {
        await Assert.ThrowsAsync<InvalidDataException>(() => HoldAsync("right", "wrong"));
        using var held = await HoldAsync("right");
        Assert.Equal("right", await File.ReadAllTextAsync(held.Path, Cancellation));
    }

    private Task<HeldContent> HoldAsync(string text, string? arriving = null) => _cache.HoldAsync(
        ContentHash.Of(System.Text.Encoding.UTF8.GetBytes(text)),
        async (destination, cancellation) =>
        {
            Interlocked.Increment(ref _fetches);
            await destination.WriteAsync(System.Text.Encoding.UTF8.GetBytes(arriving ?? text), cancellation);
        },
        Cancellation);

    private async Task<string> ReadAsync(string text, string? arriving = null)
    {
        await using var stream = await _cache.OpenAsync(
            ContentHash.Of(System.Text.Encoding.UTF8.GetBytes(text)),
            async (destination, cancellation) =>
            {
                Interlocked.Increment(ref _fetches);
                await Task.Delay(10, cancellation);
                await destination.WriteAsync(System.Text.Encoding.UTF8.GetBytes(arriving ?? text), cancellation);
            },
            Cancellation);
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync(Cancellation);
    }
}
