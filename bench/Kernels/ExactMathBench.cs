using System.CommandLine;
using System.Runtime.InteropServices;
using Broker.Cli.Kernels;
using Broker.Ptx;

namespace Broker.Bench.Kernels;

/// <summary>Measures how far the functions of <c>exact_math.cuh</c> are from the true values, over every float, and whether the engine gives native bits.</summary>
internal static class ExactMathBench
{
    private const string Name = "exact-math";
    private const int Samples = 1 << 18;

    // In the order of kernels/exact-math.cu and bench/native/exact-math.cpp.
    private static readonly string[] Functions =
        ["exp", "exp2", "exp10", "log", "log2", "log10", "sin", "cos", "tan", "tanh", "rsqrt", "sigmoid", "erf", "gelu"];

    public static Command Command()
    {
        var quick = new Option<bool>("--quick") { Description = "One float in 4099 instead of all 2^32 (about 20 minutes)" };
        var json = new Option<bool>("--json") { Description = "One JSON object a line" };
        var command = new Command(Name, "Measures the largest error of each exact function over every float; needs clang") { quick, json };
        command.SetAction((parsed, cancellation) => RunAsync(parsed.GetValue(quick), parsed.GetValue(json), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(bool quick, bool json, CancellationToken cancellation)
    {
        var repository = PtxBench.Repository();
        if (await Clang.FindAsync(cancellation) is not { } clang)
        {
            foreach (var function in Functions) new Figure(Name, "max-ulp", function, null, "ulp") { Why = "no clang answers" }.Print(json);
            return 0;
        }

        using var lowering = new NativeLowering(clang, repository);
        var (library, _) = await lowering.MakeAsync(Name, 1, cancellation);
        var module = Module.Parse(await File.ReadAllTextAsync(Path.Combine(repository, "kernels", Name + ".ptx"), cancellation));
        for (var i = 0; i < Functions.Length; i++)
        {
            new Figure(Name, "bits-differ", Functions[i], Differing(module, library, (uint)i), "floats").Print(json);
            cancellation.ThrowIfCancellationRequested();
            new Figure(Name, "max-ulp", Functions[i], Worst(library, (uint)i, quick ? 4099u : 1), "ulp").Print(json);
        }

        return 0;
    }

    /// <summary>Counts the samples for which the engine and native code differ. A NaN is one whatever its bits.</summary>
    private static int Differing(Module module, string library, uint function)
    {
        var values = new uint[Samples];
        for (var i = 0; i < Samples; i++) values[i] = (uint)i * 0x3ff1u * 5;
        var results = BufferData.Output("results", Samples * 4);
        var kernel = new KernelCase(Name, 0, "", [new("exact_math", KernelStep.Size(Samples / 256), KernelStep.Size(256), results, BufferData.Input("values", values), (uint)Samples, function)]);
        using var engine = new EngineRun(kernel, entry => CompiledKernel.Compile(module, entry));
        using var native = new NativeRun(kernel, library);
        engine.Time();
        native.Time();
        var (mine, theirs) = (Floats(engine, results), Floats(native, results));
        return mine.Zip(theirs).Count(pair => BitConverter.SingleToUInt32Bits(pair.First) != BitConverter.SingleToUInt32Bits(pair.Second)
            && !(float.IsNaN(pair.First) && float.IsNaN(pair.Second)));
    }

    private static float[] Floats(Contender run, BufferData buffer) => MemoryMarshal.Cast<byte, float>(run.Memory(buffer)).ToArray();

    private static unsafe double Worst(string library, uint function, uint step)
    {
        var handle = NativeLibrary.Load(library);
        var worst = (delegate* unmanaged<uint, uint, uint, float*, double>)NativeLibrary.GetExport(handle, "worst");
        float where;
        var most = worst(function, 0, step, &where);
        NativeLibrary.Free(handle);
        return most;
    }
}
