using System.CommandLine;
using Broker.Cli.Kernels;
using Broker.Cli.Submit;

namespace Broker.Cli.Commands;

/// <summary><c>broker kernels build</c>: makes PTX from CUDA C, with clang and without a CUDA toolkit.</summary>
internal static class BuildKernelsCommand
{
    public static Command Create(GlobalOptions global)
    {
        var files = new Argument<string[]>("files") { Description = "CUDA C sources", HelpName = "FILE.cu", Arity = ArgumentArity.OneOrMore };
        var architecture = new Option<string>("--arch") { Description = "The oldest device that can run it", HelpName = "SM", DefaultValueFactory = _ => new CompileOptions().Architecture };
        var command = new CommandWithExamples(
            "build", "Compile CUDA C files with clang: writes file.ptx beside each",
            "broker kernels build saxpy.cu")
        {
            files, architecture,
        };
        global.SetAction(command, async (parsed, terminal, cancellation) =>
        {
            var options = new CompileOptions { Architecture = parsed.GetRequiredValue(architecture) };
            foreach (var file in parsed.GetRequiredValue(files))
            {
                var (text, warnings) = await ProgramFile.CompileAsync(file, options, cancellation);
                if (warnings.Length > 0) terminal.Note(warnings.TrimEnd());
                var target = Path.ChangeExtension(file, ".ptx");
                var changed = !File.Exists(target) || await File.ReadAllTextAsync(target, cancellation) != text;
                if (changed) await File.WriteAllTextAsync(target, text, cancellation);
                terminal.Answer(new BuiltKernel(file, target, changed), () => terminal.Say(changed ? $"{file} -> {target}" : $"{file} -> {target} (as it was)"));
            }

            terminal.Note("What is in one: broker kernels analyze FILE.ptx    Run one: broker submit --help");
            return ExitCode.Ok;
        });
        return command;
    }
}

/// <summary>What <c>broker kernels build --json</c> answers, a line a source.</summary>
internal sealed record BuiltKernel(string Source, string Ptx, bool Changed);
