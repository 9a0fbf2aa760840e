using System.Text;
using Broker.Cli.Kernels;
using Broker.Core.Jobs;
using Broker.Ptx;

namespace Broker.Cli.Submit;

/// <summary>A program on this machine: PTX, or CUDA C that is compiled to it.</summary>
/// <param name="Content">The PTX.</param>
/// <param name="Kernels">Its kernels; null where this version cannot read it.</param>
/// <param name="Warnings">What the compiler had to say, often nothing.</param>
internal sealed record ProgramFile(LocalContent Content, IReadOnlyList<KernelShape>? Kernels, string Warnings)
{
    public static bool IsProgram(string path) => IsSource(path) || Path.GetExtension(path).Equals(".ptx", StringComparison.OrdinalIgnoreCase);

    /// <exception cref="CommandException">The file is missing, does not compile, or is not PTX.</exception>
    public static async Task<ProgramFile> ReadAsync(string path, CancellationToken cancellation)
    {
        if (!File.Exists(path)) throw new CommandException(ExitCode.BadInput, $"There is no file '{path}'.");
        var (text, warnings) = await ReadPtxAsync(path, cancellation);
        var name = Path.ChangeExtension(Path.GetFileName(path), ".ptx");
        return new ProgramFile(LocalContent.Of(name, Encoding.UTF8.GetBytes(text)), ReadKernels(path, text), warnings);
    }

    /// <summary>The PTX of a file, compiled if need be, and the compiler's warnings.</summary>
    public static async Task<(string Text, string Warnings)> ReadPtxAsync(string path, CancellationToken cancellation) =>
        IsSource(path) ? await CompileAsync(path, new CompileOptions(), cancellation) : (await File.ReadAllTextAsync(path, cancellation), "");

    /// <exception cref="CommandException">There is no clang, or it refuses the source.</exception>
    public static async Task<(string Text, string Warnings)> CompileAsync(string path, CompileOptions options, CancellationToken cancellation)
    {
        if (!File.Exists(path)) throw new CommandException(ExitCode.BadInput, $"There is no file '{path}'.");
        if (await Clang.FindAsync(cancellation) is null)
            throw new CommandException(ExitCode.Environment, $"{path} needs clang to become PTX, and no clang answers. {Clang.Remedy}");
        var outcome = await KernelCompiler.CompileAsync(path, options, cancellation);
        return outcome.Succeeded
            ? (outcome.Ptx, outcome.Text)
            : throw new CommandException(ExitCode.BadInput, $"{path} does not compile:{Environment.NewLine}{outcome.Text.TrimEnd()}");
    }

    private static bool IsSource(string path) => Path.GetExtension(path).Equals(".cu", StringComparison.OrdinalIgnoreCase);

    private static KernelShape[]? ReadKernels(string path, string text)
    {
        try
        {
            return [.. Module.Parse(text).Kernels.Select(ToShape)];
        }
        catch (PtxException e) when (e.Errors.Any(error => error.Kind == PtxErrorKind.Malformed))
        {
            throw new CommandException(ExitCode.BadInput, $"{path} is not PTX:{string.Concat(e.Errors.Select(error => $"{Environment.NewLine}  {error}"))}", e);
        }
        catch (PtxException)
        {
            return null; // It uses what this version does not know; the broker may.
        }
    }

    private static KernelShape ToShape(KernelSignature kernel) => new(
        kernel.Name,
        [.. kernel.Parameters.Select(parameter => new ParameterShape(parameter.Name, parameter.Type, parameter.Bytes))],
        kernel.StaticSharedBytes,
        kernel.MaxThreads is { } most ? new Dimensions(most.X, most.Y, most.Z) : null);
}
