using System.Diagnostics;
using System.Globalization;
using Broker.Client;
using Broker.Core.Api;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Host.Tests.Hosting;
using Broker.Host.Tests.Publishing;
using Broker.Storage;
using Broker.Tests;

namespace Broker.Host.Tests;

/// <summary>The published app, killed in the middle of its work again and again.</summary>
[Collection(nameof(PublishedAppTests))]
public sealed class KillTests(EmulatorFixture emulator) : IDisposable
{
    private const int JobCount = 200;
    private const int Seed = 20260;

    /// <summary>What the handler is in the middle of when it is killed. Matching comes first: there is none any more once all jobs have a worker.</summary>
    private static readonly string[] Moments = ["MatchJobs", "HandleReport", "Api", "HandleReport", "HandleReport", "Sweep"];

    /// <summary>The kill that takes the host along with its handler.</summary>
    private const int LossOfMachine = 4;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private static readonly JobEventKind[] Ends = [JobEventKind.Completed, JobEventKind.Failed, JobEventKind.Cancelled, JobEventKind.Expired];

    private readonly HttpClient _queueLink = new();
    private readonly Stopwatch _clock = Stopwatch.StartNew();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _queueLink.Dispose();

    [Fact]
    public async Task Two_hundred_jobs_end_once_each_whatever_the_moments_at_which_the_handler_is_killed()
    {
        PublishedApp.SkipUnlessItRunsHere();
        var prefix = EmulatorFixture.NextPrefix();
        var storage = new BrokerStorage(emulator.ConnectionString, prefix);
        await using var plan = new Plan(ScriptRoot.Read(PublishedApp.Folder), Settings(prefix), new HostOptions { Prefix = prefix });
        await plan.Handler.ReadyAsync();
        var operatorKey = plan.Handler.OperatorKey;
        using var submitter = await Clients.CreateAccountAsync(plan.SendAsync, operatorKey, Role.Submitter, Token);
        using var provider = await Clients.CreateAccountAsync(plan.SendAsync, operatorKey, Role.Provider, Token);
        var workers = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => ScriptedWorker.JoinAsync(
            provider, key => Clients.Connect(plan.SendAsync, key), _queueLink, $"worker {i}", slots: 8, Token)));
        using var working = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var work = Task.WhenAll(workers.Select(worker => worker.RunAsync(working.Token)));

        var killing = KillAsync(plan);
        var jobs = await SubmitAsync(submitter);
        await killing;
        await UntilNothingIsLeftAsync(storage, jobs);
        await working.CancelAsync();
        await Assert.ThrowsAsync<TaskCanceledException>(() => work);

        Assert.Empty(plan.Complaints);

        // The third crash ends the first host, the loss of its machine the second.
        Assert.Equal((3, Moments.Length + 1), plan.Counts);
        await CheckHistoriesAsync(storage, jobs);
        await CheckListAsync(submitter, jobs);
    }

    private Dictionary<string, string> Settings(string prefix) => new()
    {
        ["AzureWebJobsStorage"] = emulator.ConnectionString,
        ["Broker__Prefix"] = prefix,
        ["Broker__HeartbeatSeconds"] = "1",
        ["Broker__LostAfterSeconds"] = "15",
        ["Broker__ResendAfterSeconds"] = "4",
    };

    private async Task KillAsync(Plan plan)
    {
        var random = new Random(Seed);
        for (var kill = 0; kill < Moments.Length; kill++)
        {
            var (calls, starts) = (plan.Calls + random.Next(20, 60), plan.Counts.Starts);
            await UntilAsync(() => plan.Calls >= calls, $"kill {kill} waits for its number of calls");
            await CatchAsync(plan, Moments[kill], random);
            if (kill == LossOfMachine) await plan.LoseMachineAsync();
            else plan.Handler.Kill();
            await UntilAsync(() => plan.Counts.Starts > starts, "the handler is started again");
        }
    }

    /// <summary>Completes a random few milliseconds into a call of a function, while the handler is still at it.</summary>
    private async Task CatchAsync(Plan plan, string function, Random random)
    {
        do
        {
            await UntilAsync(() => plan.Host.Calls.Running(function) > 0, $"{function} is called");
            await Task.Delay(random.Next(0, 30), Token);
        }
        while (plan.Host.Calls.Running(function) == 0);
    }

    private async Task<JobId[]> SubmitAsync(BrokerClient submitter)
    {
        var jobs = new JobId[JobCount];
        await Parallel.ForAsync(0, JobCount, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Token }, async (i, token) =>
            jobs[i] = await SubmitAsync(submitter, i.ToString(CultureInfo.InvariantCulture), token));
        return jobs;
    }

    /// <summary>A submitter does not know what became of a request that got no answer: it sends it again, with the key of before.</summary>
    private async Task<JobId> SubmitAsync(BrokerClient submitter, string key, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                return (await submitter.SubmitAsync(Jobs.Document, key, cancellation)).Id;
            }
            catch (BrokerException e) when (e.IsTrouble)
            {
                Assert.True(_clock.Elapsed < Patience, $"job {key} cannot be submitted: {e.Message}");
                await Task.Delay(100, cancellation);
            }
        }
    }

    private async Task UntilNothingIsLeftAsync(BrokerStorage storage, JobId[] jobs)
    {
        var (store, pools) = (new JobStore(storage), new PoolStore(storage));
        foreach (var job in jobs)
            await UntilAsync(async () => (await store.FindAsync(job, Token))!.Job.State.IsEnded(), $"job {job} ends");
        await UntilAsync(
            async () =>
            {
                var pool = await pools.ReadAsync(PoolName.Default, DateTimeOffset.UtcNow, Token);
                return pool.Market.Waiting.IsEmpty && pool.Market.Held.IsEmpty && pool.Pending.IsEmpty;
            },
            "no replica waits, no slot is held, no submission is open");
    }

    private static async Task CheckHistoriesAsync(BrokerStorage storage, JobId[] jobs)
    {
        Assert.Equal(JobCount, jobs.Distinct().Count());
        var store = new JobStore(storage);
        foreach (var id in jobs)
        {
            var job = (await store.FindAsync(id, Token))!.Job;
            var events = await store.ReadEventsAsync(id, 0, 1000, Token);
            Assert.Equal(JobState.Completed, job.State);
            Assert.Equal(JobEventKind.Completed, Assert.Single(events, entry => Ends.Contains(entry.Kind)).Kind);
            Assert.Equal(JobEventKind.Completed, events[^1].Kind);
            Assert.Single(job.Attempts, attempt => attempt.State == AttemptState.Accepted);
            Assert.Single(events, entry => entry.Kind == JobEventKind.Accepted);
            Assert.DoesNotContain(job.Attempts, attempt => attempt.State.IsLive());
        }
    }

    /// <summary>The account's own list tells the same.</summary>
    private static async Task CheckListAsync(BrokerClient submitter, JobId[] jobs)
    {
        var listed = new List<JobSummary>();
        string? token = null;
        do
        {
            var page = await submitter.ListJobsAsync(new JobQuery { State = JobState.Completed, Limit = 100, Continue = token }, Token);
            listed.AddRange(page.Items);
            token = page.Next;
        }
        while (token is not null && listed.Count <= JobCount);
        Assert.Equal(jobs.Select(job => job.ToString()).Order(), listed.Select(job => job.Id.ToString()).Order());
    }

    private Task UntilAsync(Func<bool> holds, string what) => UntilAsync(() => Task.FromResult(holds()), what);

    private async Task UntilAsync(Func<Task<bool>> holds, string what)
    {
        while (!await holds())
        {
            Assert.True(_clock.Elapsed < Patience, $"not after {Patience.TotalSeconds} s: {what}");
            await Task.Delay(1, Token);
        }
    }
}
