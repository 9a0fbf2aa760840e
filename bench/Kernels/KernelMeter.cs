using System.Diagnostics;
using Broker.Ptx;

namespace Broker.Bench.Kernels;

/// <summary>Measures a case: its contenders run in turns, and the best time of each counts.</summary>
internal sealed class KernelMeter(NativeLowering? lowering, bool quick)
{
    private static readonly int[] LaneCounts = [1, 8, 16];

    private readonly TimeSpan _patience = TimeSpan.FromSeconds(quick ? 0.6 : 4);
    private readonly int _rounds = quick ? 3 : 10;
    private readonly int _compilations = quick ? 20 : 60;

    public async Task<KernelMeasurement> MeasureAsync(KernelCase kernel, string ptx, CancellationToken cancellation)
    {
        var module = Module.Parse(ptx);
        if (module.CheckSupported() is [var refusal, ..])
        {
            var why = $"the engine refuses it: {refusal}";
            return new(kernel) { NoNative = why, NoLanes = why };
        }

        (string Library, TimeSpan Compile)? made = lowering is null ? null : await lowering.MakeAsync(kernel.Name, quick ? 2 : 5, cancellation);
        using var engine = new EngineRun(kernel, entry => CompiledKernel.Compile(module, entry));
        using var native = made is null ? null : new NativeRun(kernel, made.Value.Library);
        var lanes = LaneCounts.Select(count => new EngineRun(kernel, entry => CompiledKernel.Compile(module, entry), count)).ToList();
        try
        {
            Contender?[] contenders = [engine, native, lanes[0]];
            var wrong = Race([.. contenders.OfType<Contender>()], engine, native);
            foreach (var run in lanes.Skip(1)) run.Time();
            // Before the compilations, whose short runs leave other outputs.
            var disagreeing = lanes.Count(run => run.Difference(engine) is not null);
            return new(kernel)
            {
                Engine = engine.Best,
                Native = wrong is null ? native?.Best : null,
                Scalar = lanes[0].Best,
                Compile = CompileTime(engine, ptx),
                Clang = wrong is null ? made?.Compile : null,
                NoNative = native is null ? "no clang answers" : wrong,
                Disagreeing = disagreeing,
            };
        }
        finally
        {
            foreach (var run in lanes) run.Dispose();
        }
    }

    /// <returns>How native code and the engine differ; then their times are of no use.</returns>
    private string? Race(List<Contender> contenders, EngineRun engine, NativeRun? native)
    {
        var start = Stopwatch.GetTimestamp();
        string? wrong = null;
        for (var round = 0; round < _rounds || Stopwatch.GetElapsedTime(start) < _patience; round++)
        {
            foreach (var contender in contenders) contender.Time();
            if (round == 0 && native is not null) wrong = native.Difference(engine);
        }

        return wrong is null ? null : $"native code and the engine disagree: {wrong}";
    }

    /// <summary>Gives the best time from a text to code. .NET compiles a kernel when it first runs, so a first short run counts, less a second one.</summary>
    private TimeSpan CompileTime(EngineRun engine, string ptx)
    {
        var (first, second) = (TimeSpan.MaxValue, TimeSpan.MaxValue);
        for (var i = 0; i < _compilations; i++)
        {
            var compiled = new Dictionary<string, CompiledKernel>();
            Keep(ref first, () =>
            {
                var module = Module.Parse(ptx);
                engine.Touch(entry => compiled[entry] = CompiledKernel.Compile(module, entry));
            });
            Keep(ref second, () => engine.Touch(entry => compiled[entry]));
        }

        return first - second;
    }

    private static void Keep(ref TimeSpan best, Action action)
    {
        var start = Stopwatch.GetTimestamp();
        action();
        var elapsed = Stopwatch.GetElapsedTime(start);
        if (elapsed < best) best = elapsed;
    }
}
