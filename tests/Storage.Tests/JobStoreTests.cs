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
        Assert.Equal(assigned.After.Attempts[0] with { Outputs = attempt.Outputs }, attempt);
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
    public async Task What_does_not_exist_is_null()
    {
        var jobs = new JobStore(await emulator.CreateStorageAsync());
        Assert.Null(await jobs.FindAsync(JobId.Parse(new string('0', 24)), Token));
    }

    private static JobChange Assign(JobRecord job)
    {
        var waiting = PoolIndex.Of(job).Waiting[0];
        return Lifecycle.Assign(job, new Assignment(waiting, Make.Offer(), Pricing.Quote(waiting, Make.Offer())), Make.Noon).Change!;
    }

    private static JobChange Cancel(JobRecord job) => Lifecycle.Cancel(job, "test", Make.Noon).Change!;
}
