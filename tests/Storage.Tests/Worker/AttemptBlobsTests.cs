using System.Net;
using Broker.Storage.Worker;

namespace Broker.Storage.Tests.Worker;

public class AttemptBlobsTests
{
    /// <summary>A run is too dear to fail with its storage: this is more than three seconds of trouble, which fail a poll.</summary>
    [Fact]
    public async Task A_part_is_stored_once_the_storage_is_well_again()
    {
        using var storage = new SickStorage(refusals: 5);
        using var http = new HttpClient(storage) { Timeout = Timeout.InfiniteTimeSpan };
        using var part = new MemoryStream([1, 2, 3]);
        await new AttemptBlobs(http).CreateAsync(new Uri("http://storage.test/account/outputs/part?sig=x"), part, TestContext.Current.CancellationToken);
        Assert.Equal([1, 2, 3], storage.Stored);
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
