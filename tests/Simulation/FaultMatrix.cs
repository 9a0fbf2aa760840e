using System.Collections.Immutable;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Core.Verification;
using Broker.Simulation.Memory;
using Broker.Tests;

namespace Broker.Simulation;

/// <summary>A course of events that a fault is put into.</summary>
/// <param name="Name">What happens.</param>
/// <param name="Ends">The states that its jobs may end in, whatever goes wrong; the first is the one where nothing does.</param>
/// <param name="Outcome">How the first attempt of a job runs; every other one is completed. Null: its worker dies, and stays away.</param>
public sealed record Story(string Name, ImmutableArray<JobState> Ends, RunOutcome? Outcome = RunOutcome.Completed)
{
    public int Jobs { get; init; } = 1;

    public int Workers { get; init; } = 2;

    /// <summary>How many seconds after its submission the job is cancelled; null where it is not.</summary>
    public double? CancelAfterSeconds { get; init; }

    /// <summary>How long a run takes.</summary>
    public double RunSeconds { get; init; } = 8;

    /// <summary>What a check finds about the first attempt of a job; every other one passes. Null where nothing is verified.</summary>
    public VerdictKind? Verdict { get; init; }

    /// <summary>Whether the first verifier that begins a check dies, and stays away.</summary>
    public bool VerifierDies { get; init; }

    /// <summary>Whether its workers are processes of one and the same worker.</summary>
    public bool Twins { get; init; }

    public string Terms { get; init; } = """{ "timeout": "20s", "queueTimeout": "30m" }""";

    public override string ToString() => Name;
}

/// <summary>What came of a fault.</summary>
/// <param name="Story">The story, or the errand.</param>
/// <param name="Point">The operation, by its place in the story.</param>
/// <param name="Fault">What went wrong with it.</param>
/// <param name="End">How the story's jobs ended.</param>
/// <param name="Seconds">How long it took, from the first submission until nothing was left to do.</param>
public sealed record FaultOutcome(string Story, string Point, Fault Fault, string End, double Seconds);

/// <summary>Puts every kind of fault at every write and every send of every story, one at a time.</summary>
public static class FaultMatrix
{
    /// <summary>Messages may be ten minutes late, and a sweep comes after.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(40);

    private const int Verifiers = 2;

    public static ImmutableArray<Story> Stories { get; } =
    [
        new("completed", [JobState.Completed]),
        new("a long run", [JobState.Completed]) { RunSeconds = 50, Terms = """{ "queueTimeout": "30m" }""" },
        new("two processes of one worker", [JobState.Completed]) { Twins = true },
        new("two jobs for one slot", [JobState.Completed]) { Jobs = 2, Workers = 1 },
        new("the kernel faults", [JobState.Failed], RunOutcome.Faulted),
        new("the run times out", [JobState.Failed], RunOutcome.TimedOut),
        new("the worker fails, and another completes", [JobState.Completed], RunOutcome.Failed),
        new("the last attempt fails", [JobState.Failed], RunOutcome.Failed) { Terms = """{ "attempts": 1, "queueTimeout": "30m" }""" },
        new("the worker hands it back", [JobState.Completed], RunOutcome.Released),
        new("the worker dies, and another completes", [JobState.Completed], null),
        new("cancelled while it runs", [JobState.Cancelled, JobState.Completed]) { CancelAfterSeconds = 4 },
        new("cancelled while it waits", [JobState.Cancelled]) { CancelAfterSeconds = 1, Workers = 0 },
        new("verified", [JobState.Completed]) { Verdict = VerdictKind.Passed },
        new("found wrong, and another completes", [JobState.Completed]) { Verdict = VerdictKind.Failed },
        new("nothing can be said of it", [JobState.Completed]) { Verdict = VerdictKind.Inconclusive },
        new("the verifier dies, and another judges", [JobState.Completed]) { Verdict = VerdictKind.Passed, VerifierDies = true },
        new("a claimed fault is reproduced", [JobState.Failed], RunOutcome.Faulted) { Verdict = VerdictKind.Passed },
        new("a claimed fault is not reproduced, and another completes", [JobState.Completed], RunOutcome.Faulted) { Verdict = VerdictKind.Failed },
        new("nobody takes it", [JobState.Expired]) { Workers = 0, Terms = """{ "queueTimeout": "30s" }""" },
    ];

    /// <summary>Tells a story with nothing going wrong.</summary>
    /// <returns>How its jobs ended.</returns>
    public static ImmutableArray<JobState> RunWithoutFault(Story story) => new Telling(story, -1, Fault.None).Run().Ends;

    /// <summary>Tells a story once for each of its points and each fault that can happen there.</summary>
    /// <exception cref="SimulationException">Something happened that must never happen.</exception>
    public static IEnumerable<FaultOutcome> Run(Story story) =>
        Run(story.Name, new Telling(story, -1, Fault.None).Run().Points, (point, fault) =>
        {
            var (_, ends, seconds) = new Telling(story, point, fault).Run();
            return (string.Join(", ", ends).ToLowerInvariant(), seconds);
        });

    /// <summary>Runs an errand once for each of its points and each fault that can happen there.</summary>
    /// <exception cref="SimulationException">Something is not as it must be.</exception>
    internal static IEnumerable<FaultOutcome> Run(Func<StorageAccount, Errand> errand)
    {
        var calm = new ErrandTelling(errand, -1, Fault.None);
        return Run(calm.Name, calm.Run().Points, (point, fault) => ("done", new ErrandTelling(errand, point, fault).Run().Seconds));
    }

    private static IEnumerable<FaultOutcome> Run(
        string name, ImmutableArray<StorageOperation> points, Func<int, Fault, (string End, double Seconds)> tell)
    {
        for (var point = 0; point < points.Length; point++)
        {
            var place = $"{point + 1}: {points[point].Name}";
            foreach (var fault in Enum.GetValues<Fault>().Where(fault => fault != Fault.None))
            {
                if (fault >= Fault.MessageLost && !points[point].Sends) continue;
                yield return Run(name, place, fault, () => tell(point, fault));
            }
        }
    }

    private static FaultOutcome Run(string name, string place, Fault fault, Func<(string End, double Seconds)> tell)
    {
        try
        {
            var (end, seconds) = tell();
            return new FaultOutcome(name, place, fault, end, seconds);
        }
        catch (Exception e)
        {
            throw new SimulationException($"{name}, {fault} at {place}: {e.Message}", e);
        }
    }

    private sealed class Telling
    {
        private readonly Story _story;
        private readonly World _world = new(1);
        private readonly AimedWeather _weather;
        private readonly FunctionApp _app;
        private readonly List<WorkerModel> _workers = [];
        private readonly List<VerifierModel> _verifiers = [];
        private bool _hasDied;
        private readonly Dictionary<JobId, int> _first = [];
        private readonly Invariants _invariants;
        private readonly SubmitterModel _submitter;

        public Telling(Story story, int point, Fault fault)
        {
            _story = story;
            _weather = new AimedWeather(_world, point, fault);
            var account = new StorageAccount(_world, new MemoryQueues(_world), _weather);
            _app = new FunctionApp(_world, account);
            var apps = new Apps(_world, [_app]);
            for (var i = 0; i < story.Workers; i++)
                _workers.Add(new WorkerModel(_world, account, apps, story.Twins ? "twin" : $"worker{i}", 1) { Fate = Fate, Started = DieIfTold });
            for (var i = 0; story.Verdict is not null && i < Verifiers; i++)
                _verifiers.Add(new VerifierModel(_world, account, apps, $"verifier{i}") { Find = attempt => IsFirst(attempt) ? story.Verdict.Value : VerdictKind.Passed, Started = DieIfTold });
            _invariants = new Invariants(account, _workers);
            _submitter = new SubmitterModel(_world, apps);
        }

        public (ImmutableArray<StorageOperation> Points, ImmutableArray<JobState> Ends, double Seconds) Run()
        {
            foreach (var process in _workers.Prepend<Process>(_app).Concat(_verifiers)) _world.Begin(() => process.KeepAsync(_world));
            _world.RunUntil(() => false, _world.GetUtcNow() + TimeSpan.FromSeconds(15));
            var begun = _world.GetUtcNow();
            _weather.IsArmed = true;
            for (var i = 0; i < _story.Jobs; i++)
            {
                var key = $"{i}";
                _world.Begin(() => SubmitAsync(key));
            }

            if (!_world.RunUntil(() => _invariants.Ended == _story.Jobs && _submitter.Accepted == _story.Jobs && _invariants.Rows == 0, begun + Patience))
                throw new SimulationException($"not over after {Patience}: {_invariants.Ended} jobs ended, {_invariants.Rows} rows left");
            var seconds = (_world.GetUtcNow() - begun).TotalSeconds;

            // The last message of the story is still to be deleted.
            _world.RunUntil(() => false, _world.GetUtcNow() + TimeSpan.FromSeconds(1));
            _invariants.CheckEnd();
            var ends = _invariants.States.ToImmutableArray();
            if (ends.Except(_story.Ends).Any()) throw new SimulationException($"ended as {string.Join(", ", ends)}");
            return ([.. _weather.Points], ends, seconds);
        }

        private async Task SubmitAsync(string key)
        {
            var job = await _submitter.SubmitAsync(key, Make.Document(terms: _story.Terms, verification: _story.Verdict is null ? "null" : """{ "mode": "sample", "budget": "10 cpu-seconds" }"""));
            if (_story.CancelAfterSeconds is not { } seconds) return;
            await _world.DelayAsync(TimeSpan.FromSeconds(seconds), new Life());
            await _submitter.CancelAsync(job);
        }

        private (RunOutcome Outcome, TimeSpan Time) Fate(AttemptId attempt, TimeSpan timeout)
        {
            var outcome = IsFirst(attempt) ? _story.Outcome ?? RunOutcome.Completed : RunOutcome.Completed;
            return (outcome, outcome == RunOutcome.TimedOut ? timeout : TimeSpan.FromSeconds(_story.RunSeconds));
        }

        /// <summary>Whether no other attempt of its job has started before: a fault may have cost the first one before it did.</summary>
        private bool IsFirst(AttemptId attempt)
        {
            _first.TryAdd(attempt.Job, attempt.Number);
            return _first[attempt.Job] == attempt.Number;
        }

        private void DieIfTold(VerifierModel verifier, AttemptId attempt)
        {
            if (!_story.VerifierDies || _hasDied) return;
            _hasDied = true;
            verifier.Downtime = TimeSpan.FromMinutes(30);
            _world.After(TimeSpan.FromSeconds(0.5), verifier.Life.End);
        }

        private void DieIfTold(WorkerModel worker, AttemptId attempt)
        {
            if (_story.Outcome is not null || !IsFirst(attempt)) return;
            worker.Downtime = TimeSpan.FromMinutes(30);
            _world.After(TimeSpan.FromSeconds(1), worker.Life.End);
        }
    }
}
