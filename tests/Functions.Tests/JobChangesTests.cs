using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Functions.Jobs;
using Broker.Storage;
using Broker.Tests;
using Microsoft.Extensions.Time.Testing;

namespace Broker.Functions.Tests;

public sealed class JobChangesTests(EmulatorFixture emulator) : IAsyncLifetime
{
    private BrokerStorage _storage = null!;
    private AppServices _app = null!;
    private AppServices _other = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _storage = await emulator.CreateStorageAsync();
        var clock = new FakeTimeProvider(Make.Noon);
        _app = new AppServices(_storage, clock);
        _other = new AppServices(_storage, clock);
        await _app.Get<Submission>().WriteAsync(Make.Job(), Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _other.DisposeAsync();
    }

    [Fact]
    public async Task What_this_instance_wrote_last_is_changed_without_reading_it_again()
    {
        var before = Reads();
        var result = await CancelAsync(_app);
        Assert.Equal(JobState.Cancelled, result.Job!.State);
        Assert.Equal(before, Reads());
    }

    [Fact]
    public async Task A_decision_that_writes_nothing_is_made_from_what_is_stored()
    {
        await CancelAsync(_other);
        var result = await _app.Get<JobChanges>().ApplyAsync(
            Make.JobId(), job => job.State == JobState.Queued ? LifecycleRefusal.WrongState : LifecycleRefusal.Ended, Token);
        Assert.Equal(LifecycleRefusal.Ended, result.Refusal);
        Assert.Equal(JobState.Cancelled, result.Job!.State);
    }

    [Fact]
    public async Task A_change_of_what_another_instance_has_changed_since_is_decided_anew()
    {
        await _other.Get<OfferStore>().PutAsync(Make.Offer(), Token);
        await _other.Get<MessageQueues>().CreateAsync(QueueNames.Attempts(Make.Offer().Worker), Token);
        await RoundAsync(_other, new SubmittedJob(Make.JobId(), Make.Noon));
        Assert.Equal(JobState.Queued, _app.Get<JobStore>().Recall(Make.JobId())!.Job.State);

        var result = await CancelAsync(_app);
        Assert.Equal(JobState.Cancelled, result.Job!.State);
        Assert.Equal(AttemptState.Withdrawn, Assert.Single(result.Job.Attempts).State);
    }

    [Fact]
    public async Task A_report_of_a_run_that_began_at_another_instance_is_taken_in()
    {
        await _app.Get<OfferStore>().PutAsync(Make.Offer(), Token);
        await _app.Get<MessageQueues>().CreateAsync(QueueNames.Attempts(Make.Offer().Worker), Token);
        await RoundAsync(_app, new SubmittedJob(Make.JobId(), Make.Noon));
        var attempt = new AttemptId(Make.JobId(), 0, 1);
        await _other.Get<AttemptIntake>().StartAsync(attempt, AppServices.Worker, "run00001", Make.Noon, Token);
        Assert.Null(_app.Get<JobStore>().Recall(Make.JobId())!.Job.FindAttempt(0, 1)!.Run);

        var job = (await _app.Get<JobStore>().FindAsync(attempt.Job, Token))!.Job;
        var report = new AttemptReport("run00001", RunOutcome.Completed, Make.Commitment(job, job.Attempts[0], "run00001"));
        var result = await _app.Get<AttemptIntake>().ReportAsync(attempt, Make.Offer().Worker, report, Token);
        Assert.Equal(LifecycleRefusal.None, result.Refusal);
        Assert.Empty(result.Errors);
        Assert.Equal(LifecycleRefusal.StaleAttempt, (await _app.Get<AttemptIntake>().ReportAsync(attempt, Make.Offer().Worker, report with { Run = "another1" }, Token)).Refusal);
    }

    [Fact]
    public async Task A_round_takes_what_its_bell_names_and_what_it_leaves_waits_for_the_next()
    {
        await _app.Get<Submission>().WriteAsync(Make.Job("2"), Token);
        await _app.Get<Submission>().WriteAsync(Make.Job("3"), Token);
        await RoundAsync(_app, new SubmittedJob(Make.JobId(), Make.Noon), new SubmittedJob(Make.JobId("2"), Make.Noon));
        Assert.Equal([Make.JobId("3")], (await ReadAsync()).Pending.Select(replica => replica.Job));

        await _app.Get<OfferStore>().PutAsync(Make.Offer(slots: 3), Token);
        await _app.Get<MessageQueues>().CreateAsync(QueueNames.Attempts(Make.Offer().Worker), Token);
        await RoundAsync(_app);
        var after = await ReadAsync();
        Assert.Equal([Make.JobId("3")], after.Pending.Select(replica => replica.Job));
        Assert.Empty(after.Market.Waiting);
        Assert.Equal(2, after.Market.Held.Length);
    }

    [Fact]
    public async Task A_message_of_a_newer_instance_is_handled_without_what_it_says_more()
    {
        await _app.Get<OfferStore>().PutAsync(Make.Offer(), Token);
        await _app.Get<MessageQueues>().CreateAsync(QueueNames.Attempts(Make.Offer().Worker), Token);
        using var scope = _app.Get<OperationMeter>().For();
        var function = _app.Get<FunctionTable>().Queues.Single(function => function.Queue == QueueNames.MatchRounds);
        await function.RunAsync($$"""{"pool":"default","later":true,"submitted":[{"job":"{{Make.JobId()}}","at":"2026-01-01T12:00:00+00:00","later":1}]}""", scope, Token);
        Assert.Single((await ReadAsync()).Market.Held);
    }

    private static Task<ChangeResult> CancelAsync(AppServices app) =>
        app.Get<JobChanges>().ApplyAsync(Make.JobId(), job => Lifecycle.Cancel(job, "test", Make.Noon), Token);

    private static async Task RoundAsync(AppServices app, params SubmittedJob[] submitted)
    {
        using var scope = app.Get<OperationMeter>().For();
        await app.Get<MatchJobs>().RunAsync(new MatchRound(PoolName.Default) { Submitted = [.. submitted] }, scope, Token);
    }

    private Task<PoolSnapshot> ReadAsync() => _app.Get<PoolStore>().ReadAsync(PoolName.Default, Make.Noon, Token);

    private long Reads() => _storage.Meter.Kinds.GetValueOrDefault("table.query") + _storage.Meter.Kinds.GetValueOrDefault("table.read");
}
