using System.Globalization;

namespace Broker.Simulation;

/// <summary>The whole broker on one thread: the real handlers and stores over a simulated storage account, with a virtual clock.</summary>
public static class Simulation
{
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(0.5);

    /// <summary>Lets a broker live through bad weather until every job has ended.</summary>
    /// <exception cref="SimulationException">Something happened that must never happen; the message names the seed.</exception>
    public static SimulationResult Run(SimulationOptions options)
    {
        try
        {
            return new Scene(options).Run();
        }
        catch (Exception e)
        {
            throw new SimulationException($"seed {options.Seed}, {options.Jobs} jobs: {e.Message}", e);
        }
    }

    private sealed class Scene
    {
        private readonly SimulationOptions _options;
        private readonly World _world;
        private readonly Account _account;
        private readonly List<FunctionApp> _apps = [];
        private readonly List<WorkerModel> _workers = [];
        private readonly Invariants _invariants;
        private readonly SubmitterModel _submitter;
        private readonly Life _life = new();
        private int _deaths;

        public Scene(SimulationOptions options)
        {
            _options = options;
            _world = new World(options.Seed);
            _account = new Account(_world);
            for (var i = 0; i < options.Apps; i++) _apps.Add(new FunctionApp(_world, _account));
            var apps = new Apps(_world, _apps);
            for (var i = 0; i < options.Workers; i++) _workers.Add(new WorkerModel(_world, _account, apps, $"worker{i}", 1 + (i % 4)));
            _invariants = new Invariants(_account.Tables, _workers);
            _submitter = new SubmitterModel(_world, apps, Pace);
        }

        public SimulationResult Run()
        {
            var begun = _world.GetUtcNow();
            _account.Weather.IsBad = _options.Faults;
            foreach (var app in _apps) _world.Begin(() => LiveAsync(app.Start, app.Kill, TimeSpan.FromSeconds(15), 5));
            foreach (var worker in _workers) _world.Begin(() => LiveAsync(worker.Start, worker.Kill, TimeSpan.FromMinutes(2), 60));
            _world.Begin(() => _account.Weather.RunAsync(_life));
            _world.Begin(() => _submitter.SubmitAsync(_options.Jobs));
            var limit = begun + (Pace * _options.Jobs * 2) + TimeSpan.FromHours(3);
            if (!_world.RunUntil(() => _submitter.Accepted == _options.Jobs && _invariants.Ended == _options.Jobs, limit)) throw Stuck();

            // What is left undone about jobs that have ended is done when the weather is fair.
            _account.Weather.IsBad = false;
            _world.RunUntil(() => _invariants.Rows == 0, _world.GetUtcNow() + TimeSpan.FromMinutes(30));
            _world.RunUntil(() => false, _world.GetUtcNow() + TimeSpan.FromSeconds(10));
            _invariants.CheckEnd();
            return new SimulationResult(
                _options.Seed, _options.Jobs, _invariants.Ends.ToDictionary(end => end.State, end => end.Count), _invariants.Attempts,
                _world.Steps, _deaths, (_world.GetUtcNow() - begun).TotalHours, _world.Trace.ToString("x16", CultureInfo.InvariantCulture));
        }

        private async Task LiveAsync(Action start, Action kill, TimeSpan life, double longestDeath)
        {
            while (true)
            {
                start();
                do await _world.DelayAsync(_world.Around(life), _life);
                while (!_account.Weather.IsBad);
                kill();
                _deaths++;
                await _world.DelayAsync(_world.Between(0.5, longestDeath), _life);
            }
        }

        private SimulationException Stuck()
        {
            var open = _invariants.Open.Take(5).ToList();
            return new SimulationException(
                $"{_options.Jobs - _invariants.Ended} of {_options.Jobs} jobs have not ended ({_submitter.Accepted} accepted) at {_world.GetUtcNow():u}: {string.Join(", ", open)}");
        }
    }
}
