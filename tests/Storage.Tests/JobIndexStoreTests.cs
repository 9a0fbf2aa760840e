using Broker.Core.Jobs;
using Broker.Tests;

namespace Broker.Storage.Tests;

public sealed class JobIndexStoreTests(EmulatorFixture emulator)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pages_are_newest_first_and_cover_each_job_once()
    {
        var index = new JobIndexStore(await emulator.CreateStorageAsync());
        for (var i = 0; i < 7; i++) await index.WriteAsync(Make.Job($"{i}", Make.Noon.AddMinutes(i)).After, Token);

        var seen = new List<DateTimeOffset>();
        string? token = null;
        do
        {
            var page = await index.ReadAsync(Make.Submitter, null, token, 3, Token);
            Assert.InRange(page.Items.Length, 1, 3);
            seen.AddRange(page.Items.Select(item => item.SubmittedAt));
            token = page.Next;
        }
        while (token is not null);

        Assert.Equal(Enumerable.Range(0, 7).Select(i => Make.Noon.AddMinutes(6 - i)), seen);
    }

    [Fact]
    public async Task An_ended_state_is_found_exactly_and_the_others_as_open()
    {
        var index = new JobIndexStore(await emulator.CreateStorageAsync());
        var open = Make.Job("1").After;
        var cancelled = Lifecycle.Cancel(Make.Job("2").After, "test", Make.Noon).Change!.After;
        await index.WriteAsync(open, Token);
        await index.WriteAsync(cancelled, Token);

        Assert.Equal(cancelled.Id, Assert.Single((await index.ReadAsync(Make.Submitter, JobState.Cancelled, null, 10, Token)).Items).Id);
        Assert.Equal(open.Id, Assert.Single((await index.ReadAsync(Make.Submitter, JobState.Running, null, 10, Token)).Items).Id);
        Assert.Empty((await index.ReadAsync(Make.Submitter, JobState.Completed, null, 10, Token)).Items);
        Assert.Empty((await index.ReadAsync(Make.Provider, null, null, 10, Token)).Items);
    }
}
