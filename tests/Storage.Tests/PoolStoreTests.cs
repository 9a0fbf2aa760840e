using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Core.Market;
using Broker.Tests;

namespace Broker.Storage.Tests;

public sealed class PoolStoreTests(EmulatorFixture emulator)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_submission_is_out_of_the_market_until_it_is_complete()
    {
        var pools = new PoolStore(await emulator.CreateStorageAsync());
        Assert.False(await pools.HasWaitingAsync(PoolName.Default, Token));
        var job = Make.Job().After;
        await pools.BeginSubmissionAsync(job, Token);
        await pools.BeginSubmissionAsync(job, Token);
        var pending = await pools.ReadAsync(PoolName.Default, Make.Noon, Token);
        Assert.Empty(pending.Market.Waiting);
        Assert.Equal(job.Id, Assert.Single(pending.Pending).Job);
        Assert.True(await pools.HasWaitingAsync(PoolName.Default, Token));

        await pools.EndSubmissionAsync(pending, pending.Pending, Token);
        var waiting = await pools.ReadAsync(PoolName.Default, Make.Noon, Token);
        Assert.Empty(waiting.Pending);
        Assert.Equal(job.Id, Assert.Single(waiting.Market.Waiting).Job);
    }

    [Fact]
    public async Task A_submission_is_let_in_by_who_knows_it_to_be_complete_and_by_no_other()
    {
        var pools = new PoolStore(await emulator.CreateStorageAsync());
        var job = Make.Job().After;
        await pools.BeginSubmissionAsync(job, Token);
        await pools.BeginSubmissionAsync(Make.Job("other").After, Token);
        var read = await pools.ReadAsync(PoolName.Default, Make.Noon, Token);

        var admitted = read.Admit([new SubmittedJob(job.Id, Make.Noon), new SubmittedJob(Make.JobId("other"), Make.Noon.AddSeconds(1))]);
        Assert.Equal(job.Id, Assert.Single(admitted.Market.Waiting).Job);
        Assert.Equal(Make.JobId("other"), Assert.Single(admitted.Pending).Job);
    }

    [Fact]
    public async Task Ending_a_submission_does_not_bring_back_what_has_gone_meanwhile()
    {
        var pools = new PoolStore(await emulator.CreateStorageAsync());
        await pools.BeginSubmissionAsync(Make.Job().After, Token);
        await pools.BeginSubmissionAsync(Make.Job("other").After, Token);
        var read = await pools.ReadAsync(PoolName.Default, Make.Noon, Token);
        await pools.ApplyAsync(Lifecycle.Cancel(Make.Job().After, "test", Make.Noon).Change!, Token);

        await pools.EndSubmissionAsync(read, read.Pending, Token);
        Assert.Equal(Make.JobId("other"), Assert.Single((await pools.ReadAsync(PoolName.Default, Make.Noon, Token)).Market.Waiting).Job);
    }

    [Fact]
    public async Task An_ended_job_leaves_no_row()
    {
        var pools = new PoolStore(await emulator.CreateStorageAsync());
        var job = Make.Job().After;
        await pools.RestoreAsync(job, Token);
        await pools.ApplyAsync(Lifecycle.Cancel(job, "test", Make.Noon).Change!, Token);
        Assert.Empty((await pools.ReadAsync(PoolName.Default, Make.Noon, Token)).Market.Waiting);
    }

    [Fact]
    public async Task A_change_applies_again_after_a_crash()
    {
        var pools = new PoolStore(await emulator.CreateStorageAsync());
        var job = Make.Job().After;
        await pools.RestoreAsync(job, Token);
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
        var assigned = Lifecycle.Assign(job, new Assignment(waiting, Make.Offer(), default), default, Make.Noon).Change!.After;
        await pools.RestoreAsync(assigned, Token);
        var snapshot = await pools.ReadAsync(PoolName.Default, Make.Noon, Token);
        Assert.Empty(snapshot.Market.Waiting);
        Assert.Equal(assigned.Id, Assert.Single(snapshot.Market.Held).Job);
    }

    [Fact]
    public async Task Dropping_a_submission_leaves_a_row_that_waits_again_by_now()
    {
        var pools = new PoolStore(await emulator.CreateStorageAsync());
        await pools.BeginSubmissionAsync(Make.Job().After, Token);
        await pools.BeginSubmissionAsync(Make.Job("other").After, Token);
        var read = await pools.ReadAsync(PoolName.Default, Make.Noon, Token);
        await pools.RestoreAsync(Make.Job().After, Token);

        await pools.DropSubmissionAsync(read, read.Pending, Token);
        var after = await pools.ReadAsync(PoolName.Default, Make.Noon, Token);
        Assert.Equal(Make.JobId(), Assert.Single(after.Market.Waiting).Job);
        Assert.Empty(after.Pending);
    }

    [Fact]
    public async Task A_row_of_a_newer_program_is_read_without_what_it_says_more()
    {
        var storage = await emulator.CreateStorageAsync();
        var waiting = PoolIndex.Of(Make.Job().After).Waiting[0];
        var row = Rows.TableRows.Make("default", Rows.PoolRows.WaitingKey(waiting), waiting);
        row["data"] = row.GetString("data").Replace("{\"job\"", "{\"later\":[1],\"job\"", StringComparison.Ordinal);
        await storage.Pools.AddEntityAsync(row, Token);
        var read = Assert.Single((await new PoolStore(storage).ReadAsync(PoolName.Default, Make.Noon, Token)).Market.Waiting);
        Assert.Equal(waiting with { Excluded = read.Excluded }, read);
    }

    [Fact]
    public async Task Releasing_an_old_attempt_does_not_free_the_slot_of_a_newer_one()
    {
        var pools = new PoolStore(await emulator.CreateStorageAsync());
        var job = Make.Job().After;
        var first = Lifecycle.Assign(job, new Assignment(PoolIndex.Of(job).Waiting[0], Make.Offer(), default), default, Make.Noon).Change!.After;
        var lost = Lifecycle.Lose(first, new AttemptId(job.Id, 0, 1), "test", Make.Noon).Change!.After;
        var second = Lifecycle.Assign(lost, new Assignment(PoolIndex.Of(lost).Waiting[0], Make.Offer("other"), default), default, Make.Noon).Change!.After;
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
