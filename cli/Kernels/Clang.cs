using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Broker.Cli.Kernels;

/// <summary>A clang that can be started on this machine.</summary>
internal sealed partial record Clang(string Command, string Name)
{
    public const string Remedy =
        "Install clang 19 (Debian, Ubuntu: apt install clang-19; macOS: brew install llvm, since Apple's own clang has no NVPTX; " +
        "Windows: winget install LLVM.LLVM), name it in BROKER_CLANG, or pass PTX made by nvcc -ptx.";

    /// <summary>Takes the one that <c>BROKER_CLANG</c> names, else the first on the path.</summary>
    public static async Task<Clang?> FindAsync(CancellationToken cancellation)
    {
        var named = Environment.GetEnvironmentVariable("BROKER_CLANG");
        foreach (var command in string.IsNullOrEmpty(named) ? ["clang++-19", "clang++"] : new[] { named })
        {
            if (await ProgramRun.StartAsync(new ProcessStartInfo(command, ["--version"]), cancellation) is { ExitCode: 0 } run
                && Version().Match(run.Output) is { Success: true } version)
                return new Clang(command, $"clang {version.Groups[1].Value}");
        }
        return null;
    }

    public async Task<ProgramRun> RunAsync(IEnumerable<string> arguments, CancellationToken cancellation) =>
        await ProgramRun.StartAsync(new ProcessStartInfo(Command, arguments), cancellation)
        ?? throw new InvalidOperationException($"{Command} answered --version and then could not be started.");

    [GeneratedRegex(@"clang version (\d+(\.\d+)*)")]
    private static partial Regex Version();
}
