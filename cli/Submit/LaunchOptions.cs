using System.CommandLine;

namespace Broker.Cli.Submit;

/// <summary>The options that launch one kernel of a program, without a job document.</summary>
internal sealed class LaunchOptions
{
    private readonly Option<string?> _kernel = new("--kernel") { Description = "The kernel to launch; needed where the program has several", HelpName = "NAME" };
    private readonly Option<string?> _grid = new("--grid") { Description = "The grid in blocks", HelpName = "X[,Y[,Z]]" };
    private readonly Option<string?> _block = new("--block") { Description = "The block in threads", HelpName = "X[,Y[,Z]]" };
    private readonly Option<string[]> _arguments = new("--arg")
    {
        Description = "An argument, once for each in order; buffers become arg0, arg1 by their place: " + ArgumentText.Forms,
        HelpName = "KIND:VALUE",
    };
    private readonly Option<int?> _shared = new("--shared") { Description = "Dynamic shared memory a block, in bytes", HelpName = "BYTES" };
    private readonly Option<int?> _repeat = new("--repeat") { Description = "How many times the launch is made", HelpName = "N" };

    public LaunchOptions(Command command)
    {
        foreach (var option in All) command.Add(option);
    }

    private Option[] All => [_kernel, _grid, _block, _arguments, _shared, _repeat];

    /// <exception cref="CommandException">One of them stands beside a job document, which says all that itself.</exception>
    public void RefuseAny(ParseResult parsed)
    {
        if (All.FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false }) is { } option)
            throw new CommandException(ExitCode.BadInput, $"{option.Name} belongs to a .cu or .ptx file: a job document names its launches in 'steps'.");
    }

    public bool IsAnyGiven(ParseResult parsed) => All.Any(option => parsed.GetResult(option) is { Implicit: false });

    /// <summary>The job that makes this launch.</summary>
    /// <exception cref="CommandException">Something is missing, or is not what it must be.</exception>
    public JobDraft Draft(ParseResult parsed, ProgramFile program)
    {
        var kernel = parsed.GetValue(_kernel) ?? OnlyKernel(program);
        var launch = new KernelLaunch(
            kernel,
            DimensionsText.Read("--grid", parsed.GetValue(_grid) ?? throw Missing("--grid 4096")),
            DimensionsText.Read("--block", parsed.GetValue(_block) ?? throw Missing("--block 256")),
            [.. (parsed.GetValue(_arguments) ?? []).Select((text, i) => ArgumentText.Read(text, $"arg{i}"))])
        {
            SharedBytes = parsed.GetValue(_shared),
            Repeat = parsed.GetValue(_repeat),
        };
        return launch.Draft(kernel, program);
    }

    private static string OnlyKernel(ProgramFile program) => program.Kernels switch
    {
        null => throw Missing("--kernel NAME"),
        [var only] => only.Name,
        [] => throw new CommandException(ExitCode.BadInput, $"{program.Content.Name} has no kernel: mark one with __global__."),
        _ => throw new CommandException(ExitCode.BadInput, $"Name one of the program's kernels with --kernel: {string.Join(", ", program.Kernels.Select(kernel => kernel.Name))}."),
    };

    private static CommandException Missing(string example) => new(ExitCode.BadInput, $"{example.Split(' ')[0]} is missing, as in {example}.");
}
