using System.Collections.Immutable;
using Broker.Core.Market;
using CsCheck;

namespace Broker.Core.Tests.Market;

public class MatcherPropertyTests
{
    private static readonly Gen<WaitingReplica[]> AllWaiting =
        (from job in Gen.Int[1, 6]
         from replica in Gen.Int[0, 1]
         from minute in Gen.Int[0, 2]
         from gib in Gen.Int[1, 3]
         from capability in Gen.Int[70, 72]
         from cap in Gen.Int[1, 4]
         from excluded in Gen.Int[1, 9]
         from seconds in Gen.Int[1, 90]
         select Feasible.Waiting(
             job, replica, 1, minute, gib, capability, cap: $"0.0{cap * 2}", delay: $"{cap}", estimateSeconds: seconds, excluded: Feasible.Excluded(excluded)))
        .Array[0, 10].Select(rows => rows.DistinctBy(row => (row.Job, row.Replica)).ToArray());

    private static readonly Gen<Offer[]> AllOffers =
        (from worker in Gen.Int[1, 6]
         from state in Gen.Int[0, 5]
             // Few prices, so that many offers cost the same.
         from second in Gen.Int[1, 3]
         from start in Gen.Int[1, 2]
         from slots in Gen.Int[1, 3]
         from gib in Gen.Int[1, 3]
         from capability in Gen.Int[70, 72]
         from minutes in Gen.Int[0, 3]
         select Feasible.Offer(
             worker, state == 0 ? OfferState.Paused : OfferState.Active, minutes, $"0.0{start}", $"0.000{second}", slots, gib, capability))
        .Array[0, 8].Select(rows => rows.DistinctBy(row => row.Worker).ToArray());

    private static readonly Gen<MarketSnapshot> Snapshots = Gen.Select(
        AllWaiting, AllOffers, Gen.Int[1, 6].Array[0, 3],
        (waiting, offers, held) => Feasible.Market(waiting, offers, [.. held.Select((worker, i) => Feasible.Held(worker, 90 + i))]));

    [Fact]
    public void Plan_names_every_waiting_replica_exactly_once() => Snapshots.Sample(snapshot =>
    {
        var plan = Matcher.Plan(snapshot);
        Assert.Equal(
            snapshot.Waiting.Select(row => (row.Job.ToString(), row.Replica)).Order(),
            plan.Assignments.Select(a => (a.Waiting.Job.ToString(), a.Waiting.Replica)).Concat(plan.Unmatched.Select(u => (u.Job.ToString(), u.Replica))).Order());
    });

    [Fact]
    public void Plan_never_fills_a_slot_twice_and_never_breaks_a_rule() => Snapshots.Sample(snapshot =>
    {
        var plan = Matcher.Plan(snapshot);
        foreach (var offer in snapshot.Offers)
        {
            var assigned = plan.Assignments.Count(a => a.Offer.Worker == offer.Worker);
            Assert.True(assigned <= Math.Max(0, offer.Slots - snapshot.Held.Count(held => held.Worker == offer.Worker)));
        }

        Assert.All(plan.Assignments, a =>
        {
            Assert.Equal(Refusal.None, Matcher.Check(a.Waiting, a.Offer, 1, snapshot.Now));
            Assert.Equal(Pricing.Quote(a.Waiting, a.Offer), a.Quote);
            Assert.True(a.Quote <= a.Waiting.MaxPrice);
        });
    });

    [Fact]
    public void Plan_leaves_nobody_waiting_beside_a_free_slot_that_would_do() => Snapshots.Sample(snapshot =>
    {
        var plan = Matcher.Plan(snapshot);
        foreach (var waiting in snapshot.Waiting.Where(row => plan.Unmatched.Any(u => u.Job == row.Job && u.Replica == row.Replica)))
        {
            Assert.All(snapshot.Offers, offer =>
            {
                var free = offer.Slots - snapshot.Held.Count(held => held.Worker == offer.Worker) - plan.Assignments.Count(a => a.Offer.Worker == offer.Worker);
                Assert.NotEqual(Refusal.None, Matcher.Check(waiting, offer, free, snapshot.Now));
            });
        }
    });

    [Fact]
    public void Plan_does_not_depend_on_row_order() => Gen.Select(Snapshots, Gen.Int).Sample((snapshot, seed) =>
    {
        var random = new Random(seed);
        var shuffled = snapshot with
        {
            Waiting = Shuffle(snapshot.Waiting, random),
            Offers = Shuffle(snapshot.Offers, random),
            Held = Shuffle(snapshot.Held, random),
        };
        var (plan, other) = (Matcher.Plan(snapshot), Matcher.Plan(shuffled));
        Assert.Equal(plan.Assignments.AsEnumerable(), other.Assignments.AsEnumerable());
        Assert.Equal(plan.Unmatched.Select(Describe), other.Unmatched.Select(Describe));
    }, iter: 1_000);

    [Fact]
    public void One_job_gets_the_offer_that_completes_it_at_the_least_cost() => Gen.Select(AllOffers, Gen.Int[1, 300], Gen.Int[0, 20]).Sample((offers, seconds, delay) =>
    {
        var waiting = Feasible.Waiting(gib: 2, capability: 71, cap: "0.20", delay: $"{delay}", estimateSeconds: seconds);
        var plan = Matcher.Plan(Feasible.Market([waiting], offers));
        var costs = offers
            .Where(offer => offer.State == OfferState.Active && offer.ValidUntil > Feasible.Noon && offer.Device.ComputeCapability >= 71
                && offer.SlotMemoryBytes >= 2 * Feasible.GiB && offer.StartPrice.Micros + (offer.PricePerSecond.Micros * seconds) <= 200_000)
            .Select(offer => offer.StartPrice.Micros + (offer.PricePerSecond.Micros * seconds))
            .ToArray();
        Assert.Equal(costs.Length > 0 ? costs.Min() : null, plan.Assignments.Select(a => (long?)a.Quote.Micros).SingleOrDefault());
    });

    [Fact]
    public void The_oldest_are_never_passed_over_for_a_younger_one_alike() => Gen.Select(Gen.Int[0, 9].Array[1, 8], Gen.Int[1, 8]).Sample((minutes, slots) =>
    {
        var waiting = minutes.Select((minute, job) => Feasible.Waiting(job, submittedMinute: minute)).ToArray();
        var plan = Matcher.Plan(Feasible.Market(waiting, [Feasible.Offer(slots: slots)]));
        Assert.Equal(minutes.Order().Take(slots), plan.Assignments.Select(a => (int)(a.Waiting.SubmittedAt - Feasible.Noon).TotalMinutes));
    });

    private static string Describe(Unmatched unmatched) =>
        $"{unmatched.Job}/{unmatched.Replica}: {unmatched.Explanation.Offers} {string.Join(", ", unmatched.Explanation.Refusals)}";

    private static ImmutableArray<T> Shuffle<T>(ImmutableArray<T> rows, Random random)
    {
        var copy = rows.ToArray();
        random.Shuffle(copy);
        return [.. copy];
    }
}
