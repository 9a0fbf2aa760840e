using System.CommandLine;
using Broker.Simulation;

namespace Broker.Bench;

/// <summary>Replays simulations: the broker's own handlers in bad weather, on a virtual clock.</summary>
internal static class SimulateBench
{
    public static Command Command()
    {
        var seed = new Option<int>("--seed") { Description = "The first seed", DefaultValueFactory = _ => 1 };
        var seeds = new Option<int>("--seeds") { Description = "How many seeds, one after the other", DefaultValueFactory = _ => 1 };
        var jobs = new Option<int>("--jobs") { Description = "How many jobs each", DefaultValueFactory = _ => 100_000 };
        var json = new Option<bool>("--json") { Description = "One JSON object a line" };
        var command = new Command("simulate", "Lets simulated brokers live through deaths, losses and delays; a seed replays its story") { seed, seeds, jobs, json };
        command.SetAction(parsed => Run(parsed.GetValue(seed), parsed.GetValue(seeds), parsed.GetValue(jobs), parsed.GetValue(json)));
        return command;
    }

    private static int Run(int seed, int seeds, int jobs, bool json)
    {
        var failed = 0;
        long ended = 0, attempts = 0, deaths = 0, operations = 0;
        for (var i = seed; i < seed + seeds; i++)
        {
            try
            {
                var result = Simulation.Simulation.Run(new SimulationOptions(i, jobs));
                ended += result.Jobs;
                attempts += result.Attempts;
                deaths += result.Deaths;
                operations += result.Operations;
                if (!json && seeds <= 20) Console.WriteLine($"seed {i}: {string.Join(", ", result.Ends.Select(end => $"{end.Value} {end.Key}"))}; trace {result.Trace}");
            }
            catch (SimulationException e)
            {
                failed++;
                Console.Error.WriteLine(e.Message);
            }
        }

        var name = $"{seeds} x {jobs} jobs";
        new Figure("simulate", "broken-seeds", name, failed, "seeds").Print(json);
        new Figure("simulate", "jobs-ended", name, ended, "jobs").Print(json);
        new Figure("simulate", "attempts", name, attempts, "attempts").Print(json);
        new Figure("simulate", "process-deaths", name, deaths, "deaths").Print(json);
        new Figure("simulate", "storage-operations", name, operations, "operations").Print(json);
        return failed == 0 ? 0 : 1;
    }
}
