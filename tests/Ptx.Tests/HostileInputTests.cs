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

    /// <summary>Short texts that would become long kernels, or ones that need much memory.</summary>
    public static TheoryData<string, string, string> Multiplying => new()
    {
        { Lines(5000, i => $".func f{i}() {{ {(i > 0 ? $"call f{i - 1};" : "")} ret; }}"), "call f4999;", "calls that lie more than 128 deep" },
        { $".func f() {{ {Lines(5000, i => $"L{i}:")} ret; }}", Calls, "kernels of more than 65536 instructions" },
        { $".func f() {{ {Lines(5000, i => $".local .b8 v{i}[1];")} ret; }}", Calls, "kernels of more than 65536 instructions" },
        { $".func f() {{ L: T: .branchtargets {string.Join(", ", Enumerable.Repeat("L", 5000))}; ret; }}", Calls, "kernels of more than 65536 instructions" },
        { "", $"L: T: .branchtargets {string.Join(", ", Enumerable.Repeat("L", 5000))};\n{Lines(5000, _ => "@%p brx.idx %r1, T;")}", "kernels whose indexed branches have more than 65536 targets" },
        { "", $".reg .b64 %w<10000>;\nbar.sync 0;\n{Lines(10_000, i => $"st.global.b64 [%out], %w{i};")}", "kernels that keep more than 67108864 bytes of registers where threads wait" },
    };

    private static string Calls => Lines(5000, _ => "call f;");

    [Theory]
    [MemberData(nameof(Multiplying))]
    public void Text_that_multiplies_is_refused(string functions, string body, string message)
    {
        var text = Kernel.Text(body).Replace(".visible .entry", functions + "\n.visible .entry", StringComparison.Ordinal);
        Assert.StartsWith(message, Assert.Single(Module.Parse(text).CheckSupported()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Barriers_that_all_lead_to_one_long_tail_share_it()
    {
        var blocks = Lines(5000, i => $"setp.eq.u32 %p, %r1, {i};\n@%p bra L{i};\nL{i}:");
        var barriers = Lines(1000, i => $"bar.sync 0;\nsetp.eq.u32 %p, %r1, {i};\n@%p bra TAIL;");
        var module = Module.Parse(Kernel.Text($"{barriers}\nTAIL:\n{blocks}"));
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Empty(module.CheckSupported());
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 128 << 20);
    }

    private static string Lines(int count, Func<int, string> line) => string.Join('\n', Enumerable.Range(0, count).Select(line));

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
