using System.CommandLine;
using Broker.Bench;
using Broker.Bench.Cheats;
using Broker.Bench.Kernels;
using Broker.Bench.Overhead;
using Broker.Bench.VerifyCost;

var root = new RootCommand("Benchmarks: each prints its figures, with --json one JSON object a line")
{
    OverheadBench.Command(), PtxBench.Command(), ExactMathBench.Command(), SimulateBench.Command(), FaultsBench.Command(), CheatsBench.Command(), VerifyCostBench.Command(), PtxSupport.Command(),
};
var list = new Command("list", "Name every benchmark");
list.SetAction(_ =>
{
    foreach (var bench in root.Subcommands.Where(command => command != list)) Console.WriteLine($"{bench.Name,-12}{bench.Description}");
});
root.Add(list);
return await root.Parse(args).InvokeAsync();
