using System.Globalization;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Core.Verification;
using Broker.Simulation.Memory;
using Broker.Tests;

namespace Broker.Simulation;

/// <summary>The whole broker on one thread: the real handlers and stores over a simulated storage account, with a virtual clock.</summary>
public sealed class Simulation
{
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(0.5);
    private const string Terms = """{ "timeout": "20s", "queueTimeout": "10m", "attempts": 5 }""";
    private static readonly JobDocument Document = Make.Document(terms: Terms);
    private static readonly JobDocument Verified = Make.Document(terms: Terms, verification: """{ "mode": "sample", "budget": "10 cpu-seconds" }""");
    private readonly SimulationOptions _options;
    private readonly World _world;
    private readonly RandomWeather _weather;
    private readonly List<FunctionApp> _apps = [];
    private readonly List<WorkerModel> _workers = [];
    private readonly List<VerifierModel> _verifiers = [];
    private readonly Invariants _invariants;
    private readonly SubmitterModel _submitter;

    private Simulation(SimulationOptions options)
    {
        _options = options;
        _world = new World(options.Seed);
        var queues = new MemoryQueues(_world);
        _weather = new RandomWeather(_world, queues) { IsBad = options.Faults };
        var account = new StorageAccount(_world, queues, _weather);
        for (var i = 0; i < options.Apps; i++) _apps.Add(new FunctionApp(_world, account));
        var apps = new Apps(_world, _apps);
        for (var i = 0; i < options.Workers; i++) _workers.Add(new WorkerModel(_world, account, apps, $"worker{i}", 1 + (i % 4)) { Fate = Fate });
        for (var i = 0; i < options.Verifiers; i++) _verifiers.Add(new VerifierModel(_world, account, apps, $"verifier{i}") { Find = Find });
        _invariants = new Invariants(account, _workers);
        _submitter = new SubmitterModel(_world, apps);
    }

    /// <summary>Lets a broker live through bad weather until every job has ended.</summary>
    /// <exception cref="SimulationException">Something happened that must never happen; the message names the seed.</exception>
    public static SimulationResult Run(SimulationOptions options)
    {
        try
        {
            return new Simulation(options).Run();
        }
        catch (Exception e)
        {
            throw new SimulationException($"seed {options.Seed}, {options.Jobs} jobs: {e.Message}", e);
        }
    }

    private SimulationResult Run()
    {
        var begun = _world.GetUtcNow();
        foreach (var process in _apps.Concat<Process>(_workers).Concat(_verifiers)) _world.Begin(() => process.KeepAsync(_world));
        foreach (var app in _apps) _world.Begin(() => KillAsync(app, TimeSpan.FromSeconds(15), 5));
        foreach (var worker in _workers) _world.Begin(() => KillAsync(worker, TimeSpan.FromMinutes(2), 60));
        foreach (var verifier in _verifiers) _world.Begin(() => KillAsync(verifier, TimeSpan.FromMinutes(1), 60));
        _world.Begin(() => _weather.RunAsync(new Life()));
        _world.Begin(SubmitAsync);
        var limit = begun + (Pace * _options.Jobs * 2) + TimeSpan.FromHours(3);
        if (!_world.RunUntil(() => _submitter.Accepted == _options.Jobs && _invariants.Ended == _options.Jobs, limit)) throw Stuck();

        // What is left undone about jobs that have ended is done when the weather is fair.
        _weather.IsBad = false;
        _world.RunUntil(() => _invariants.Rows == 0, _world.GetUtcNow() + TimeSpan.FromMinutes(30));
        _invariants.CheckEnd();
        return new SimulationResult(
            _options.Seed, _options.Jobs, _invariants.Ends.ToDictionary(end => end.State, end => end.Count), _invariants.Attempts,
            _world.Steps, _apps.Concat<Process>(_workers).Concat(_verifiers).Sum(process => process.Deaths), (_world.GetUtcNow() - begun).TotalHours,
            _world.Trace.ToString("x16", CultureInfo.InvariantCulture));
    }

    private async Task SubmitAsync()
    {
        var life = new Life();
        for (var i = 0; i < _options.Jobs; i++)
        {
            var key = i.ToString(CultureInfo.InvariantCulture);
            _world.Begin(() => SubmitAsync(key, life));
            await _world.DelayAsync(_world.Around(Pace), life);
        }
    }

    private async Task SubmitAsync(string key, Life life)
    {
        var job = await _submitter.SubmitAsync(key, _world.Chance(0.5) ? Verified : Document);
        if (!_world.Chance(0.04)) return;
        await _world.DelayAsync(_world.Around(TimeSpan.FromSeconds(5)), life);
        await _submitter.CancelAsync(job);
    }

    private async Task KillAsync(Process process, TimeSpan meanLife, double longestDowntime)
    {
        var killer = new Life();
        while (true)
        {
            await _world.DelayAsync(_world.Around(meanLife), killer);
            if (!_weather.IsBad) return;
            process.Downtime = _world.Between(0.5, longestDowntime);
            process.Life.End();
        }
    }

    private (RunOutcome Outcome, TimeSpan Time) Fate(AttemptId attempt, TimeSpan timeout)
    {
        var time = _world.Around(TimeSpan.FromSeconds(4));
        if (time >= timeout) return (RunOutcome.TimedOut, timeout);
        return _world.Random.Next(100) switch
        {
            < 3 => (RunOutcome.Faulted, time),
            < 7 => (RunOutcome.Failed, time),
            < 9 => (RunOutcome.Released, time),
            _ => (RunOutcome.Completed, time),
        };
    }

    /// <summary>What a check finds: of the same attempt always the same, whoever asks and however often.</summary>
    private static VerdictKind Find(AttemptId attempt) => ((Convert.ToInt32(attempt.Job.ToString()[..4], 16) + attempt.Number) % 10) switch
    {
        < 2 => VerdictKind.Failed,
        2 => VerdictKind.Inconclusive,
        _ => VerdictKind.Passed,
    };

    private SimulationException Stuck() => new(
        $"{_options.Jobs - _invariants.Ended} of {_options.Jobs} jobs have not ended ({_submitter.Accepted} accepted) at {_world.GetUtcNow():u}: {string.Join("; ", _invariants.Open.Take(3).Select(_invariants.Describe))}");
}
