using Broker.Core.Ids;
using Broker.Tests;

namespace Broker.Storage.Tests;

public sealed class OperationMeterTests(EmulatorFixture emulator)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_request_is_counted_by_kind_and_by_job()
    {
        var storage = await emulator.CreateStorageAsync();
        var before = storage.Meter.Kinds;
        using (storage.Meter.For(Make.JobId()))
        {
            await new JobStore(storage).WriteAsync(Make.Job(), null, Token);
            await new JobStore(storage).FindAsync(Make.JobId(), Token);
            await new MessageQueues(storage).SendAsync(QueueNames.Reports, new { }, null, Token);
        }

        Assert.Equal(3, storage.Meter.Jobs[Make.JobId()]);
        Assert.Equal(1, storage.Meter.Kinds["table.transaction"] - before.GetValueOrDefault("table.transaction"));
        Assert.Equal(1, storage.Meter.Kinds["table.query"] - before.GetValueOrDefault("table.query"));
        Assert.Equal(1, storage.Meter.Kinds["queue.send"] - before.GetValueOrDefault("queue.send"));
    }

    [Fact]
    public async Task What_several_jobs_share_is_divided_and_empty_polls_are_free()
    {
        var storage = await emulator.CreateStorageAsync();
        JobId[] jobs = [Make.JobId("1"), Make.JobId("2")];
        using (storage.Meter.For(jobs))
        {
            await new PoolStore(storage).ReadAsync(PoolName.Default, Make.Noon, Token);
            await new MessageQueues(storage).ReceiveAsync(QueueNames.Reports, 1, TimeSpan.FromSeconds(1), Token);
        }

        Assert.All(jobs, job => Assert.Equal(0.5, storage.Meter.Jobs[job]));
    }

    [Fact]
    public async Task What_goes_on_with_time_is_not_counted()
    {
        var storage = await emulator.CreateStorageAsync();
        var before = storage.Meter.Kinds.Values.Sum();
        using (storage.Meter.Uncounted()) await new JobStore(storage).FindAsync(Make.JobId(), Token);
        Assert.Equal(before, storage.Meter.Kinds.Values.Sum());
    }
}
