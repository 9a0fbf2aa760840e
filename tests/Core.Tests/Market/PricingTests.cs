using Broker.Core.Jobs;
using Broker.Core.Market;
using CsCheck;

namespace Broker.Core.Tests.Market;

public class PricingTests
{
    [Theory]
    [InlineData(null, "0.07")]
    [InlineData(10, "0.02")]
    [InlineData(3600, "3.61")]
    public void A_quote_is_the_start_price_and_the_rate_over_the_estimate(int? seconds, string quote) =>
        Assert.Equal(Money.Parse(quote), Pricing.Quote(Feasible.Waiting(estimateSeconds: seconds), Feasible.Offer()));

    [Fact]
    public void A_job_without_an_estimate_is_taken_to_run_a_minute() =>
        Assert.Equal(TimeSpan.FromMinutes(1), Pricing.Estimate(Feasible.Waiting()));

    [Fact]
    public void The_cost_has_what_the_delay_is_worth() =>
        Assert.Equal(Money.Parse("0.17"), Pricing.Cost(Feasible.Waiting(delay: "6"), Feasible.Offer()));

    [Theory]
    [InlineData(0.0, "0.01")]
    [InlineData(10.0, "0.02")]
    [InlineData(60.0, "0.07")]
    [InlineData(67.0, "0.077")]
    [InlineData(68.0, "0.077")]
    [InlineData(1e300, "0.077")]
    [InlineData(double.PositiveInfinity, "0.077")]
    [InlineData(-5.0, "0.01")]
    public void A_bill_is_by_the_time_reported_and_at_most_a_tenth_above_its_quote(double seconds, string bill) =>
        Assert.Equal(Money.Parse(bill), Pricing.Bill(Attempt("0.07", "0.01", "0.001", seconds)));

    [Fact]
    public void A_bill_without_a_time_is_the_start_price() =>
        Assert.Equal(Money.Parse("0.01"), Pricing.Bill(Attempt("0.07", "0.01", "0.001", 5) with { Usage = null }));

    [Fact]
    public void A_bill_is_never_negative_and_never_above_its_cap() =>
        Gen.Select(Gen.Long[0, 999_999_999_999_999_999], Gen.Long[0, 999_999_999_999_999_999], Gen.Long[0, 999_999_999_999_999_999], Gen.Double[-10, 1e6]).Sample((quote, start, rate, seconds) =>
        {
            var bill = Pricing.Bill(Attempt("0", "0", "0", seconds) with { Quote = new Money(quote), StartPrice = new Money(start), PricePerSecond = new Money(rate) });
            Assert.True(bill >= Money.Zero);
            Assert.True(bill <= new Money(quote).Scale(11, 10));
        });

    [Fact]
    public void A_price_beyond_all_money_is_the_most_there_is()
    {
        var offer = Feasible.Offer(start: "999999999999", second: "999999999999");
        Assert.Equal(new Money(long.MaxValue), Pricing.Quote(Feasible.Waiting(), offer));
        Assert.Equal(new Money(long.MaxValue), Pricing.Cost(Feasible.Waiting(delay: "999999999999", estimateSeconds: 86_400), Feasible.Offer()));
    }

    private static AttemptRecord Attempt(string quote, string start, string second, double seconds) =>
        Lifecycle.Assign(Feasible.Job(), Feasible.Assignment(), Feasible.Seed(), Feasible.Noon).Change!.After.Attempts[0] with
        {
            Quote = Money.Parse(quote),
            StartPrice = Money.Parse(start),
            PricePerSecond = Money.Parse(second),
            Usage = new Usage(seconds, 0, "cpu", 0),
        };
}
