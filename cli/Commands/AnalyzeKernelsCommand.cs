using System.CommandLine;
using Broker.Cli.Kernels;
using Broker.Cli.Output;
using Broker.Cli.Submit;
using Broker.Ptx;

namespace Broker.Cli.Commands;

/// <summary><c>broker kernels analyze</c>: what a program declares, and what of it cannot be run yet.</summary>
internal static class AnalyzeKernelsCommand
{
    public static Command Create(GlobalOptions global)
    {
        var file = new Argument<string>("file") { Description = "PTX, or CUDA C, which is compiled with clang", HelpName = "FILE" };
        var command = new Command("analyze", "Show a program's kernels and what is not supported, and how the result of a launch can be verified") { file };
        var options = new LaunchOptions(command);
        global.SetAction(command, async (parsed, terminal, cancellation) =>
        {
            var path = parsed.GetRequiredValue(file);
            var (text, warnings) = await ProgramFile.ReadPtxAsync(path, cancellation);
            if (warnings.Length > 0) terminal.Note(warnings.TrimEnd());
            var analysis = Analyze(path, text);
            if (options.IsAnyGiven(parsed) && analysis.Errors.Count == 0)
            {
                var program = await ProgramFile.ReadAsync(path, cancellation);
                analysis = analysis with { Launch = LaunchAnalysis.Of(Module.Parse(text), options.Draft(parsed, program)) };
            }

            terminal.Answer(analysis, () => Say(terminal, analysis));
            return analysis.Errors.Count == 0 ? ExitCode.Ok : ExitCode.Failed;
        });
        return command;
    }

    private static ProgramAnalysis Analyze(string path, string text)
    {
        try
        {
            var module = Module.Parse(text);
            var errors = module.CheckSupported();
            return new ProgramAnalysis(path, module.Canonicalise().Sha256, module.Kernels, errors);
        }
        catch (PtxException e)
        {
            return new ProgramAnalysis(path, null, [], e.Errors);
        }
    }

    private static void Say(Terminal terminal, ProgramAnalysis analysis)
    {
        if (analysis.Sha256 is { } hash) terminal.Say($"{analysis.File}: canonical form sha256:{hash}");
        foreach (var kernel in analysis.Kernels)
        {
            terminal.Say("");
            terminal.Say($"kernel {kernel.Name} (line {kernel.Line})");
            foreach (var parameter in kernel.Parameters)
                terminal.Say($"  parameter {parameter.Offset,4}: .{parameter.Type} {parameter.Name}, {parameter.Bytes} bytes");
            terminal.Say($"  static shared memory: {kernel.StaticSharedBytes} bytes");
            if (kernel.MaxThreads is { } most) terminal.Say($"  at most {most} threads a block");
            if (kernel.RequiredThreads is { } required) terminal.Say($"  exactly {required} threads a block");
        }

        if (analysis.Launch is { } launch) Say(terminal, launch);
        terminal.Say("");
        terminal.Say(analysis.Errors.Count == 0 ? "Everything in it is supported. Run it: broker submit --help" : $"{analysis.File} has what cannot be run:");
        foreach (var error in analysis.Errors) terminal.Say($"  {error}");
    }

    private static void Say(Terminal terminal, LaunchAnalysis launch)
    {
        terminal.Say("");
        terminal.Say($"this launch of {launch.Kernel} is {launch.Class}: {Meaning(launch.Class)}");
        foreach (var reason in launch.Reasons) terminal.Say($"  {reason}");
        terminal.Say(launch.Verification is { } verification ? $"  verified by default: {VerdictWords.Mode(verification)}" : $"  {launch.Refusal}");
        var estimate = launch.Estimate;
        var least = estimate.IsBound ? "about" : "at least";
        terminal.Say($"  {least} {Short(estimate.Operations)} instructions, {Short(estimate.GlobalBytes)} bytes of global accesses");
        terminal.Say($"  about {estimate.Registers} registers a thread, {estimate.SharedBytes} bytes of shared memory a block");
    }

    private static string Meaning(string word) => word switch
    {
        "exact" => "a few random blocks can be checked bit for bit",
        "exact-commutative" or "exact-scattered" => "every run gives the same bits, so all of it can be executed again and compared",
        "same-arch" => "replicas on one GPU architecture can be compared",
        "tolerant" => "only agreement within a tolerance can be told, and no money hangs on it",
        _ => "its result can differ from run to run, and nothing can be told from it",
    };

    private static string Short(double number) => number.ToString("0.###E+0", System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>What <c>broker kernels analyze --json</c> answers.</summary>
internal sealed record ProgramAnalysis(string File, string? Sha256, IReadOnlyList<KernelSignature> Kernels, IReadOnlyList<PtxError> Errors)
{
    /// <summary>Gets what was found about one launch, where one was asked about.</summary>
    public LaunchAnalysis? Launch { get; init; }
}
