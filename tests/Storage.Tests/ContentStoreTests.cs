using System.Text;
using Broker.Core.Ids;
using Broker.Tests;

namespace Broker.Storage.Tests;

public sealed class ContentStoreTests(EmulatorFixture emulator)
{
    private static readonly byte[] Bytes = Encoding.UTF8.GetBytes("a program");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Content_reads_back_and_belongs_to_who_uploaded_it()
    {
        var content = new ContentStore(await emulator.CreateStorageAsync());
        var hash = ContentHash.Of(Bytes);
        await content.PutAsync(Make.Submitter, hash, BinaryData.FromBytes(Bytes), Token);
        Assert.Equal(Bytes, (await content.ReadAsync(hash, Token)).ToArray());
        Assert.Equal(Bytes.Length, await content.FindBytesAsync(Make.Submitter, hash, Token));
        Assert.Null(await content.FindBytesAsync(Make.Provider, hash, Token));

        await content.PutAsync(Make.Provider, hash, BinaryData.FromBytes(Bytes), Token);
        Assert.Equal(Bytes.Length, await content.FindBytesAsync(Make.Provider, hash, Token));
    }

    [Fact]
    public async Task A_read_url_reads_this_content_and_writes_nothing()
    {
        var content = new ContentStore(await emulator.CreateStorageAsync());
        var hash = ContentHash.Of(Bytes);
        await content.PutAsync(Make.Submitter, hash, BinaryData.FromBytes(Bytes), Token);
        using var http = new HttpClient();
        var url = content.ReadUrl(hash, DateTimeOffset.UtcNow.AddMinutes(5));
        Assert.Equal(Bytes, await http.GetByteArrayAsync(url, Token));
        using var put = new HttpRequestMessage(HttpMethod.Put, url) { Content = new ByteArrayContent([1]) };
        put.Headers.Add("x-ms-blob-type", "BlockBlob");
        Assert.False((await http.SendAsync(put, Token)).IsSuccessStatusCode);
    }

    [Fact]
    public async Task A_staged_upload_becomes_content_only_under_its_own_hash()
    {
        var content = new ContentStore(await emulator.CreateStorageAsync());
        await StageAsync(content, "submitter-1");
        var now = DateTimeOffset.UtcNow;
        var wrong = ContentHash.Of([0]);
        Assert.Equal((null, ContentHash.Of(Bytes)), await content.TakeStagedAsync(Make.Submitter, "submitter-1", wrong, now, Token));
        Assert.Null(await content.FindBytesAsync(Make.Submitter, wrong, Token));

        Assert.Equal((Bytes.Length, ContentHash.Of(Bytes)), await content.TakeStagedAsync(Make.Submitter, "submitter-1", ContentHash.Of(Bytes), now, Token));
        Assert.Equal(Bytes, (await content.ReadAsync(ContentHash.Of(Bytes), Token)).ToArray());
        Assert.Equal((null, null), await content.TakeStagedAsync(Make.Submitter, "submitter-1", ContentHash.Of(Bytes), now, Token));
    }

    [Fact]
    public async Task Content_goes_with_the_right_of_the_only_account_that_had_it()
    {
        var content = new ContentStore(await emulator.CreateStorageAsync());
        var hash = ContentHash.Of(Bytes);
        await content.PutAsync(Make.Submitter, hash, BinaryData.FromBytes(Bytes), Token);
        await content.PutAsync(Make.Submitter, hash, BinaryData.FromBytes(Bytes), Token);
        Assert.False(await content.RemoveAsync(Make.Provider, hash, Token));
        Assert.True(await content.RemoveAsync(Make.Submitter, hash, Token));
        Assert.Null(await content.FindBytesAsync(Make.Submitter, hash, Token));
        await Assert.ThrowsAsync<Azure.RequestFailedException>(() => content.ReadAsync(hash, Token));
        Assert.False(await content.RemoveAsync(Make.Submitter, hash, Token));
    }

    [Theory]
    [InlineData("put")]
    [InlineData("stage")]
    [InlineData("keep")]
    public async Task Content_that_another_had_too_stays(string how)
    {
        var content = new ContentStore(await emulator.CreateStorageAsync());
        var hash = ContentHash.Of(Bytes);
        await content.PutAsync(Make.Submitter, hash, BinaryData.FromBytes(Bytes), Token);
        if (how == "put") await content.PutAsync(Make.Provider, hash, BinaryData.FromBytes(Bytes), Token);
        if (how == "keep") await content.KeepAsync(Make.Submitter, hash, BinaryData.FromBytes(Bytes), Token);
        if (how == "stage")
        {
            await StageAsync(content, "provider-1");
            await content.TakeStagedAsync(Make.Provider, "provider-1", hash, DateTimeOffset.UtcNow, Token);
        }

        Assert.True(await content.RemoveAsync(Make.Submitter, hash, Token));
        Assert.Null(await content.FindBytesAsync(Make.Submitter, hash, Token));
        Assert.Equal(Bytes, (await content.ReadAsync(hash, Token)).ToArray());
    }

    [Fact]
    public async Task A_staged_upload_goes_with_its_account_too()
    {
        var content = new ContentStore(await emulator.CreateStorageAsync());
        var hash = ContentHash.Of(Bytes);
        await StageAsync(content, "submitter-1");
        await content.TakeStagedAsync(Make.Submitter, "submitter-1", hash, DateTimeOffset.UtcNow, Token);
        Assert.True(await content.RemoveAsync(Make.Submitter, hash, Token));
        await Assert.ThrowsAsync<Azure.RequestFailedException>(() => content.ReadAsync(hash, Token));
    }

    [Fact]
    public async Task Whoever_uploads_while_another_deletes_keeps_what_was_uploaded()
    {
        var content = new ContentStore(await emulator.CreateStorageAsync());
        for (var i = 0; i < 20; i++)
        {
            byte[] bytes = [(byte)i];
            var hash = ContentHash.Of(bytes);
            await content.PutAsync(Make.Submitter, hash, BinaryData.FromBytes(bytes), Token);
            await Task.WhenAll(
                content.RemoveAsync(Make.Submitter, hash, Token),
                content.PutAsync(Make.Provider, hash, BinaryData.FromBytes(bytes), Token));
            Assert.Equal(bytes, (await content.ReadAsync(hash, Token)).ToArray());
        }
    }

    private static async Task StageAsync(ContentStore content, string ticket)
    {
        using var http = new HttpClient();
        using var put = new HttpRequestMessage(HttpMethod.Put, content.StagingUrl(ticket, DateTimeOffset.UtcNow.AddMinutes(5))) { Content = new ByteArrayContent(Bytes) };
        put.Headers.Add("x-ms-blob-type", "BlockBlob");
        (await http.SendAsync(put, Token)).EnsureSuccessStatusCode();
    }
}
