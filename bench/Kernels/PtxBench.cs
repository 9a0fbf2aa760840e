using System.CommandLine;
using Broker.Cli.Kernels;

namespace Broker.Bench.Kernels;

/// <summary>Measures the PTX engine: against native code, against its own scalar path, and how long it compiles.</summary>
internal static class PtxBench
{
    public const string Name = "ptx";

    public static Command Command()
    {
        var quick = new Option<bool>("--quick") { Description = "Fewer repeats, under 45 s" };
        var json = new Option<bool>("--json") { Description = "One JSON object a line" };
        var kernels = new Option<string[]>("--kernel") { Description = "Only this one; may be repeated", HelpName = "NAME", AllowMultipleArgumentsPerToken = true };
        kernels.AcceptOnlyFromAmong([.. KernelCases.All.Select(kernel => kernel.Name)]);
        var command = new Command(Name, "Runs each kernel on the PTX engine and as native code, on one core; native code needs clang") { quick, json, kernels };
        command.SetAction((parsed, cancellation) => RunAsync(
            parsed.GetValue(quick), parsed.GetValue(json), parsed.GetValue(kernels) ?? [], cancellation));
        return command;
    }

    private static async Task<int> RunAsync(bool quick, bool json, string[] names, CancellationToken cancellation)
    {
        var repository = Repository();
        using var native = await Clang.FindAsync(cancellation) is { } clang ? new NativeLowering(clang, repository) : null;
        var chosen = KernelCases.All.Where(kernel => names.Length == 0 || names.Contains(kernel.Name));
        var measured = new List<KernelMeasurement>();
        var meter = new KernelMeter(native, quick);
        foreach (var (name, make) in chosen)
        {
            var ptx = await File.ReadAllTextAsync(Path.Combine(repository, "kernels", name + ".ptx"), cancellation);
            var measurement = await meter.MeasureAsync(make(), ptx, cancellation);
            foreach (var figure in measurement.Figures()) figure.Print(json);
            measured.Add(measurement);
        }

        // A mean over a few of them would pass for the mean over all.
        if (names.Length == 0) foreach (var figure in KernelMeasurement.Totals(measured)) figure.Print(json);
        return 0;
    }

    internal static string Repository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "global.json"))) folder = folder.Parent;
        return folder?.FullName ?? throw new DirectoryNotFoundException("The bench runs in its repository, and no folder above it has a global.json.");
    }
}
