using Azure.Data.Tables;
using Broker.Core.Jobs;
using Broker.Core.Verification;
using Broker.Storage.Rows;
using Broker.Tests;

namespace Broker.Storage.Tests;

public sealed class ChainEndStoreTests(EmulatorFixture emulator)
{
    private static readonly DateOnly Day = DateOnly.FromDateTime(Make.Noon.UtcDateTime);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pages_cover_each_job_that_has_ended_once_in_the_order_of_their_ids()
    {
        var storage = await emulator.CreateStorageAsync();
        var ended = new List<JobRecord>();
        for (var i = 0; i < 5; i++) ended.Add(await EndAsync(storage, $"{i}", Make.Noon));
        await new JobStore(storage).WriteAsync(Make.Job("open"), null, Token);
        var ends = new ChainEndStore(storage);
        var first = await ends.ReadPageAsync(null, null, 3, Token);
        var second = await ends.ReadPageAsync(null, Core.Ids.JobId.Parse(first.Next!), 3, Token);
        Assert.Equal(ended.Select(job => job.Id.ToString()).Order(StringComparer.Ordinal), first.Items.Concat(second.Items).Select(job => job.Id.ToString()));
        Assert.Null(second.Next);
        Assert.All(first.Items, job => Assert.Equal(ended.Single(other => other.Id == job.Id).LastEventHash, job.LastEventHash));
    }

    [Fact]
    public async Task A_day_begins_with_its_midnight_and_ends_before_the_next()
    {
        var storage = await emulator.CreateStorageAsync();
        var midnight = Make.Noon.AddHours(-12);
        await EndAsync(storage, "before", midnight.AddTicks(-1));
        var first = await EndAsync(storage, "first", midnight);
        var last = await EndAsync(storage, "last", midnight.AddDays(1).AddTicks(-1));
        await EndAsync(storage, "after", midnight.AddDays(1));
        var ends = new ChainEndStore(storage);
        Assert.Equal(new[] { first.Id, last.Id }.ToHashSet(), (await ends.ReadDayAsync(Day, Token)).Select(end => end.Job).ToHashSet());
        Assert.Equal(Day.AddDays(-1), await ends.FindFirstDayAsync(Day, Token));
        Assert.Null(await ends.FindFirstDayAsync(Day.AddDays(-2), Token));
    }

    [Fact]
    public async Task A_row_that_holds_no_hash_stands_with_zeros()
    {
        var storage = await emulator.CreateStorageAsync();
        var job = await EndAsync(storage, "1", Make.Noon);
        await storage.Jobs.UpsertEntityAsync(new TableEntity(job.Id.ToString(), JobRows.Job) { ["lastEventHash"] = new string('x', 5000) }, TableUpdateMode.Merge, Token);
        Assert.Equal([new ChainEnd(job.Id, 2, default)], await new ChainEndStore(storage).ReadDayAsync(Day, Token));
    }

    private static async Task<JobRecord> EndAsync(BrokerStorage storage, string key, DateTimeOffset at)
    {
        var jobs = new JobStore(storage);
        await jobs.WriteAsync(Make.Job(key), null, Token);
        var stored = (await jobs.FindAsync(Make.JobId(key), Token))!;
        var change = Lifecycle.Cancel(stored.Job, "test", at).Change!;
        Assert.Equal(WriteOutcome.Written, await jobs.WriteAsync(change, stored.Version, Token));
        return change.After;
    }
}
