using System.Diagnostics;
using Broker.Cli;
using Broker.Cli.Kernels;

namespace Broker.Bench.Kernels;

/// <summary>Compiles <c>bench/native/NAME.cpp</c>: the same work as an engineer would write it for this processor.</summary>
internal sealed class NativeLowering(Clang clang, string repository) : IDisposable
{
    // As for the kernels, a product and a sum in one expression are fused: then the bits are the same.
    private static readonly string[] Flags = ["-std=c++20", "-O3", "-march=native", "-ffp-contract=on", "-fno-math-errno", "-fPIC", "-Wall", "-Werror"];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("broker-bench-");

    /// <summary>Compiles, and gives how long clang took to make the object, at best.</summary>
    public async Task<(string Library, TimeSpan Compile)> MakeAsync(string name, int repeats, CancellationToken cancellation)
    {
        var (source, code) = (Path.Combine(repository, "bench", "native", name + ".cpp"), Path.Combine(_folder.FullName, name + ".o"));
        var best = TimeSpan.MaxValue;
        for (var i = 0; i < repeats; i++)
        {
            var start = Stopwatch.GetTimestamp();
            Require(await clang.RunAsync([.. Flags, "-I", Path.Combine(repository, "bench", "native"), "-c", source, "-o", code], cancellation));
            var elapsed = Stopwatch.GetElapsedTime(start);
            if (elapsed < best) best = elapsed;
        }

        var library = Path.Combine(_folder.FullName, name + ".so");
        Require(await clang.RunAsync(["-shared", code, "-o", library], cancellation));
        return (library, best);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static void Require(ProgramRun run)
    {
        if (run.ExitCode != 0) throw new InvalidOperationException(run.Errors);
    }
}
