using System.Collections.Immutable;
using System.Text;
using Broker.Core.Documents;

namespace Broker.Core.Market;

/// <summary>Why an offer may not run a job. Checked in this order: the first that applies is reported.</summary>
public enum Refusal
{
    None = 0, OfferPaused, OfferDraining, OfferSuspended, OfferExpired, FailedHere,
    CapabilityTooLow, MemoryTooSmall, ShareTooSmall, PriceAboveCap, NoFreeSlot,
}

/// <summary>How many offers refuse a replica for one reason, and how near the nearest one comes.</summary>
/// <param name="Refusal">The reason.</param>
/// <param name="Offers">How many offers give it.</param>
/// <param name="Nearest">What the nearest of them has; null where that says nothing.</param>
public sealed record RefusalCount(Refusal Refusal, int Offers, string? Nearest);

/// <summary>Why no offer of a pool takes a replica.</summary>
/// <param name="Offers">How many offers the pool has.</param>
/// <param name="Refusals">The reasons, in their declared order.</param>
public sealed record Explanation(int Offers, ImmutableArray<RefusalCount> Refusals)
{
    /// <summary>In words: "3 offers: 2 need memory >= 24GB (largest 16GB), 1 costs above maxPrice 0.50 (cheapest 0.62)".</summary>
    public string Describe(WaitingReplica waiting)
    {
        if (Offers == 0) return "the pool has no offers";
        var text = new StringBuilder($"{Offers} {(Offers == 1 ? "offer" : "offers")}: ");
        text.AppendJoin(", ", Refusals.Select(count => $"{count.Offers} {Phrase(count.Refusal, waiting)}{(count.Nearest is null ? "" : $" ({count.Nearest})")}"));
        return text.ToString();
    }

    private static string Phrase(Refusal refusal, WaitingReplica waiting) => refusal switch
    {
        Refusal.OfferPaused => "paused",
        Refusal.OfferDraining => "draining",
        Refusal.OfferSuspended => "suspended",
        Refusal.OfferExpired => "expired",
        Refusal.FailedHere => "failed this job before",
        Refusal.CapabilityTooLow => $"below compute capability {Capability(waiting.ComputeCapability)}",
        Refusal.MemoryTooSmall => $"below memory {Quantities.FormatBytes(waiting.MemoryBytes)}",
        Refusal.ShareTooSmall => $"below share {waiting.ShareThousandths / 1000m}",
        Refusal.PriceAboveCap => $"above maxPrice {waiting.MaxPrice}",
        Refusal.NoFreeSlot => "without a free slot",
        _ => "could run it: it waits for the next round",
    };

    internal static string Capability(int timesTen) => $"{timesTen / 10}.{timesTen % 10}";
}
