using Broker.Core.Jobs;

namespace Broker.Core.Market;

/// <summary>What a job costs on an offer, before and after it ran.</summary>
public static class Pricing
{
    /// <summary>How long a job is taken to run whose submitter gives no estimate.</summary>
    public static TimeSpan DefaultEstimate { get; } = TimeSpan.FromMinutes(1);

    public static TimeSpan Estimate(WaitingReplica waiting) => waiting.Estimate ?? DefaultEstimate;

    /// <summary>The price that a match fixes: the start price, and the rate over the estimated time.</summary>
    public static Money Quote(WaitingReplica waiting, Offer offer) =>
        offer.StartPrice + offer.PricePerSecond.PerSecondOver(Estimate(waiting));

    /// <summary>What the matcher makes small: the quote, and what the delay is worth to the submitter.</summary>
    public static Money Cost(WaitingReplica waiting, Offer offer) =>
        Quote(waiting, offer) + waiting.DelayValuePerHour.Scale(Estimate(waiting).Ticks, TimeSpan.TicksPerHour);

    /// <summary>What a finished attempt is paid: by the time it reports, and at most a tenth above its quote.</summary>
    public static Money Bill(AttemptRecord attempt)
    {
        var seconds = Math.Max(0, attempt.Usage?.Seconds ?? 0);
        var metered = attempt.StartPrice + attempt.PricePerSecond.PerSecondOver(TimeSpan.FromSeconds(Math.Min(seconds, TimeSpan.SecondsPerDay)));
        var most = attempt.Quote.Scale(11, 10);
        return metered < most ? metered : most;
    }
}
