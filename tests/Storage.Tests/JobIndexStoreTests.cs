using Broker.Core.Ids;
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
            var page = await index.ReadAsync(Make.Submitter, new JobFilter(), token, 3, Token);
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

        Assert.Equal(cancelled.Id, Assert.Single((await index.ReadAsync(Make.Submitter, new JobFilter(JobState.Cancelled), null, 10, Token)).Items).Id);
        Assert.Equal(open.Id, Assert.Single((await index.ReadAsync(Make.Submitter, new JobFilter(JobState.Running), null, 10, Token)).Items).Id);
        Assert.Empty((await index.ReadAsync(Make.Submitter, new JobFilter(JobState.Completed), null, 10, Token)).Items);
        Assert.Empty((await index.ReadAsync(Make.Provider, new JobFilter(), null, 10, Token)).Items);
    }

    [Fact]
    public async Task A_line_that_says_how_a_job_ended_outlives_what_is_written_late_about_its_beginning()
    {
        var index = new JobIndexStore(await emulator.CreateStorageAsync());
        var open = Make.Job().After;
        await index.WriteAsync(open, Token);
        await index.WriteAsync(Lifecycle.Cancel(open, "test", Make.Noon).Change!.After, Token);
        await index.WriteAsync(open, Token);
        Assert.Equal(JobState.Cancelled, Assert.Single((await index.ReadAsync(Make.Submitter, new JobFilter(), null, 10, Token)).Items).State);
    }

    [Fact]
    public async Task A_span_of_time_holds_its_beginning_and_not_its_end_on_every_page()
    {
        var index = new JobIndexStore(await emulator.CreateStorageAsync());
        for (var i = 0; i < 7; i++) await index.WriteAsync(Make.Job($"{i}", Make.Noon.AddMinutes(i)).After, Token);
        var filter = new JobFilter(Since: Make.Noon.AddMinutes(2), Until: Make.Noon.AddMinutes(5));

        var first = await index.ReadAsync(Make.Submitter, filter, null, 2, Token);
        var second = await index.ReadAsync(Make.Submitter, filter, first.Next, 2, Token);
        Assert.Equal([4, 3, 2], first.Items.Concat(second.Items).Select(item => (item.SubmittedAt - Make.Noon).TotalMinutes));
        Assert.Null(second.Next);
    }

    [Theory]
    [InlineData("' or PartitionKey gt '")]
    [InlineData("0000000000000000000:0123456789abcdef01234567' or RowKey gt '")]
    [InlineData("")]
    public async Task A_position_that_no_page_gave_becomes_no_part_of_a_query(string position)
    {
        Assert.False(JobIndexStore.IsPosition(position));
        var index = new JobIndexStore(await emulator.CreateStorageAsync());
        await Assert.ThrowsAsync<ArgumentException>(() => index.ReadAsync(Make.Submitter, new JobFilter(), position, 1, Token));
    }

    [Fact]
    public async Task A_line_that_is_removed_is_gone()
    {
        var index = new JobIndexStore(await emulator.CreateStorageAsync());
        var job = Make.Job().After;
        await index.WriteAsync(job, Token);
        await index.RemoveAsync(job, Token);
        await index.RemoveAsync(job, Token);
        Assert.Empty((await index.ReadAsync(Make.Submitter, new JobFilter(), null, 10, Token)).Items);
    }

    [Fact]
    public async Task A_content_is_found_in_the_jobs_that_name_it_until_they_end()
    {
        var index = new JobIndexStore(await emulator.CreateStorageAsync());
        var job = Make.Job().After;
        var named = job.Document.Contents.Single();
        await index.WriteAsync(job, Token);
        Assert.Equal(job.Id, await index.FindOpenAsync(Make.Submitter, named, Token));
        Assert.Null(await index.FindOpenAsync(Make.Submitter, ContentHash.Of([1]), Token));
        Assert.Null(await index.FindOpenAsync(Make.Provider, named, Token));
        await index.WriteAsync(Lifecycle.Cancel(job, "test", Make.Noon).Change!.After, Token);
        Assert.Null(await index.FindOpenAsync(Make.Submitter, named, Token));
    }
}
