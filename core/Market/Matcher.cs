using System.Collections.Immutable;
using Broker.Core.Documents;
using Broker.Core.Ids;

namespace Broker.Core.Market;

/// <summary>Decides which offer runs which job.</summary>
public static class Matcher
{
    /// <summary>Gives each waiting replica an offer, or the reasons why it has none: the oldest first, each the cheapest to complete.</summary>
    /// <param name="snapshot">The pool as it was read. It may already be stale; see the remarks.</param>
    /// <returns>A plan that names every waiting replica exactly once and never fills a slot twice.</returns>
    /// <remarks>
    /// Pure and total: equal snapshots give equal plans, whatever order their rows were read in, so a
    /// redelivered message plans the same round again. Staleness is not this method's concern: an assignment
    /// whose job or offer has moved is refused by its ETag at commit, and planned afresh in the next round.
    /// </remarks>
    public static MatchPlan Plan(MarketSnapshot snapshot)
    {
        var offers = snapshot.Offers.OrderBy(offer => offer.Worker.ToString(), StringComparer.Ordinal).ToImmutableArray();
        var free = CountFreeSlots(snapshot);
        var assignments = ImmutableArray.CreateBuilder<Assignment>();
        var unmatched = ImmutableArray.CreateBuilder<Unmatched>();
        foreach (var waiting in OldestFirst(snapshot.Waiting))
        {
            var best = offers
                .Where(offer => Check(waiting, offer, free[offer.Worker], snapshot.Now) == Refusal.None)
                .MinBy(offer => Pricing.Cost(waiting, offer));
            if (best is null)
            {
                unmatched.Add(new Unmatched(waiting.Job, waiting.Replica, Explain(waiting, offers, free, snapshot.Now)));
                continue;
            }

            free[best.Worker]--;
            assignments.Add(new Assignment(waiting, best, Pricing.Quote(waiting, best)));
        }

        return new MatchPlan(assignments.ToImmutable(), unmatched.ToImmutable());
    }

    /// <summary>Why no offer takes a replica at the moment, computed when someone asks.</summary>
    public static Explanation Explain(MarketSnapshot snapshot, WaitingReplica waiting) =>
        Explain(waiting, snapshot.Offers, CountFreeSlots(snapshot), snapshot.Now);

    /// <summary>The first reason, in declared order, why an offer may not run a replica.</summary>
    public static Refusal Check(WaitingReplica waiting, Offer offer, int freeSlots, DateTimeOffset now)
    {
        if (offer.State == OfferState.Paused) return Refusal.OfferPaused;
        if (offer.State == OfferState.Draining) return Refusal.OfferDraining;
        if (offer.State == OfferState.Suspended) return Refusal.OfferSuspended;
        if (offer.ValidUntil <= now) return Refusal.OfferExpired;
        if (waiting.Excluded.Any(exclusion => exclusion.Worker == offer.Worker && now < exclusion.Until)) return Refusal.FailedHere;
        if (offer.Device.ComputeCapability < waiting.ComputeCapability) return Refusal.CapabilityTooLow;
        if (offer.SlotMemoryBytes < waiting.MemoryBytes) return Refusal.MemoryTooSmall;
        if (1000 < (long)waiting.ShareThousandths * offer.Slots) return Refusal.ShareTooSmall;
        if (Pricing.Quote(waiting, offer) > waiting.MaxPrice) return Refusal.PriceAboveCap;
        return freeSlots <= 0 ? Refusal.NoFreeSlot : Refusal.None;
    }

    private static IEnumerable<WaitingReplica> OldestFirst(ImmutableArray<WaitingReplica> waiting) => waiting
        .OrderBy(replica => replica.SubmittedAt)
        .ThenBy(replica => replica.Job.ToString(), StringComparer.Ordinal)
        .ThenBy(replica => replica.Replica);

    private static Dictionary<WorkerId, int> CountFreeSlots(MarketSnapshot snapshot)
    {
        var free = snapshot.Offers.ToDictionary(offer => offer.Worker, offer => offer.Slots);
        foreach (var held in snapshot.Held)
        {
            if (free.TryGetValue(held.Worker, out var slots)) free[held.Worker] = slots - 1;
        }

        return free;
    }

    private static Explanation Explain(
        WaitingReplica waiting, ImmutableArray<Offer> offers, Dictionary<WorkerId, int> free, DateTimeOffset now)
    {
        var refusals = offers
            .GroupBy(offer => Check(waiting, offer, free[offer.Worker], now))
            .OrderBy(group => group.Key)
            .Select(group => new RefusalCount(group.Key, group.Count(), Nearest(group.Key, waiting, group)));
        return new Explanation(offers.Length, [.. refusals]);
    }

    private static string? Nearest(Refusal refusal, WaitingReplica waiting, IEnumerable<Offer> offers) => refusal switch
    {
        Refusal.CapabilityTooLow => $"highest {Explanation.Capability(offers.Max(offer => offer.Device.ComputeCapability))}",
        Refusal.MemoryTooSmall => $"largest {Quantities.FormatBytes(offers.Max(offer => offer.SlotMemoryBytes))}",
        Refusal.ShareTooSmall => $"largest {Math.Round(1m / offers.Min(offer => offer.Slots), 3)}",
        Refusal.PriceAboveCap => $"cheapest {offers.Min(offer => Pricing.Quote(waiting, offer))}",
        _ => null,
    };
}
