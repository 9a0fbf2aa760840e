using System.Collections.Immutable;
using Broker.Client;
using Broker.Core.Api;
using Broker.Core.Ids;

namespace Broker.Worker.Attempts;

/// <summary>The links of an order, asked for anew before they end.</summary>
internal sealed class OrderLinks(BrokerClient client, AttemptOrder order, TimeProvider clock)
{
    /// <summary>A link must last until its transfer is done.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(10);

    public AttemptOrder Order { get; private set; } = order;

    public async Task<Uri> ReadContentAsync(ContentHash hash, CancellationToken cancellation)
    {
        await RenewAsync(cancellation);
        return Order.Contents.FirstOrDefault(content => content.Hash == hash)?.Url
            ?? throw new InvalidDataException($"the order has no link to {hash}");
    }

    public async Task<Uri> ReadPartAsync(string buffer, int part, CancellationToken cancellation)
    {
        await RenewAsync(cancellation);
        return FindPart(Order.Outputs, buffer, part) ?? throw new InvalidDataException($"the order has no link to part {part} of '{buffer}'");
    }

    /// <summary>Whether the list of a result's leaves is to be stored.</summary>
    public bool HasLeaves(string buffer) => Order.Leaves.Any(leaves => leaves.Buffer == buffer);

    public async Task<Uri> ReadLeafPartAsync(string buffer, int part, CancellationToken cancellation)
    {
        await RenewAsync(cancellation);
        return FindPart(Order.Leaves, buffer, part) ?? throw new InvalidDataException($"the order has no link to part {part} of the leaves of '{buffer}'");
    }

    public async Task<Uri> ReadLogAsync(CancellationToken cancellation)
    {
        await RenewAsync(cancellation);
        return Order.Log;
    }

    internal static Uri? FindPart(ImmutableArray<OutputUrls> urls, string buffer, int part) =>
        urls.FirstOrDefault(url => url.Buffer == buffer)?.Parts is { } parts && part < parts.Length ? parts[part] : null;

    private async Task RenewAsync(CancellationToken cancellation)
    {
        if (clock.GetUtcNow() + Margin < Order.ValidUntil) return;
        Order = await client.StartAttemptAsync(
            new AttemptId(Order.Job, Order.Replica, Order.Attempt), new StartRun(Order.Run), cancellation);
    }
}
