using CsCheck;

namespace Broker.Ptx.Tests;

public class HostileInputTests
{
    [Fact]
    public void Spoilt_text_gives_located_errors_or_a_module_that_compiles() =>
        PtxTexts.Mutated.Sample(Check, iter: 4000);

    [Fact]
    public void Noise_gives_located_errors() =>
        Gen.String[Gen.Char[" \n\t.,;:{}[]()<>@!|%$_+-=\"/*0123456789abcdefxrpuv"], 0, 200].Select(noise => Kernel.Text(noise)).Sample(Check, iter: 3000);

    [Fact]
    public void Spoilt_kernels_run_without_harm() =>
        PtxTexts.Mutated.Sample(text =>
        {
            if (Find(text) is not { } module) return;
            foreach (var signature in module.Kernels) Run(module, signature);
        }, iter: 1500);

    private static void Check(string text)
    {
        if (Find(text) is not { } module) return;
        foreach (var kernel in module.Kernels) CompiledKernel.Compile(module, kernel.Name);
    }

    private static Module? Find(string text)
    {
        try
        {
            var module = Module.Parse(text);
            return module.CheckSupported().Count == 0 ? module : null;
        }
        catch (PtxException e)
        {
            Assert.All(e.Errors, error => Assert.True(error is { Line: > 0, Column: > 0, Message.Length: > 0 }, error.ToString()));
            return null;
        }
    }

    /// <summary>Runs a kernel with pointers that partly point somewhere; whatever it does, there is an outcome.</summary>
    private static void Run(Module module, KernelSignature signature)
    {
        using var memory = new DeviceMemory();
        var buffers = new[] { memory.Allocate("a", 4096), memory.Allocate("b", 256, writable: false) };
        var parameters = new byte[signature.PackedBytes];
        foreach (var (parameter, index) in signature.Parameters.Select((p, i) => (p, i)))
        {
            if (parameter.Bytes == 8) BitConverter.TryWriteBytes(parameters.AsSpan(parameter.Offset), buffers[index % 2].Address);
            else parameters[parameter.Offset] = 40;
        }

        var launch = new KernelLaunch(new Dim3(2, 1, 1), signature.RequiredThreads ?? new Dim3(8, 1, 1), 0, parameters);
        var kernel = CompiledKernel.Compile(module, signature.Name);
        if (kernel.CheckLaunch(launch) is not null) return;
        var outcome = kernel.Run(launch, memory, new RunOptions { MaxThreads = 1, StepBudgetPerBlock = 1_000_000 }, TestContext.Current.CancellationToken);
        Assert.NotEqual(LaunchStatus.Cancelled, outcome.Status);
    }
}
