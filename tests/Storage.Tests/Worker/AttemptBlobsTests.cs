using System.Net;
using Broker.Core.Ids;
using Broker.Storage.Worker;
using Broker.Tests;

namespace Broker.Storage.Tests.Worker;

public class AttemptBlobsTests(EmulatorFixture emulator)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0, 10)]
    [InlineData(0, 1)]
    [InlineData(9, 1)]
    [InlineData(3, 4)]
    public async Task A_range_is_read_from_a_blob_of_the_right_length(int offset, int length)
    {
        var bytes = "0123456789"u8.ToArray();
        var link = await StoreAsync(bytes);
        using var http = new HttpClient();
        var read = new byte[length];
        await new AttemptBlobs(http).ReadRangeAsync(link, bytes.Length, offset, read, Token);
        Assert.Equal(bytes[offset..(offset + length)], read);
    }

    [Theory]
    [InlineData(9, 0, 4)]
    [InlineData(11, 0, 4)]
    [InlineData(11, 7, 4)]
    [InlineData(20, 15, 4)]
    public async Task A_blob_of_another_length_is_no_trouble_but_wrong(int wholeBytes, int offset, int length)
    {
        var link = await StoreAsync("0123456789"u8.ToArray());
        using var http = new HttpClient();
        var e = await Assert.ThrowsAsync<InvalidDataException>(() => new AttemptBlobs(http).ReadRangeAsync(link, wholeBytes, offset, new byte[length], Token));
        Assert.Contains($"{wholeBytes}", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_blob_that_is_not_there_is_no_trouble_but_missing()
    {
        var content = new ContentStore(await emulator.CreateStorageAsync());
        var link = content.ReadUrl(ContentHash.Of([1]), DateTimeOffset.UtcNow.AddMinutes(5));
        using var http = new HttpClient();
        await Assert.ThrowsAsync<InvalidDataException>(() => new AttemptBlobs(http).ReadRangeAsync(link, 1, 0, new byte[1], Token));
    }

    [Fact]
    public async Task A_link_that_has_ended_is_trouble()
    {
        var content = new ContentStore(await emulator.CreateStorageAsync());
        var link = content.ReadUrl(ContentHash.Of([1]), DateTimeOffset.UtcNow.AddMinutes(-5));
        using var http = new HttpClient();
        var e = await Assert.ThrowsAnyAsync<Exception>(() => new AttemptBlobs(http).ReadRangeAsync(link, 1, 0, new byte[1], Token));
        Assert.True(StorageTrouble.Is(e));
    }

    /// <summary>A run is too dear to fail with its storage: this is more than three seconds of trouble, which fail a poll.</summary>
    [Fact]
    public async Task A_part_is_stored_once_the_storage_is_well_again()
    {
        using var storage = new SickStorage(refusals: 5);
        using var http = new HttpClient(storage) { Timeout = Timeout.InfiniteTimeSpan };
        using var part = new MemoryStream([1, 2, 3]);
        await new AttemptBlobs(http).CreateAsync(new Uri("http://storage.test/account/outputs/part?sig=x"), part, Token);
        Assert.Equal([1, 2, 3], storage.Stored);
    }

    private async Task<Uri> StoreAsync(byte[] bytes)
    {
        var content = new ContentStore(await emulator.CreateStorageAsync());
        await content.PutAsync(Make.Submitter, ContentHash.Of(bytes), BinaryData.FromBytes(bytes), Token);
        return content.ReadUrl(ContentHash.Of(bytes), DateTimeOffset.UtcNow.AddMinutes(5));
    }

    private sealed class SickStorage(int refusals) : HttpMessageHandler
    {
        private int _refusals = refusals;

        public byte[]? Stored { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (_refusals-- > 0) return new HttpResponseMessage(HttpStatusCode.ServiceUnavailable) { RequestMessage = request };
            Stored = await request.Content!.ReadAsByteArrayAsync(cancellationToken);
            return new HttpResponseMessage(HttpStatusCode.Created) { RequestMessage = request, Headers = { { "ETag", "\"1\"" } }, Content = new ByteArrayContent([]) };
        }
    }
}
