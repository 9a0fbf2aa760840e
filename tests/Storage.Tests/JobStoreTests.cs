using Broker.Core.Api;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Core.Market;
using Broker.Tests;

namespace Broker.Storage.Tests;

public sealed class JobStoreTests(EmulatorFixture emulator)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_job_reads_back_as_it_was_written()
    {
        var jobs = new JobStore(await emulator.CreateStorageAsync());
        var submitted = Make.Job(terms: """{ "maxPrice": "0.25", "attempts": 2, "deadline": "2030-01-01T00:00:00Z" }""");
        Assert.Equal(WriteOutcome.Written, await jobs.WriteAsync(submitted, null, Token));

        var stored = await jobs.FindAsync(submitted.After.Id, Token);
        var assigned = Assign(stored!.Job);
        Assert.Equal(WriteOutcome.Written, await jobs.WriteAsync(assigned, stored.Version, Token));

        var read = (await jobs.FindAsync(submitted.After.Id, Token))!.Job;
        Assert.Equal(JobState.Running, read.State);
        Assert.Equal(assigned.After.QueueUntil, read.QueueUntil);
        Assert.Equal(assigned.After.RequestHash, read.RequestHash);
        Assert.Equal(assigned.After.LastEventHash, read.LastEventHash);
        Assert.Equal(assigned.After.Document.Terms, read.Document.Terms);
        var attempt = Assert.Single(read.Attempts);
        Assert.Equal(assigned.After.Attempts[0] with { Checks = attempt.Checks }, attempt);
    }

    [Fact]
    public async Task The_newest_attempt_is_the_one_with_the_greatest_number_whatever_the_clocks_said()
    {
        var jobs = new JobStore(await emulator.CreateStorageAsync());
        await jobs.WriteAsync(Make.Job(), null, Token);
        var stored = (await jobs.FindAsync(Make.JobId(), Token))!;
        var later = HeldSlot.Of(new Assignment(PoolIndex.Of(stored.Job).Waiting[0], Make.Offer(), default), Make.Noon.AddSeconds(30));
        await jobs.WriteAsync(Lifecycle.Abandon(stored.Job, later, Make.Noon.AddSeconds(60)).Change!, stored.Version, Token);
        stored = (await jobs.FindAsync(Make.JobId(), Token))!;
        await jobs.WriteAsync(Assign(stored.Job), stored.Version, Token);

        var read = (await jobs.FindAsync(Make.JobId(), Token))!.Job;
        Assert.Equal(2, read.FindCurrent(0)!.Number);
        Assert.False(read.IsWaiting(0));
    }

    [Fact]
    public async Task The_history_reads_back_as_a_chain()
    {
        var jobs = new JobStore(await emulator.CreateStorageAsync());
        var change = Make.Job();
        await jobs.WriteAsync(change, null, Token);
        var stored = await jobs.FindAsync(change.After.Id, Token);
        await jobs.WriteAsync(Assign(stored!.Job), stored.Version, Token);

        var events = await jobs.ReadEventsAsync(change.After.Id, 0, 100, Token);
        Assert.Equal([JobEventKind.Submitted, JobEventKind.Assigned], events.Select(entry => entry.Kind));
        Assert.All(events, entry => Assert.Equal(entry.ComputeHash(change.After.Id), entry.Hash));
        Assert.Equal(events[0].Hash, events[1].PreviousHash);
        Assert.Equal(events[1], Assert.Single(await jobs.ReadEventsAsync(change.After.Id, 1, 100, Token)));
    }

    [Fact]
    public async Task A_decision_on_an_old_version_is_a_conflict_and_changes_nothing()
    {
        var jobs = new JobStore(await emulator.CreateStorageAsync());
        var change = Make.Job();
        await jobs.WriteAsync(change, null, Token);
        var read = (await jobs.FindAsync(change.After.Id, Token))!;
        await jobs.WriteAsync(Cancel(read.Job), read.Version, Token);

        Assert.Equal(WriteOutcome.Conflict, await jobs.WriteAsync(Assign(read.Job), read.Version, Token));
        var after = (await jobs.FindAsync(change.After.Id, Token))!.Job;
        Assert.Equal(JobState.Cancelled, after.State);
        Assert.Empty(after.Attempts);
    }

    [Fact]
    public async Task A_job_is_created_once()
    {
        var jobs = new JobStore(await emulator.CreateStorageAsync());
        Assert.Equal(WriteOutcome.Written, await jobs.WriteAsync(Make.Job(), null, Token));
        Assert.Equal(WriteOutcome.Conflict, await jobs.WriteAsync(Make.Job(), null, Token));
    }

    [Fact]
    public async Task A_decision_on_what_another_has_changed_since_is_refused_and_changes_nothing()
    {
        var jobs = new JobStore(await emulator.CreateStorageAsync());
        await jobs.WriteAsync(Make.Job(), null, Token);
        var read = (await jobs.FindAsync(Make.JobId(), Token))!;
        Assert.Equal(WriteOutcome.Written, await jobs.WriteAsync(Assign(read.Job), read.Version, Token));

        // Without its events, so that only the version tells.
        Assert.Equal(WriteOutcome.Conflict, await jobs.WriteAsync(Cancel(read.Job) with { Events = [] }, read.Version, Token));
        Assert.Equal(JobState.Running, (await jobs.FindAsync(Make.JobId(), Token))!.Job.State);
    }

    [Fact]
    public async Task A_write_whose_answer_was_lost_is_known_as_ones_own()
    {
        var prefix = EmulatorFixture.NextPrefix();
        var calm = new BrokerStorage(emulator.ConnectionString, prefix);
        await calm.CreateAsync([], Token);
        await new JobStore(calm).WriteAsync(Make.Job(), null, Token);
        var read = (await new JobStore(calm).FindAsync(Make.JobId(), Token))!;

        var lossy = new AnswerLosingTransport(request => request.Contains("$batch", StringComparison.Ordinal));
        var outcome = await new JobStore(new BrokerStorage(emulator.ConnectionString, prefix, lossy)).WriteAsync(Cancel(read.Job), read.Version, Token);

        Assert.Equal(1, lossy.Lost);
        Assert.Equal(WriteOutcome.Written, outcome);
        Assert.Equal(JobState.Cancelled, (await new JobStore(calm).FindAsync(Make.JobId(), Token))!.Job.State);
    }

    [Fact]
    public async Task A_write_whose_answer_was_lost_is_recalled_with_the_version_that_it_left()
    {
        var prefix = EmulatorFixture.NextPrefix();
        await new BrokerStorage(emulator.ConnectionString, prefix).CreateAsync([], Token);
        var lossy = new AnswerLosingTransport(request => request.Contains("$batch", StringComparison.Ordinal));
        var jobs = new JobStore(new BrokerStorage(emulator.ConnectionString, prefix, lossy));
        Assert.Equal(WriteOutcome.Written, await jobs.WriteAsync(Make.Job(), null, Token));

        Assert.Equal(1, lossy.Lost);
        Assert.Equal((await jobs.FindAsync(Make.JobId(), Token))!.Version, jobs.Recall(Make.JobId())!.Version);
    }

    [Fact]
    public async Task Progress_is_read_with_the_job_and_does_not_move_its_version()
    {
        var jobs = new JobStore(await emulator.CreateStorageAsync());
        await jobs.WriteAsync(Make.Job(), null, Token);
        var before = (await jobs.FindAsync(Make.JobId(), Token))!;
        await jobs.WriteProgressAsync(Make.JobId(), 0, new Progress(1, 20, 300), Token);
        var after = (await jobs.FindAsync(Make.JobId(), Token))!;
        Assert.Equal(new Progress(1, 20, 300), after.Progress);
        Assert.Equal(before.Version, after.Version);
    }

    [Fact]
    public async Task A_job_that_was_written_here_is_recalled_with_a_version_that_guards_the_next_write()
    {
        var storage = await emulator.CreateStorageAsync();
        var jobs = new JobStore(storage);
        Assert.Null(jobs.Recall(Make.JobId()));
        await jobs.WriteAsync(Make.Job(), null, Token);
        var recalled = jobs.Recall(Make.JobId())!;
        Assert.Equal((await jobs.FindAsync(Make.JobId(), Token))!.Version, recalled.Version);
        Assert.Equal(WriteOutcome.Written, await jobs.WriteAsync(Assign(recalled.Job), recalled.Version, Token));
        Assert.Equal(JobState.Running, jobs.Recall(Make.JobId())!.Job.State);

        var other = new JobStore(storage);
        Assert.Null(other.Recall(Make.JobId()));
        var read = (await other.FindAsync(Make.JobId(), Token))!;
        await other.WriteAsync(Cancel(read.Job), read.Version, Token);
        var old = jobs.Recall(Make.JobId())!;
        Assert.Equal(WriteOutcome.Conflict, await jobs.WriteAsync(Cancel(old.Job), old.Version, Token));
        Assert.Null(jobs.Recall(Make.JobId()));
    }

    [Fact]
    public async Task A_job_that_has_ended_or_was_deleted_is_not_recalled()
    {
        var jobs = new JobStore(await emulator.CreateStorageAsync());
        await jobs.WriteAsync(Make.Job(), null, Token);
        await jobs.WriteAsync(Make.Job("2"), null, Token);
        var recalled = jobs.Recall(Make.JobId())!;
        await jobs.WriteAsync(Cancel(recalled.Job), recalled.Version, Token);
        Assert.Null(jobs.Recall(Make.JobId()));
        await jobs.DeleteAsync(Make.JobId("2"), Token);
        Assert.Null(jobs.Recall(Make.JobId("2")));
    }

    [Fact]
    public void Thousands_of_jobs_are_recalled_and_the_oldest_make_room()
    {
        var jobs = new RecentJobs();
        for (var i = 0; i < 5000; i++) jobs.Put(new StoredJob(Make.Job($"{i}").After, default, null), documentBytes: 500);
        jobs.Put(new StoredJob(Make.Job("great").After, default, null), documentBytes: 10_000);
        Assert.Null(jobs.Find(Make.JobId("903")));
        Assert.NotNull(jobs.Find(Make.JobId("904")));
        Assert.NotNull(jobs.Find(Make.JobId("4999")));
        Assert.Null(jobs.Find(Make.JobId("great")));
    }

    [Fact]
    public async Task What_does_not_exist_is_null()
    {
        var jobs = new JobStore(await emulator.CreateStorageAsync());
        Assert.Null(await jobs.FindAsync(JobId.Parse(new string('0', 24)), Token));
    }

    private static JobChange Assign(JobRecord job)
    {
        var waiting = PoolIndex.Of(job).Waiting[0];
        return Lifecycle.Assign(job, new Assignment(waiting, Make.Offer(), Pricing.Quote(waiting, Make.Offer())), default, Make.Noon).Change!;
    }

    private static JobChange Cancel(JobRecord job) => Lifecycle.Cancel(job, "test", Make.Noon).Change!;
}
