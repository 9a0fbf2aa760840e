using System.Text.Json;
using Broker.Core.Api;
using Broker.Core.Documents;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Core.Market;
using Broker.Functions.Jobs;
using Broker.Storage;
using Broker.Tests;

namespace Broker.Functions.Tests;

public sealed class SweepTests(EmulatorFixture emulator) : IAsyncLifetime
{
    private static readonly DateTimeOffset Later = Make.Noon.AddMinutes(1);
    private AppServices _app = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _app = new AppServices(await emulator.CreateStorageAsync(), TimeProvider.System);
        await Get<PoolDirectory>().AddAsync(PoolName.Default, Token);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task A_silent_worker_loses_its_attempt_and_its_offer_and_the_job_waits_again()
    {
        await AssignAsync();
        await PulseAsync(Make.Noon);
        await SweepAsync(Make.Noon.AddSeconds(20));
        await SweepAsync(Later.AddSeconds(-10));
        await SweepAsync(Later);
        var job = await ReadJobAsync();
        Assert.Equal((JobState.Queued, AttemptState.Lost), (job.State, job.Attempts[0].State));
        var market = await ReadMarketAsync();
        Assert.Empty(market.Held);
        Assert.Empty(market.Offers);
        Assert.Equal([new Exclusion(Make.Offer().Worker, Later + Exclusion.AfterLoss)], Assert.Single(market.Waiting).Excluded);
    }

    [Fact]
    public async Task An_attempt_that_its_living_worker_runs_is_left_alone()
    {
        var attempt = await AssignAsync();
        await PulseAsync(Later, new RunningAttempt(attempt.Job, 0, 1, "run"));
        await SweepAsync(Later);
        Assert.Equal(JobState.Running, (await ReadJobAsync()).State);
        Assert.Empty(await ReceiveAsync());
    }

    [Fact]
    public async Task A_worker_that_nobody_could_hear_is_not_silent_until_it_could_be_heard()
    {
        await AssignAsync();
        await PulseAsync(Make.Noon);
        await SweepAsync(Make.Noon);
        var back = Make.Noon.AddMinutes(3);
        await SweepAsync(back);
        await SweepAsync(back.AddSeconds(30));
        Assert.Equal(JobState.Running, (await ReadJobAsync()).State);
        Assert.Single((await ReadMarketAsync()).Offers);
        await SweepAsync(back.AddSeconds(31));
        Assert.Equal(AttemptState.Lost, Assert.Single((await ReadJobAsync()).Attempts).State);
        Assert.Empty((await ReadMarketAsync()).Offers);
    }

    [Fact]
    public async Task A_living_worker_that_does_not_run_its_attempt_is_sent_it_again()
    {
        await AssignAsync();
        await PulseAsync(Later);
        await SweepAsync(Later);
        Assert.Single(await ReceiveAsync());
        Assert.Single((await ReadMarketAsync()).Held);
    }

    [Fact]
    public async Task An_attempt_past_its_time_is_lost_whatever_its_worker_says()
    {
        var attempt = await AssignAsync();
        var muchLater = Make.Noon + Make.Document().Terms.Timeout + HeldSlot.Grace + TimeSpan.FromSeconds(1);
        await PulseAsync(muchLater, new RunningAttempt(attempt.Job, 0, 1, "run"));
        await SweepAsync(muchLater);
        Assert.Equal(AttemptState.Lost, (await ReadJobAsync()).Attempts[0].State);
    }

    [Fact]
    public async Task A_slot_taken_for_an_attempt_that_was_never_written_is_given_back_and_the_late_write_is_refused()
    {
        var assignment = await TakeSlotAsync();
        var before = (await Get<JobStore>().FindAsync(Make.JobId(), Token))!;
        await SweepAsync(Later);
        var market = await ReadMarketAsync();
        Assert.Empty(market.Held);
        Assert.Equal(2, Assert.Single(market.Waiting).NextAttempt);
        Assert.Equal(AttemptState.Withdrawn, Assert.Single((await ReadJobAsync()).Attempts).State);
        var late = Lifecycle.Assign(before.Job, assignment, default, Later).Change!;
        Assert.Equal(WriteOutcome.Conflict, await Get<JobStore>().WriteAsync(late, before.Version, Token));
        await Get<AttemptStart>().BeginAsync(PoolName.Default, [assignment], Later, Token);
        Assert.Single((await ReadJobAsync()).Attempts);
    }

    [Fact]
    public async Task A_submission_cut_off_after_its_job_was_written_is_finished()
    {
        await Get<PoolStore>().BeginSubmissionAsync(Make.Job().After, Token);
        await Get<JobStore>().WriteAsync(Make.Job(), null, Token);
        Assert.Empty((await ReadMarketAsync()).Waiting);
        await SweepAsync(Later);
        Assert.Single((await ReadMarketAsync()).Waiting);
        Assert.Single((await Get<JobIndexStore>().ReadAsync(Make.Submitter, new JobFilter(), null, 10, Token)).Items);
    }

    [Fact]
    public async Task A_submission_cut_off_before_its_job_was_written_is_forgotten()
    {
        await Get<PoolStore>().BeginSubmissionAsync(Make.Job().After, Token);
        await SweepAsync(Later);
        Assert.Single((await ReadAsync()).Pending);
        await SweepAsync(Make.Noon.AddMinutes(61));
        var snapshot = await ReadAsync();
        Assert.Empty(snapshot.Pending);
        Assert.Empty(snapshot.Market.Waiting);
    }

    [Fact]
    public async Task What_a_submission_that_was_cut_off_left_goes_when_another_try_has_written_the_job()
    {
        await Get<PoolStore>().BeginSubmissionAsync(Make.Job(at: Make.Noon.AddSeconds(-5)).After, Token);
        await SubmitAsync();
        await SweepAsync(Later);
        Assert.Equal(Make.Noon, Assert.Single((await ReadMarketAsync()).Waiting).SubmittedAt);
        Assert.Empty((await ReadAsync()).Pending);
    }

    [Fact]
    public async Task A_submission_that_comes_again_leaves_no_second_row()
    {
        await SubmitAsync();
        var again = await Get<Submission>().WriteAsync(Make.Job(at: Later), Token);
        Assert.False(again.IsNew);
        Assert.Equal(Make.Noon, again.Job!.SubmittedAt);
        Assert.Single((await ReadMarketAsync()).Waiting);
        Assert.Empty((await ReadAsync()).Pending);
    }

    [Fact]
    public async Task A_job_that_waited_too_long_expires_with_the_reason_why()
    {
        await SubmitAsync();
        await SweepAsync(Make.Noon.AddHours(2));
        var job = await ReadJobAsync();
        Assert.Equal(JobState.Expired, job.State);
        Assert.Contains("the pool has no offers", job.Reason, StringComparison.Ordinal);
        Assert.Empty((await ReadMarketAsync()).Waiting);
    }

    [Fact]
    public async Task A_report_that_failed_too_often_is_tried_once_more_and_then_costs_its_attempt_with_the_reason()
    {
        var attempt = await AssignAsync();
        await PulseAsync(Make.Noon, new RunningAttempt(attempt.Job, 0, 1, "run00001"));
        await Get<AttemptIntake>().StartAsync(attempt, AppServices.Worker, "run00001", Make.Noon, Token);
        var report = new ReportMessage(attempt.Job, 0, 1, Make.Offer().Worker) { Report = new AttemptReport("run00001", RunOutcome.Failed) };
        await Get<MessageQueues>().SendAsync(QueueNames.Poison(QueueNames.Reports), report, null, Token);
        await SweepAsync(Make.Noon);
        var again = Assert.Single(await ReceiveAsync(QueueNames.Reports));
        Assert.True(JsonSerializer.Deserialize<ReportMessage>(again.Body, BrokerJson.Options)!.Again);
        Assert.Equal(AttemptState.Started, (await ReadJobAsync()).Attempts[0].State);

        await Get<MessageQueues>().SendTextAsync(QueueNames.Poison(QueueNames.Reports), again.Body, null, Token);
        await SweepAsync(Make.Noon);
        var lost = (await ReadJobAsync()).Attempts[0];
        Assert.Equal((AttemptState.Lost, "the broker could not take in its report"), (lost.State, lost.Reason));
        Assert.Empty(await ReceiveAsync(QueueNames.Reports));
        Assert.Empty(await ReceiveAsync(QueueNames.Poison(QueueNames.Reports)));
    }

    [Theory]
    [InlineData("reports")]
    [InlineData("match-rounds")]
    public async Task A_poisoned_message_that_nobody_can_read_is_dropped(string queue)
    {
        await Get<MessageQueues>().SendTextAsync(QueueNames.Poison(queue), "what?", null, Token);
        await SweepAsync(Make.Noon);
        Assert.Empty(await ReceiveAsync(QueueNames.Poison(queue)));
        Assert.Empty(await ReceiveAsync(queue));
    }

    private T Get<T>() where T : notnull => _app.Get<T>();

    private Task SweepAsync(DateTimeOffset now) => Get<Sweep>().RunAsync(now, Token);

    private async Task<JobRecord> ReadJobAsync() => (await Get<JobStore>().FindAsync(Make.JobId(), Token))!.Job;

    private Task<PoolSnapshot> ReadAsync() => Get<PoolStore>().ReadAsync(PoolName.Default, Later, Token);

    private async Task<MarketSnapshot> ReadMarketAsync() => (await ReadAsync()).Market;

    private Task<IReadOnlyList<ReceivedMessage>> ReceiveAsync() => ReceiveAsync(QueueNames.Attempts(Make.Offer().Worker));

    private Task<IReadOnlyList<ReceivedMessage>> ReceiveAsync(string queue) =>
        Get<MessageQueues>().ReceiveAsync(queue, 16, TimeSpan.FromSeconds(30), Token);

    private async Task SubmitAsync()
    {
        await Get<MessageQueues>().CreateAsync(QueueNames.Attempts(Make.Offer().Worker), Token);
        await Get<Submission>().WriteAsync(Make.Job(), Token);
        var read = await ReadAsync();
        await Get<PoolStore>().EndSubmissionAsync(read, read.Pending.Where(replica => replica.SubmittedAt == Make.Noon), Token);
    }

    /// <summary>The first half of an assignment: the slot is taken, the job does not know.</summary>
    private async Task<Assignment> TakeSlotAsync()
    {
        await SubmitAsync();
        await Get<OfferStore>().PutAsync(Make.Offer(), Token);
        await PulseAsync(Later);
        var snapshot = await Get<PoolStore>().ReadAsync(PoolName.Default, Make.Noon, Token);
        var plan = Matcher.Plan(snapshot.Market);
        return Assert.Single((await Get<AssignmentStore>().CommitAsync(snapshot, plan, Make.Noon, Token)).Committed);
    }

    private async Task<AttemptId> AssignAsync()
    {
        var assignment = await TakeSlotAsync();
        await Get<AttemptStart>().BeginAsync(PoolName.Default, [assignment], Make.Noon, Token);
        Assert.Single(await ReceiveAsync());
        return assignment.Attempt;
    }

    private Task PulseAsync(DateTimeOffset at, params RunningAttempt[] running) =>
        Get<WorkerStore>().BeatAsync(Make.Provider, new WorkerPulse(Make.Offer().Worker, at, [.. running]), Token);
}
