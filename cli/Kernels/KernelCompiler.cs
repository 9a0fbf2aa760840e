namespace Broker.Cli.Kernels;

/// <summary>Makes PTX from CUDA C with clang, on machines that have no CUDA toolkit.</summary>
public static class KernelCompiler
{
    /// <summary>Compiles one source; its folder and the prelude are where its headers are looked for.</summary>
    /// <remarks>Equal sources, headers, options and clang give equal PTX, in any folder of any machine, unless a source asks for __FILE__.</remarks>
    public static async Task<CompileOutcome> CompileAsync(string cuFile, CompileOptions options, CancellationToken cancellation)
    {
        if (!File.Exists(cuFile)) return CompileOutcome.Refused($"There is no file {cuFile}.");
        if (!Directory.Exists(options.PreludeFolder))
            return CompileOutcome.Refused($"The CUDA headers that belong in {options.PreludeFolder} are missing: install broker again.");

        var clang = await Clang.FindAsync(cancellation);
        if (clang is null) return CompileOutcome.Refused($"{cuFile} needs clang to become PTX, and no clang answers. {Clang.Remedy}");

        var source = KernelSource.Read(cuFile, options);

        // nvcc includes the runtime's header before every source, and many sources count on that.
        string[] paths = ["-I", options.PreludeFolder, "-include", KernelSource.Prelude, cuFile, "-o", "-"];
        var run = await clang.RunAsync([.. options.Flags, .. paths], cancellation);
        if (run.ExitCode == 0) return new CompileOutcome(source.Header(clang.Name) + run.Output.ReplaceLineEndings("\n"), run.Errors);

        // Apple's clang and some slim builds answer, but were built without the backend.
        var reason = run.Errors.Contains("No available targets", StringComparison.Ordinal)
            ? $"{clang.Command} cannot make PTX: it was built without NVPTX. {Clang.Remedy}"
            : run.Errors;
        return CompileOutcome.Refused(reason);
    }
}
