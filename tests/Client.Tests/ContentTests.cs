using System.Net;
using System.Text;
using Broker.Core.Api;
using Broker.Core.Ids;

namespace Broker.Client.Tests;

public class ContentTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Content_is_there_or_not_and_trouble_is_neither()
    {
        var hash = ContentHash.Of("abc"u8);
        var handler = new ScriptedHandler()
            .ThenDocument(new ContentView(hash, 3))
            .ThenDocument(new Problem("urn:broker:problem:not-found", "No such content", 404), HttpStatusCode.NotFound)
            .ThenDocument(new Problem("urn:broker:problem:internal", "The broker made a mistake", 500), HttpStatusCode.InternalServerError);
        using var client = handler.CreateClient();
        Assert.True(await client.HasContentAsync(hash, Cancellation));
        Assert.False(await client.HasContentAsync(hash, Cancellation));
        await Assert.ThrowsAsync<BrokerException>(() => client.HasContentAsync(hash, Cancellation));
        Assert.Equal($"/api/content/{hash.Hex}", handler.Sent[0].Path);
    }

    [Fact]
    public async Task An_upload_that_breaks_off_is_sent_again_from_where_the_stream_stood()
    {
        var hash = ContentHash.Of("data"u8);
        var handler = new ScriptedHandler()
            .Then(HttpStatusCode.BadGateway)
            .ThenDocument(new ContentView(hash, 4), HttpStatusCode.Created);
        using var client = handler.CreateClient();
        using var stream = new MemoryStream("head and data"u8.ToArray());
        stream.Position = 9;
        var view = await client.UploadContentAsync(hash, stream, 4, cancellation: Cancellation);
        Assert.Equal(hash, view.Hash);
        Assert.All(handler.Sent, sent => Assert.Equal("data"u8.ToArray(), sent.Body));
        Assert.All(handler.Sent, sent => Assert.Equal(4, sent.ContentLength));
        Assert.True(stream.CanRead);
    }

    [Fact]
    public async Task Large_content_goes_to_the_storage_in_blocks_without_the_key()
    {
        var length = BrokerClient.LargestRequestBytes + 1;
        var blocks = (int)((length + (16 << 20) - 1) / (16 << 20));
        var hash = ContentHash.Parse(new string('a', 64));
        var handler = new ScriptedHandler()
            .ThenDocument(new StagingTicket("t1", new Uri("http://storage.test/staging/t1?sig=s"), DateTimeOffset.MaxValue));
        for (var i = 0; i < blocks + 1; i++) handler.Then(HttpStatusCode.Created);
        handler.ThenDocument(new ContentView(hash, length));
        using var client = handler.CreateClient();
        using var stream = new MemoryStream(new byte[length]);
        await client.UploadContentAsync(hash, stream, length, cancellation: Cancellation);

        var toStorage = handler.Sent[1..^1];
        Assert.All(toStorage, sent => Assert.Null(sent.Authorization));
        Assert.All(toStorage, sent => Assert.StartsWith("/staging/t1?sig=s&comp=block", sent.Path, StringComparison.Ordinal));
        Assert.Equal(length, toStorage[..^1].Sum(sent => (long)sent.Body.Length));
        Assert.Equal(blocks, Encoding.UTF8.GetString(toStorage[^1].Body).Split("<Latest>").Length - 1);
        Assert.Equal($"/api/content/{hash.Hex}/from-staging/t1", handler.Sent[^1].Path);
    }
}
