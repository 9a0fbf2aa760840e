using System.Reflection;
using System.Runtime.InteropServices;
using Broker.Cli.Kernels;
using Broker.Cli.Stack;

namespace Broker.Cli.Doctor;

/// <summary>Looks for what this machine must have to run a local stack and to compile kernels.</summary>
internal static class MachineChecks
{
    /// <summary>Any kernel: whether there is PTX of it is all that counts.</summary>
    private const string Kernel = "__global__ void probe(float *out) { out[threadIdx.x] = 1.0f; }\n";

    public static async Task<IReadOnlyList<Finding>> RunAsync(CancellationToken cancellation)
    {
        var programs = await Finding.OfAsync("stack", needed: false, () => Task.FromResult(FindPrograms()));

        // A published command line has no function app to start, and needs nothing of what starts one.
        var isClone = programs.State == FindingState.Ok;
        var emulator = await FindEmulatorAsync();
        return
        [
            new Finding("version", FindingState.Ok, Needed: true, Version),
            await Finding.OfAsync("dotnet", isClone, () => RequireSdkAsync(cancellation)),
            programs,
            await Finding.OfAsync("node", isClone, async () => $"Node.js {await Node.RequireAsync(cancellation)}"),
            await Finding.OfAsync("npm", isClone && emulator.State != FindingState.Ok, async () => $"npm {await Node.RequireNpmAsync(cancellation)}"),
            emulator,
            FindLoopback(isClone),
            await FindClangAsync(cancellation),
            FindCudaDriver(),
        ];
    }

    private static string Version { get; } =
        $"broker {typeof(MachineChecks).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion} on {RuntimeInformation.RuntimeIdentifier}";

    private static string FindPrograms() => StackBuild.Find().IsBuilt
        ? "the function app and the worker are built"
        : "the function app and the worker are not built yet: `broker up` and `broker demo` build them";

    private static async Task<string> RequireSdkAsync(CancellationToken cancellation)
    {
        // There the clone's global.json says which SDK counts.
        var command = DotNet.Command("--version");
        command.WorkingDirectory = AppContext.BaseDirectory;
        return await ProgramRun.StartAsync(command, cancellation) is { ExitCode: 0 } run
            ? $"{RuntimeInformation.FrameworkDescription}, SDK {run.Output.Trim()}"
            : throw new CommandException(
                ExitCode.Environment, $"{RuntimeInformation.FrameworkDescription} runs this, but no SDK 10 answers, which builds and starts the local stack: install it from https://dot.net.");
    }

    private static async Task<Finding> FindEmulatorAsync() => await Finding.OfAsync("emulator", needed: false, () => EmulatorInstall.OfUser().IsComplete()
        ? Task.FromResult("the storage emulator is installed")
        : throw new CommandException(ExitCode.Environment, "the storage emulator is not installed yet: `broker up` and `broker demo` install it once, which takes about a minute."));

    private static Finding FindLoopback(bool needed) => LocalBroker.IsFree(port: 0)
        ? new Finding("loopback", FindingState.Ok, needed, "a port of 127.0.0.1 can be opened")
        : new Finding("loopback", FindingState.Missing, needed, "no port of 127.0.0.1 can be opened, on which the local stack listens: look at the firewall, or at the sandbox that this runs in.");

    /// <summary>Compiles a kernel: a clang can be there and lack the part that makes PTX.</summary>
    private static async Task<Finding> FindClangAsync(CancellationToken cancellation)
    {
        var folder = Directory.CreateTempSubdirectory("broker-doctor-");
        try
        {
            var source = Path.Combine(folder.FullName, "probe.cu");
            await File.WriteAllTextAsync(source, Kernel, cancellation);
            if (await Clang.FindAsync(cancellation) is not { } clang) return new Finding("clang", FindingState.Missing, Needed: false, $"no clang answers, which .cu files need. {Clang.Remedy}");
            var outcome = await KernelCompiler.CompileAsync(source, new CompileOptions(), cancellation);
            return outcome.Succeeded
                ? new Finding("clang", FindingState.Ok, Needed: false, $"{clang.Name} makes PTX")
                : new Finding("clang", FindingState.Wrong, Needed: false, outcome.Text.Trim());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static Finding FindCudaDriver()
    {
        if (!NativeLibrary.TryLoad(OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1", out var driver))
            return new Finding("cuda", FindingState.Missing, Needed: false, "no CUDA driver: jobs run on the CPU");
        NativeLibrary.Free(driver);
        return new Finding("cuda", FindingState.Ok, Needed: false, "there is a CUDA driver, which workers do not use yet: jobs run on the CPU");
    }
}
