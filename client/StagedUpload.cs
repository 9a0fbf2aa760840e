using System.Buffers.Binary;
using System.Text;

namespace Broker.Client;

/// <summary>Uploads a block blob to a URL, block by block: a try that fails costs one block.</summary>
internal sealed class StagedUpload(Transport transport, Uri url)
{
    /// <summary>A blob has at most 50,000 blocks: this carries 800 GB.</summary>
    private const long BlockBytes = 16 << 20;

    public async Task RunAsync(Stream content, long length, IProgress<long>? progress, CancellationToken cancellation)
    {
        var start = content.Position;
        var list = new StringBuilder("<?xml version=\"1.0\" encoding=\"utf-8\"?><BlockList>");
        for (var offset = 0L; offset < length; offset += BlockBytes)
        {
            var id = BlockId(offset / BlockBytes);
            var (from, bytes) = (start + offset, Math.Min(BlockBytes, length - offset));
            await PutAsync($"comp=block&blockid={Uri.EscapeDataString(id)}", () => new StreamRange(content, from, bytes, progress), cancellation);
            list.Append("<Latest>").Append(id).Append("</Latest>");
        }

        var text = list.Append("</BlockList>").ToString();
        await PutAsync("comp=blocklist", () => new StringContent(text, Encoding.UTF8, "text/plain"), cancellation);
    }

    /// <summary>Every id of a blob must have the same length.</summary>
    private static string BlockId(long number)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, number);
        return Convert.ToBase64String(bytes);
    }

    private Task<bool> PutAsync(string query, Func<HttpContent> body, CancellationToken cancellation)
    {
        var target = new UriBuilder(url);
        target.Query = target.Query.Length == 0 ? query : $"{target.Query[1..]}&{query}";
        return transport.SendToStorageAsync(
            () => new HttpRequestMessage(HttpMethod.Put, target.Uri) { Content = body() }, (_, _) => Task.FromResult(true), cancellation);
    }
}
