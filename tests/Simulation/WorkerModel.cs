using System.Collections.Immutable;
using System.Text.Json;
using Azure;
using Broker.Core.Api;
using Broker.Core.Documents;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Core.Market;
using Broker.Core.Verification;
using Broker.Functions.Api;
using Broker.Functions.Jobs;
using Broker.Storage;
using Broker.Tests;
using Microsoft.Extensions.DependencyInjection;

namespace Broker.Simulation;

/// <summary>A worker as the broker knows it: it offers, beats, takes attempts, and reports what chance says came of them.</summary>
internal sealed class WorkerModel(World world, StorageAccount account, Apps apps, string name, int slots) : Process
{
    private static readonly TimeSpan Visibility = TimeSpan.FromMinutes(1);
    private static readonly byte[] Result = new byte[1024];
    private readonly Offer _offer = Make.Offer(name, slots);
    private readonly Dictionary<AttemptId, ModelRun> _runs = [];
    private MessageQueues? _queues;
    private int _free;
    private long _runCount;

    public int Slots => slots;

    public WorkerId Id => _offer.Worker;

    private Principal Principal => new(Make.Provider, [Role.Worker], Id, Make.PublicKey);

    /// <summary>What becomes of an attempt here, and after how long.</summary>
    public required Func<AttemptId, TimeSpan, (RunOutcome Outcome, TimeSpan Time)> Fate { get; init; }

    /// <summary>Told when an attempt has started here.</summary>
    public Action<WorkerModel, AttemptId>? Started { get; init; }

    protected override void Start()
    {
        _runs.Clear();
        _free = slots;
        _queues = new MessageQueues(account.Open(Life));
        world.Begin(LiveAsync);
    }

    private async Task LiveAsync()
    {
        await OfferAsync();
        world.Begin(PollAsync);
        while (true)
        {
            var running = _runs.Values.Select(run => run.Describe()).ToImmutableArray();
            var answer = await apps.CallAsync(services => services.GetRequiredService<HeartbeatIntake>().TakeAsync(
                Principal, new Heartbeat(running), CancellationToken.None), Life);
            foreach (var gone in answer.Withdrawn)
            {
                if (_runs.TryGetValue(new AttemptId(gone.Job, gone.Replica, gone.Attempt), out var run)) run.IsWithdrawn = true;
            }

            if (answer.OfferState is null) await OfferAsync();
            await world.DelayAsync(TimeSpan.FromSeconds(running.IsEmpty ? 10 : 2), Life);
        }
    }

    private Task OfferAsync() => apps.CallAsync(
        async services =>
        {
            var workers = services.GetRequiredService<WorkerStore>();
            await workers.PutAsync(
                new WorkerRecord(Id, Make.Provider, name, _offer.Device, world.GetUtcNow(), "", PoolName.Default), CancellationToken.None);
            await services.GetRequiredService<PoolDirectory>().AddAsync(PoolName.Default, CancellationToken.None);
            await services.GetRequiredService<OfferStore>().PutAsync(_offer, CancellationToken.None);
            await services.GetRequiredService<Doorbell>().RingAsync(PoolName.Default, CancellationToken.None);
            return true;
        },
        Life);

    private async Task PollAsync()
    {
        var queue = QueueNames.Attempts(Id);
        while (true)
        {
            try
            {
                var messages = _free == 0 ? [] : await _queues!.ReceiveAsync(queue, _free, Visibility, CancellationToken.None);
                foreach (var message in messages) await AdmitAsync(queue, message);
            }
            catch (RequestFailedException)
            {
                // The next look may fare better.
            }

            await world.DelayAsync(world.Between(0.1, 0.5), Life);
        }
    }

    private async Task AdmitAsync(string queue, ReceivedMessage message)
    {
        account.Weather.Received(queue, message.Body);
        var attempt = JsonSerializer.Deserialize<AttemptMessage>(message.Body, BrokerJson.Options)!.ToId();
        if (_runs.TryGetValue(attempt, out var running))
        {
            if (running.Message.Id == message.Id) running.Message = message;
            else await _queues!.DeleteAsync(queue, message, CancellationToken.None);
            return;
        }

        var run = new ModelRun(attempt, message, $"{name}run{++_runCount:D8}");
        _runs[attempt] = run;
        _free--;
        world.Begin(async () =>
        {
            try
            {
                if (await RunAsync(run)) await _queues!.DeleteAsync(queue, run.Message, CancellationToken.None);
            }
            catch (RequestFailedException)
            {
                // The message comes again, and the attempt is refused by then.
            }

            _runs.Remove(attempt);
            _free++;
        });
    }

    /// <returns>Whether the message has done its work.</returns>
    private async Task<bool> RunAsync(ModelRun run)
    {
        try
        {
            var started = await apps.TryCallAsync(services => services.GetRequiredService<AttemptIntake>().StartAsync(
                run.Attempt, Principal, run.Run, world.GetUtcNow(), CancellationToken.None), Life);
            if (started.Job is null || started.Refusal != LifecycleRefusal.None) return true;
            Started?.Invoke(this, run.Attempt);
            var (outcome, time) = Fate(run.Attempt, started.Job.Document.Terms.Timeout);
            if (!await WorkAsync(run, time)) return run.IsWithdrawn;
            await StoreAsync(started.Job, run, outcome);
            var report = Report(started.Job, run, outcome, time);
            var answer = await apps.CallAsync(
                services => services.GetRequiredService<AttemptIntake>().ReportAsync(run.Attempt, Id, report, CancellationToken.None), Life);
            if (!answer.Errors.IsEmpty) throw new SimulationException($"{run.Attempt}: {string.Join("; ", answer.Errors)}");
            return true;
        }
        catch (ConnectionLostException)
        {
            return false;
        }
    }

    /// <returns>Whether it came to its end.</returns>
    private async Task<bool> WorkAsync(ModelRun run, TimeSpan time)
    {
        var until = world.GetUtcNow() + time;
        while (world.GetUtcNow() < until)
        {
            var step = until - world.GetUtcNow();
            await world.DelayAsync(step < Visibility / 3 ? step : Visibility / 3, Life);
            if (run.IsWithdrawn) return false;
            if (world.GetUtcNow() >= until) break;
            if (await _queues!.TryHideAsync(QueueNames.Attempts(Id), run.Message, Visibility, CancellationToken.None) is not { } receipt) return false;
            run.Message = run.Message with { Receipt = receipt };
        }

        return true;
    }

    /// <summary>Stores the result and the log of a run, each once.</summary>
    private async Task StoreAsync(JobRecord job, ModelRun run, RunOutcome outcome)
    {
        var (storage, until) = (account.Open(Life), world.GetUtcNow().AddHours(1));
        if (outcome == RunOutcome.Completed)
        {
            var (outputs, id) = (new OutputStore(storage), new RunId(run.Attempt, run.Run));
            await CreateAsync(outputs.CreateUrls(id, "out", Result.Length, until).Parts[0], Result);
            if (job.IsVerified) await CreateAsync(outputs.CreateLeafUrls(id, "out", Result.Length, until).Parts[0], LeafList.Store(MerkleTree.Leaves(Result).AsSpan()));
        }

        await CreateAsync(new LogStore(storage).CreateUrl(run.Attempt, run.Run, until), [1]);
    }

    private async Task CreateAsync(Uri link, byte[] bytes)
    {
        while (true)
        {
            try
            {
                await account.OpenLink(link, Life).WriteAsync(bytes, null, mustBeMissing: true);
                return;
            }
            catch (RequestFailedException e) when (e.Status == 409)
            {
                // Stored before.
                return;
            }
            catch (RequestFailedException)
            {
                await world.DelayAsync(world.Between(0.2, 5), Life);
            }
        }
    }

    private static AttemptReport Report(JobRecord job, ModelRun run, RunOutcome outcome, TimeSpan time)
    {
        if (outcome == RunOutcome.Completed) return new AttemptReport(run.Run, outcome, Make.Commitment(job, job.FindAttempt(run.Attempt.Replica, run.Attempt.Number)!, run.Run));
        var fault = outcome == RunOutcome.Faulted ? new KernelFaultRecord("outOfBounds", 7, "line 7: out of bounds", new BlockIndex(0, 0), 0) : null;
        return new AttemptReport(run.Run, outcome, null, new Usage(time.TotalSeconds, 0, "cpu", 0), fault, "chance");
    }

    private sealed class ModelRun(AttemptId attempt, ReceivedMessage message, string run)
    {
        public AttemptId Attempt => attempt;

        public ReceivedMessage Message { get; set; } = message;

        public string Run => run;

        public bool IsWithdrawn { get; set; }

        public RunningAttempt Describe() => new(attempt.Job, attempt.Replica, attempt.Number, run);
    }
}
