using Broker.Core.Ids;
using Broker.Core.Market;
using Broker.Tests;

namespace Broker.Storage.Tests;

public sealed class AssignmentStoreTests(EmulatorFixture emulator)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_assignment_turns_a_waiting_row_into_a_held_slot()
    {
        var storage = await MakePoolAsync(jobs: 1, offers: 1, slots: 1);
        var result = await RoundAsync(storage);
        Assert.Equal((1, 0), (result.Committed.Length, result.Conflicts));
        var after = await new PoolStore(storage).ReadAsync(PoolName.Default, Make.Noon, Token);
        Assert.Empty(after.Market.Waiting);
        Assert.Equal(result.Committed[0].Attempt, Assert.Single(after.Market.Held).Id);
    }

    [Fact]
    public async Task A_plan_larger_than_a_transaction_is_committed_whole()
    {
        var storage = await MakePoolAsync(jobs: 60, offers: 2, slots: 30);
        var result = await RoundAsync(storage);
        Assert.Equal((60, 0), (result.Committed.Length, result.Conflicts));
    }

    [Fact]
    public async Task An_offer_that_moved_loses_only_what_hangs_on_it()
    {
        var storage = await MakePoolAsync(jobs: 4, offers: 2, slots: 2);
        var pools = new PoolStore(storage);
        var snapshot = await pools.ReadAsync(PoolName.Default, Make.Noon, Token);
        var moved = snapshot.Market.Offers[0];
        await new OfferStore(storage).PutAsync(moved with { State = OfferState.Paused }, Token);

        var result = await new AssignmentStore(storage).CommitAsync(snapshot, Matcher.Plan(snapshot.Market), Make.Noon, Token);
        Assert.Equal((2, 2), (result.Committed.Length, result.Conflicts));
        Assert.DoesNotContain(result.Committed, assignment => assignment.Offer.Worker == moved.Worker);
    }

    [Fact]
    public async Task A_job_that_was_cancelled_in_between_loses_only_its_own_assignment()
    {
        var storage = await MakePoolAsync(jobs: 3, offers: 1, slots: 3);
        var pools = new PoolStore(storage);
        var snapshot = await pools.ReadAsync(PoolName.Default, Make.Noon, Token);
        var gone = Make.Job("1", Make.Noon.AddSeconds(1)).After;
        await pools.ApplyAsync(Core.Jobs.Lifecycle.Cancel(gone, "test", Make.Noon).Change!, Token);

        var result = await new AssignmentStore(storage).CommitAsync(snapshot, Matcher.Plan(snapshot.Market), Make.Noon, Token);
        Assert.Equal((2, 1), (result.Committed.Length, result.Conflicts));
        Assert.DoesNotContain(result.Committed, assignment => assignment.Waiting.Job == gone.Id);
    }

    [Fact]
    public async Task A_replica_that_waits_for_something_else_by_now_is_not_assigned()
    {
        var storage = await MakePoolAsync(jobs: 1, offers: 1, slots: 1);
        var pools = new PoolStore(storage);
        var snapshot = await pools.ReadAsync(PoolName.Default, Make.Noon, Token);
        await pools.RestoreAsync(Make.Job("0", Make.Noon).After, Token);

        var result = await new AssignmentStore(storage).CommitAsync(snapshot, Matcher.Plan(snapshot.Market), Make.Noon, Token);
        Assert.Equal((0, 1), (result.Committed.Length, result.Conflicts));
        Assert.Empty((await pools.ReadAsync(PoolName.Default, Make.Noon, Token)).Market.Held);
    }

    [Fact]
    public async Task An_assignment_whose_answer_was_lost_is_known_as_ones_own()
    {
        var prefix = EmulatorFixture.NextPrefix();
        var calm = new BrokerStorage(emulator.ConnectionString, prefix);
        await calm.CreateAsync([], Token);
        await new PoolStore(calm).RestoreAsync(Make.Job().After, Token);
        await new OfferStore(calm).PutAsync(Make.Offer(), Token);

        var lossy = new AnswerLosingTransport(request => request.Contains("$batch", StringComparison.Ordinal));
        var result = await RoundAsync(new BrokerStorage(emulator.ConnectionString, prefix, lossy));
        Assert.Equal(1, lossy.Lost);
        Assert.Equal((1, 0), (result.Committed.Length, result.Conflicts));
    }

    [Fact]
    public async Task Matchers_that_race_never_sell_a_slot_twice()
    {
        var storage = await MakePoolAsync(jobs: 40, offers: 5, slots: 4);
        var racing = Enumerable.Range(0, 6).Select(async _ =>
        {
            var committed = new List<Assignment>();
            while (true)
            {
                var result = await RoundAsync(storage);
                committed.AddRange(result.Committed);
                if (result.Conflicts == 0) return committed;
            }
        });
        var committed = (await Task.WhenAll(racing)).SelectMany(list => list).ToList();

        Assert.Equal(20, committed.Count);
        Assert.Equal(20, committed.Select(assignment => assignment.Waiting.Job).Distinct().Count());
        Assert.All(committed.GroupBy(assignment => assignment.Offer.Worker), group => Assert.Equal(4, group.Count()));
    }

    private async Task<BrokerStorage> MakePoolAsync(int jobs, int offers, int slots)
    {
        var storage = await emulator.CreateStorageAsync();
        var pools = new PoolStore(storage);
        for (var i = 0; i < jobs; i++) await pools.RestoreAsync(Make.Job($"{i}", Make.Noon.AddSeconds(i)).After, Token);
        for (var i = 0; i < offers; i++) await new OfferStore(storage).PutAsync(Make.Offer($"w{i}", slots), Token);
        return storage;
    }

    private static async Task<CommittedPlan> RoundAsync(BrokerStorage storage)
    {
        var snapshot = await new PoolStore(storage).ReadAsync(PoolName.Default, Make.Noon, Token);
        return await new AssignmentStore(storage).CommitAsync(snapshot, Matcher.Plan(snapshot.Market), Make.Noon, Token);
    }
}
