using System.Net;
using Broker.Core.Api;
using Broker.Core.Verification;

namespace Broker.Client.Tests;

public class OutputDownloadTests
{
    private static readonly byte[] Bytes = [.. Enumerable.Range(0, 100).Select(i => (byte)i)];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_parts_arrive_in_order_and_the_key_stays_here()
    {
        var handler = new ScriptedHandler().ThenBytes(Bytes[..60]).ThenBytes(Bytes[60..]);
        Assert.Equal(Bytes, await DownloadAsync(handler));
        Assert.All(handler.Sent, sent => Assert.Null(sent.Authorization));
        Assert.Equal(["/0?sig=s", "/1?sig=s"], handler.Sent.Select(sent => sent.Path));
    }

    [Fact]
    public async Task A_part_that_breaks_off_goes_on_where_it_broke()
    {
        var handler = new ScriptedHandler()
            .ThenBytes(Bytes[..25])
            .ThenBytes(Bytes[25..60], HttpStatusCode.PartialContent)
            .ThenBytes(Bytes[60..]);
        Assert.Equal(Bytes, await DownloadAsync(handler));
        Assert.Equal("bytes=25-59", handler.Sent[1].Range);
    }

    [Fact]
    public async Task A_storage_that_knows_no_ranges_does_no_harm()
    {
        var handler = new ScriptedHandler().ThenBytes(Bytes[..25]).ThenBytes(Bytes[..60]).ThenBytes(Bytes[60..]);
        Assert.Equal(Bytes, await DownloadAsync(handler));
    }

    [Fact]
    public async Task A_changed_byte_is_found()
    {
        var changed = Bytes.ToArray();
        changed[7] ^= 1;
        var handler = new ScriptedHandler().ThenBytes(changed[..60]).ThenBytes(changed[60..]);
        var e = await Assert.ThrowsAsync<BrokerException>(() => DownloadAsync(handler));
        Assert.StartsWith("Output 'out' is not what the worker committed to", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Parts_that_end_inside_a_leaf_are_held_against_one_root()
    {
        byte[] bytes = [.. Enumerable.Range(0, 10_000).Select(i => (byte)(i * 7))];
        var output = new OutputView("out", bytes.Length, MerkleTree.Root(MerkleTree.Leaves(bytes).AsSpan()), [Part(0, 5_000), Part(1, 5_000)]);
        foreach (var swapped in (bool[])[false, true])
        {
            var (first, second) = swapped ? (bytes[5_000..], bytes[..5_000]) : (bytes[..5_000], bytes[5_000..]);
            using var client = new ScriptedHandler().ThenBytes(first).ThenBytes(second).CreateClient();
            using var destination = new MemoryStream();
            var download = client.DownloadOutputAsync(output, destination, null, Cancellation);
            if (swapped) Assert.Equal(BrokerException.RootMismatch, (await Assert.ThrowsAsync<BrokerException>(() => download)).Problem.Type);
            else await download;
        }
    }

    [Fact]
    public async Task A_link_that_has_ended_is_told_without_its_signature()
    {
        var handler = new ScriptedHandler().Then(HttpStatusCode.Forbidden);
        var e = await Assert.ThrowsAsync<BrokerException>(() => DownloadAsync(handler));
        Assert.Contains("the link has ended", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("sig", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trouble_of_the_destination_is_not_taken_for_trouble_of_the_network()
    {
        var handler = new ScriptedHandler().ThenBytes(Bytes[..60]);
        using var client = handler.CreateClient();
        using var full = new MemoryStream(new byte[10]);
        await Assert.ThrowsAsync<NotSupportedException>(() => client.DownloadOutputAsync(Output(), full, null, Cancellation));
        Assert.Single(handler.Sent);
    }

    private static async Task<byte[]> DownloadAsync(ScriptedHandler handler)
    {
        using var client = handler.CreateClient();
        using var destination = new MemoryStream();
        await client.DownloadOutputAsync(Output(), destination, null, Cancellation);
        return destination.ToArray();
    }

    private static OutputView Output() => new("out", 100, MerkleTree.Root(MerkleTree.Leaves(Bytes).AsSpan()), [Part(0, 60), Part(1, 40)]);

    private static PartView Part(int number, long bytes) =>
        new(new Uri($"http://storage.test/{number}?sig=s"), bytes, DateTimeOffset.MaxValue);
}
