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
        Total(offer.StartPrice, offer.PricePerSecond, Estimate(waiting), TimeSpan.TicksPerSecond);

    /// <summary>What the matcher makes small: the quote, and what the delay is worth to the submitter, over how surely it comes to a good end.</summary>
    public static Money Cost(WaitingReplica waiting, Offer offer) =>
        Over(Total(Quote(waiting, offer), waiting.DelayValuePerHour, Estimate(waiting), TimeSpan.TicksPerHour), offer.ReliabilityThousandths);

    /// <summary>What a finished attempt is paid: by the time it reports, and at most a tenth above its quote.</summary>
    public static Money Bill(AttemptRecord attempt)
    {
        var seconds = Math.Max(0, attempt.Usage?.Seconds ?? 0);
        var time = TimeSpan.FromSeconds(Math.Min(seconds, TimeSpan.SecondsPerDay));
        var metered = Total(attempt.StartPrice, attempt.PricePerSecond, time, TimeSpan.TicksPerSecond);
        var most = attempt.Quote.Scale(11, 10);
        return metered < most ? metered : most;
    }

    private static Money Over(Money cost, int thousandths) =>
        new((long)Int128.Min((Int128)cost.Micros * 1000 / Math.Clamp(thousandths, 1, 1000), long.MaxValue));

    /// <summary>A fixed amount and a rate over a time, rounded up, and at most all the money there is.</summary>
    /// <remarks>Anyone may state a rate. One that no amount can hold is too dear for every job; it must not end the round of a whole pool.</remarks>
    private static Money Total(Money start, Money rate, TimeSpan time, long ticksPerUnit)
    {
        var (whole, rest) = Int128.DivRem((Int128)rate.Micros * time.Ticks, ticksPerUnit);
        return new Money((long)Int128.Min(start.Micros + whole + (rest > 0 ? 1 : 0), long.MaxValue));
    }
}
