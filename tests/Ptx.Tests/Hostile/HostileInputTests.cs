using CsCheck;

namespace Broker.Ptx.Tests.Hostile;

public class HostileInputTests
{
    [Fact]
    public void Noise_gives_located_errors() =>
        Gen.String[Gen.Char[" \n\t.,;:{}[]()<>@!|%$_+-=\"/*0123456789abcdefxrpuv"], 0, 200].Select(noise => Kernel.Text(noise)).Sample(noise => Trial.Run(noise), iter: 3000);

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
}
