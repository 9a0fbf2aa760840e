using Broker.Core.Ids;
using Broker.Core.Market;

namespace Broker.Core.Tests.Market;

public class MatcherTests
{
    /// <summary>A row a rule, at its edge on both sides, and a row a pair of neighbours in the declared order.</summary>
    public static TheoryData<string, WaitingReplica, Offer, int, Refusal> Cases => new()
    {
        { "every rule met exactly", Feasible.Waiting(gib: 8, capability: 90, share: 500, cap: "0.07"), Feasible.Offer(slots: 2), 1, Refusal.None },
        { "paused", Feasible.Waiting(), Feasible.Offer(state: OfferState.Paused), 1, Refusal.OfferPaused },
        { "draining", Feasible.Waiting(), Feasible.Offer(state: OfferState.Draining), 1, Refusal.OfferDraining },
        { "suspended", Feasible.Waiting(), Feasible.Offer(state: OfferState.Suspended), 1, Refusal.OfferSuspended },
        { "expires now", Feasible.Waiting(), Feasible.Offer(validMinutes: 0), 1, Refusal.OfferExpired },
        { "expires in a moment", Feasible.Waiting(), Feasible.Offer() with { ValidUntil = Feasible.Noon.AddTicks(1) }, 1, Refusal.None },
        { "failed here", Feasible.Waiting(excluded: Feasible.Excluded()), Feasible.Offer(), 1, Refusal.FailedHere },
        { "failed elsewhere", Feasible.Waiting(excluded: Feasible.Excluded(2)), Feasible.Offer(), 1, Refusal.None },
        { "failed here a moment ago", Feasible.Waiting(excluded: Feasible.Excluded(seconds: 1)), Feasible.Offer(), 1, Refusal.FailedHere },
        { "failed here long enough ago", Feasible.Waiting(excluded: Feasible.Excluded(seconds: 0)), Feasible.Offer(), 1, Refusal.None },
        { "one capability short", Feasible.Waiting(capability: 91), Feasible.Offer(capability: 90), 1, Refusal.CapabilityTooLow },
        { "one byte short", Feasible.Waiting(gib: 8) with { MemoryBytes = (8 * Feasible.GiB) + 1 }, Feasible.Offer(), 1, Refusal.MemoryTooSmall },
        { "a thousandth short", Feasible.Waiting(share: 501), Feasible.Offer(slots: 2), 2, Refusal.ShareTooSmall },
        { "a whole device", Feasible.Waiting(share: 1000), Feasible.Offer(), 1, Refusal.None },
        { "a micro-credit above the cap", Feasible.Waiting(cap: "0.069999"), Feasible.Offer(), 1, Refusal.PriceAboveCap },
        { "an estimate makes it dear", Feasible.Waiting(cap: "0.10", estimateSeconds: 91), Feasible.Offer(), 1, Refusal.PriceAboveCap },
        { "no free slot", Feasible.Waiting(), Feasible.Offer(), 0, Refusal.NoFreeSlot },
        { "more held than there are", Feasible.Waiting(), Feasible.Offer(), -1, Refusal.NoFreeSlot },
        { "a state outranks expiry", Feasible.Waiting(), Feasible.Offer(state: OfferState.Suspended, validMinutes: 0), 1, Refusal.OfferSuspended },
        { "expiry outranks failure", Feasible.Waiting(excluded: Feasible.Excluded()), Feasible.Offer(validMinutes: 0), 1, Refusal.OfferExpired },
        { "failure outranks capability", Feasible.Waiting(capability: 99, excluded: Feasible.Excluded()), Feasible.Offer(), 1, Refusal.FailedHere },
        { "capability outranks memory", Feasible.Waiting(gib: 9, capability: 99), Feasible.Offer(), 1, Refusal.CapabilityTooLow },
        { "memory outranks share", Feasible.Waiting(gib: 9, share: 501), Feasible.Offer(slots: 2), 1, Refusal.MemoryTooSmall },
        { "share outranks price", Feasible.Waiting(share: 501, cap: "0"), Feasible.Offer(slots: 2), 1, Refusal.ShareTooSmall },
        { "price outranks slots", Feasible.Waiting(cap: "0"), Feasible.Offer(), 0, Refusal.PriceAboveCap },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_first_reason_is_reported(string row, WaitingReplica waiting, Offer offer, int free, Refusal refusal)
    {
        Assert.NotEmpty(row);
        Assert.Equal(refusal, Matcher.Check(waiting, offer, free, Feasible.Noon));
    }

    [Fact]
    public void An_assignment_names_the_attempt_and_fixes_the_price()
    {
        var assignment = Assert.Single(Matcher.Plan(Feasible.Market([Feasible.Waiting(replica: 1, attempt: 4)], [Feasible.Offer()])).Assignments);
        Assert.Equal(new AttemptId(Feasible.JobId(), 1, 4), assignment.Attempt);
        Assert.Equal(Money.Parse("0.07"), assignment.Quote);
    }

    [Fact]
    public void The_oldest_is_served_first()
    {
        var plan = Matcher.Plan(Feasible.Market(
            [Feasible.Waiting(1, submittedMinute: 3), Feasible.Waiting(2, submittedMinute: 1), Feasible.Waiting(3, submittedMinute: 2)],
            [Feasible.Offer(slots: 2)]));
        Assert.Equal([Feasible.JobId(2), Feasible.JobId(3)], plan.Assignments.Select(a => a.Waiting.Job));
        Assert.Equal(Feasible.JobId(1), Assert.Single(plan.Unmatched).Job);
        Assert.Equal(Refusal.NoFreeSlot, Assert.Single(plan.Unmatched[0].Explanation.Refusals).Refusal);
    }

    [Fact]
    public void The_oldest_takes_the_cheapest_and_the_next_what_is_left()
    {
        var plan = Matcher.Plan(Feasible.Market(
            [Feasible.Waiting(1, submittedMinute: 1), Feasible.Waiting(2)], [Feasible.Offer(1, second: "0.002"), Feasible.Offer(2, second: "0.001")]));
        Assert.Equal([(Feasible.JobId(2), Feasible.WorkerId(2)), (Feasible.JobId(1), Feasible.WorkerId(1))],
            plan.Assignments.Select(a => (a.Waiting.Job, a.Offer.Worker)));
    }

    [Fact]
    public void Cheapest_to_complete_depends_on_how_long_the_job_runs()
    {
        Offer[] offers = [Feasible.Offer(1, start: "0", second: "0.002"), Feasible.Offer(2, start: "0.05", second: "0.001")];
        Assert.Equal(Feasible.WorkerId(1), Matched(10));
        Assert.Equal(Feasible.WorkerId(2), Matched(100));

        WorkerId Matched(int seconds) =>
            Assert.Single(Matcher.Plan(Feasible.Market([Feasible.Waiting(estimateSeconds: seconds)], offers)).Assignments).Offer.Worker;
    }

    [Fact]
    public void Of_offers_that_cost_the_same_one_is_taken_whichever_was_read_first()
    {
        var (one, other) = (Feasible.Offer(1), Feasible.Offer(2));
        Assert.Equal(
            Matcher.Plan(Feasible.Market([Feasible.Waiting()], [one, other])).Assignments.AsEnumerable(),
            Matcher.Plan(Feasible.Market([Feasible.Waiting()], [other, one])).Assignments.AsEnumerable());
    }

    [Theory]
    [InlineData(0, 3)]
    [InlineData(1, 2)]
    [InlineData(3, 0)]
    [InlineData(5, 0)]
    public void A_held_slot_is_not_free(int held, int assigned)
    {
        var plan = Matcher.Plan(Feasible.Market(
            Enumerable.Range(1, 4).Select(job => Feasible.Waiting(job)), [Feasible.Offer(slots: 3)],
            [.. Enumerable.Range(50, held).Select(job => Feasible.Held(job: job)), Feasible.Held(worker: 7)]));
        Assert.Equal(assigned, plan.Assignments.Length);
        Assert.Equal(4 - assigned, plan.Unmatched.Length);
    }

    [Fact]
    public void An_empty_pool_plans_nothing()
    {
        var plan = Matcher.Plan(Feasible.Market([], []));
        Assert.Empty(plan.Assignments);
        Assert.Empty(plan.Unmatched);
    }

    [Fact]
    public void An_offer_at_any_price_does_not_stop_the_round()
    {
        var plan = Matcher.Plan(Feasible.Market(
            [Feasible.Waiting(1, cap: "999999999999.999999", delay: "999999999999", estimateSeconds: 86_400)],
            [Feasible.Offer(1, start: "999999999999", second: "999999999999"), Feasible.Offer(2)]));
        Assert.Equal(Feasible.WorkerId(2), Assert.Single(plan.Assignments).Offer.Worker);
    }
}
