using Broker.Core.Market;

namespace Broker.Core.Tests.Market;

public class ExplanationTests
{
    public static TheoryData<string, WaitingReplica, Offer[]> Cases => new()
    {
        { "the pool has no offers", Feasible.Waiting(), [] },
        { "1 offer: 1 paused", Feasible.Waiting(), [Feasible.Offer(state: OfferState.Paused)] },
        { "1 offer: 1 draining", Feasible.Waiting(), [Feasible.Offer(state: OfferState.Draining)] },
        { "1 offer: 1 suspended", Feasible.Waiting(), [Feasible.Offer(state: OfferState.Suspended)] },
        { "1 offer: 1 expired", Feasible.Waiting(), [Feasible.Offer(validMinutes: 0)] },
        { "1 offer: 1 failed this job before", Feasible.Waiting(excluded: Feasible.Excluded()), [Feasible.Offer()] },
        { "2 offers: 2 below compute capability 9.5 (highest 9.0)", Feasible.Waiting(capability: 95), [Feasible.Offer(1, capability: 86), Feasible.Offer(2, capability: 90)] },
        { "2 offers: 2 below memory 24GB (largest 16GB)", Feasible.Waiting(gib: 24), [Feasible.Offer(1, gib: 16), Feasible.Offer(2, gib: 8)] },
        { "2 offers: 2 below share 0.75 (largest 0.5)", Feasible.Waiting(share: 750), [Feasible.Offer(1, slots: 2), Feasible.Offer(2, slots: 3)] },
        { "1 offer: 1 below share 0.5 (largest 0.333)", Feasible.Waiting(share: 500), [Feasible.Offer(slots: 3)] },
        { "2 offers: 2 above maxPrice 0.05 (cheapest 0.07)", Feasible.Waiting(cap: "0.05"), [Feasible.Offer(1), Feasible.Offer(2, second: "0.01")] },
        { "1 offer: 1 without a free slot", Feasible.Waiting(), [Feasible.Offer(slots: 0)] },
        { "1 offer: 1 could run it: it waits for the next round", Feasible.Waiting(), [Feasible.Offer()] },
        {
            "4 offers: 1 paused, 2 below memory 24GB (largest 16GB), 1 above maxPrice 0.05 (cheapest 0.07)", Feasible.Waiting(gib: 24, cap: "0.05"),
            [Feasible.Offer(1, gib: 32), Feasible.Offer(2, gib: 16), Feasible.Offer(3, gib: 8), Feasible.Offer(4, OfferState.Paused)]
        },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_reasons_are_said_in_words(string words, WaitingReplica waiting, Offer[] offers) =>
        Assert.Equal(words, Matcher.Explain(Feasible.Market([waiting], offers), waiting).Describe(waiting));

    [Fact]
    public void A_held_slot_explains_why_a_replica_waits()
    {
        var waiting = Feasible.Waiting();
        var explanation = Matcher.Explain(Feasible.Market([waiting], [Feasible.Offer()], Feasible.Held()), waiting);
        Assert.Equal([new RefusalCount(Refusal.NoFreeSlot, 1, null)], explanation.Refusals.AsEnumerable());
    }

    [Fact]
    public void Every_refusal_has_its_own_words()
    {
        var words = Enum.GetValues<Refusal>().Select(refusal => new Explanation(1, [new RefusalCount(refusal, 1, null)]).Describe(Feasible.Waiting(share: 500)));
        Assert.Equal(Enum.GetValues<Refusal>().Length, words.Distinct().Count());
    }
}
