using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Core.Market;
using Broker.Tests;

namespace Broker.Storage.Tests;

public sealed class PoolStoreTests(EmulatorFixture emulator)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_submission_is_pending_until_its_job_waits()
    {
        var pools = new PoolStore(await emulator.CreateStorageAsync());
        var job = Make.Job().After;
        await pools.BeginSubmissionAsync(PoolName.Default, job.Id, Make.Noon, Token);
        var pending = await pools.ReadAsync(PoolName.Default, Make.Noon, Token);
        Assert.Equal([new PendingSubmission(job.Id, Make.Noon)], pending.Submissions);
        Assert.Empty(pending.Market.Waiting);
        Assert.False(await pools.HasWaitingAsync(PoolName.Default, Token));

        await pools.EndSubmissionAsync(PoolName.Default, job.Id, PoolIndex.Of(job), Token);
        var waiting = await pools.ReadAsync(PoolName.Default, Make.Noon, Token);
        Assert.Empty(waiting.Submissions);
        Assert.Equal(job.Id, Assert.Single(waiting.Market.Waiting).Job);
        Assert.True(await pools.HasWaitingAsync(PoolName.Default, Token));
    }

    [Fact]
    public async Task An_ended_job_leaves_no_row()
    {
        var pools = new PoolStore(await emulator.CreateStorageAsync());
        var job = Make.Job().After;
        await pools.EndSubmissionAsync(PoolName.Default, job.Id, PoolIndex.Of(job), Token);
        await pools.ApplyAsync(Lifecycle.Cancel(job, "test", Make.Noon).Change!, Token);
        Assert.Empty((await pools.ReadAsync(PoolName.Default, Make.Noon, Token)).Market.Waiting);
    }

    [Fact]
    public async Task A_change_applies_again_after_a_crash()
    {
        var pools = new PoolStore(await emulator.CreateStorageAsync());
        var job = Make.Job().After;
        await pools.EndSubmissionAsync(PoolName.Default, job.Id, PoolIndex.Of(job), Token);
        var cancelled = Lifecycle.Cancel(job, "test", Make.Noon).Change!;
        await pools.ApplyAsync(cancelled, Token);
        await pools.ApplyAsync(cancelled, Token);
        await pools.RestoreAsync(cancelled.After, Token);
        Assert.Empty((await pools.ReadAsync(PoolName.Default, Make.Noon, Token)).Market.Waiting);
    }

    [Fact]
    public async Task Restoring_puts_back_what_a_job_needs_and_removes_the_rest()
    {
        var pools = new PoolStore(await emulator.CreateStorageAsync());
        var job = Make.Job().After;
        await pools.RestoreAsync(job, Token);
        Assert.Single((await pools.ReadAsync(PoolName.Default, Make.Noon, Token)).Market.Waiting);

        var waiting = PoolIndex.Of(job).Waiting[0];
        var assigned = Lifecycle.Assign(job, new Assignment(waiting, Make.Offer(), default), Make.Noon).Change!.After;
        await pools.RestoreAsync(assigned, Token);
        var snapshot = await pools.ReadAsync(PoolName.Default, Make.Noon, Token);
        Assert.Empty(snapshot.Market.Waiting);
        Assert.Equal(assigned.Id, Assert.Single(snapshot.Market.Held).Job);
    }

    [Fact]
    public async Task Releasing_an_old_attempt_does_not_free_the_slot_of_a_newer_one()
    {
        var pools = new PoolStore(await emulator.CreateStorageAsync());
        var job = Make.Job().After;
        var first = Lifecycle.Assign(job, new Assignment(PoolIndex.Of(job).Waiting[0], Make.Offer(), default), Make.Noon).Change!.After;
        var lost = Lifecycle.Lose(first, new AttemptId(job.Id, 0, 1), "test", Make.Noon).Change!.After;
        var second = Lifecycle.Assign(lost, new Assignment(PoolIndex.Of(lost).Waiting[0], Make.Offer("other"), default), Make.Noon).Change!.After;
        await pools.RestoreAsync(second, Token);

        await pools.ReleaseAsync(PoolName.Default, new AttemptId(job.Id, 0, 1), PoolIndex.Empty, Token);

        Assert.Equal(2, Assert.Single((await pools.ReadAsync(PoolName.Default, Make.Noon, Token)).Market.Held).Attempt);
    }

    [Fact]
    public async Task More_waiting_jobs_than_a_page_holds_do_not_hide_the_offers()
    {
        var storage = await emulator.CreateStorageAsync();
        var pools = new PoolStore(storage);
        await new OfferStore(storage).PutAsync(Make.Offer(), Token);
        for (var chunk = 0; chunk < 11; chunk++)
        {
            var rows = Enumerable.Range(chunk * 100, 100)
                .SelectMany(i => PoolIndex.Of(Make.Job($"{i}", Make.Noon.AddSeconds(i)).After).Waiting)
                .Select(waiting => new Azure.Data.Tables.TableTransactionAction(
                    Azure.Data.Tables.TableTransactionActionType.Add,
                    Rows.TableRows.Make("default", Rows.PoolRows.WaitingKey(waiting), waiting)));
            await storage.Pools.SubmitTransactionAsync(rows, Token);
        }

        var snapshot = await pools.ReadAsync(PoolName.Default, Make.Noon, Token);
        Assert.Equal(1000, snapshot.Market.Waiting.Length);
        Assert.Equal(Make.Noon, snapshot.Market.Waiting.Min(waiting => waiting.SubmittedAt));
        Assert.Equal(Make.Noon.AddSeconds(999), snapshot.Market.Waiting.Max(waiting => waiting.SubmittedAt));
        Assert.Single(snapshot.Market.Offers);
    }
}
