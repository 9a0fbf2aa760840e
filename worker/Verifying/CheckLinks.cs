using Broker.Client;
using Broker.Core.Api;
using Broker.Core.Ids;
using Broker.Worker.Attempts;

namespace Broker.Worker.Verifying;

/// <summary>The links of a check's order, asked for anew before they end.</summary>
/// <remarks>Safe for many threads. A link that is missing is the broker's fault, never the fault of whoever stored the result.</remarks>
internal sealed class CheckLinks(BrokerClient client, CheckMessage check, CheckOrder order, TimeProvider clock) : IDisposable
{
    /// <summary>A link must last until its transfer is done.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(10);

    private readonly SemaphoreSlim _renewing = new(1);
    private volatile CheckOrder _newest = order;

    /// <summary>What is to be checked; its links may have ended.</summary>
    public CheckOrder Order { get; } = order;

    public async Task<Uri> ReadContentAsync(ContentHash hash, CancellationToken cancellation) =>
        (await RenewAsync(cancellation)).Contents.FirstOrDefault(content => content.Hash == hash)?.Url
        ?? throw new InvalidOperationException($"the order has no link to {hash}");

    public async Task<Uri> ReadPartAsync(string buffer, int part, CancellationToken cancellation) =>
        OrderLinks.FindPart((await RenewAsync(cancellation)).Outputs, buffer, part)
        ?? throw new InvalidOperationException($"the order has no link to part {part} of '{buffer}'");

    public async Task<Uri> ReadLeafPartAsync(string buffer, int part, CancellationToken cancellation) =>
        OrderLinks.FindPart((await RenewAsync(cancellation)).Leaves, buffer, part)
        ?? throw new InvalidOperationException($"the order has no link to part {part} of the leaves of '{buffer}'");

    public void Dispose() => _renewing.Dispose();

    private async Task<CheckOrder> RenewAsync(CancellationToken cancellation)
    {
        if (IsFresh(_newest)) return _newest;
        await _renewing.WaitAsync(cancellation);
        try
        {
            if (!IsFresh(_newest)) _newest = await client.StartCheckAsync(check.ToId(), check.Check, cancellation);
            return _newest;
        }
        finally
        {
            _renewing.Release();
        }
    }

    private bool IsFresh(CheckOrder order) => clock.GetUtcNow() + Margin < order.ValidUntil;
}
