using System.Globalization;

namespace Broker.Ptx.Tests.Exactness;

/// <summary>Holds what the engine computes against whole-number arithmetic, bit for bit, thread by thread and as lanes.</summary>
/// <remarks>
/// Every run takes all inputs of instructions with one operand of 16 bits and a few thousand patterns of the others. With
/// <c>BROKER_EXACTNESS=full</c> it takes all pairs of 16 bits, and 10^8 patterns of everything else, which is hours;
/// <c>BROKER_EXACTNESS=1000000</c> takes that many, and <c>BROKER_EXACTNESS_OF=fma.rn.f32</c> only the instructions that begin so.
/// </remarks>
public class ExactnessTests
{
    private const int Batch = 1 << 16, ThreadsPerBlock = 256;

    internal static readonly string? Asked = Environment.GetEnvironmentVariable("BROKER_EXACTNESS");
    private static readonly bool Full = Asked == "full";
    internal static readonly long Count = Full ? 100_000_000 : Asked is null ? 1 << 12 : long.Parse(Asked, CultureInfo.InvariantCulture);
    internal static readonly string Only = Environment.GetEnvironmentVariable("BROKER_EXACTNESS_OF") ?? "";

    public static TheoryData<string> Cases => new(ExactCases.All.Where(c => c.Instruction.StartsWith(Only, StringComparison.Ordinal)).Select(NameOf));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Instruction_is_exact(string name)
    {
        var test = ExactCases.All.First(c => NameOf(c) == name);
        var kernel = CompiledKernel.Compile(Module.Parse(test.Text()), "test");
        using var memory = new DeviceMemory();
        var buffers = test.Widths.Append(test.ResultWidth).Select((w, i) => memory.Allocate($"b{i}", Batch * w / 8)).ToArray();
        foreach (var batch in Elements(test).Chunk(Batch)) Check(test, kernel, memory, buffers, batch);
    }

    [Theory]
    [InlineData("0x7ff0000000000001", "add.rn.f64", "0x7fffffffffffffff")]
    [InlineData("0x0000000000000001", "sqrt.rp.f64", "0x1e60000000000000")]
    [InlineData("0x3ff0000000000001", "rcp.rz.f64", "0x3feffffffffffffe")]
    [InlineData("0x3c01", "mul.rn.f16", "0x3c02")]
    [InlineData("0x0001", "mul.rn.bf16", "0x0000")]
    public void Reference_gives_what_is_known(string operand, string instruction, string expected)
    {
        var test = ExactCases.All.First(c => c.Instruction == instruction);
        var bits = Convert.ToUInt64(operand, 16);
        Assert.Equal(Convert.ToUInt64(expected, 16), test.Expected([.. test.Widths.Select(_ => bits)]));
    }

    private static string NameOf(ExactCase test) => $"{test.Instruction} of {test.Widths.Length}";

    private static IEnumerable<ulong[]> Elements(ExactCase test)
    {
        if (test.Widths is [16]) return Enumerable.Range(0, 1 << 16).Select(i => new[] { (ulong)i });
        if (Full && test.Widths is [16, 16]) return AllPairs();
        return SpecialElements(test).Concat(Drawn(test));
    }

    private static IEnumerable<ulong[]> AllPairs()
    {
        for (var pair = 0ul; pair < 1ul << 32; pair++) yield return [pair >> 16, pair & 0xffff];
    }

    /// <summary>Lists all combinations of two special numbers, with a third that goes through them too.</summary>
    private static IEnumerable<ulong[]> SpecialElements(ExactCase test)
    {
        if (test.Formats[0] is not { } format) return [];
        var special = Patterns.Special(format);
        return special.SelectMany((a, i) => special.Select((b, j) => new[] { a, b, special[(i * 7 + j * 3) % special.Length] }[..test.Widths.Length]));
    }

    private static IEnumerable<ulong[]> Drawn(ExactCase test)
    {
        var patterns = new Patterns(test.Instruction.Length * 31 + test.Widths.Length);
        for (var i = 0L; i < Count; i++)
        {
            var operands = new ulong[test.Widths.Length];
            patterns.Draw(test, operands);
            yield return operands;
        }
    }

    private static void Check(ExactCase test, CompiledKernel kernel, DeviceMemory memory, DeviceBuffer[] buffers, ulong[][] elements)
    {
        for (var i = 0; i < test.Widths.Length; i++)
            buffers[i].Write(0, elements.SelectMany(e => BitConverter.GetBytes(e[i]).Take(test.Widths[i] / 8)).ToArray());
        var expected = elements.Select(test.Expected).ToArray();
        var launch = new KernelLaunch(
            new Dim3((uint)((elements.Length + ThreadsPerBlock - 1) / ThreadsPerBlock), 1, 1), new Dim3(ThreadsPerBlock, 1, 1), 0,
            buffers.SelectMany(b => BitConverter.GetBytes(b.Address)).ToArray());
        foreach (var lanes in (int?[])[1, null])
        {
            var outcome = kernel.Run(launch, memory, new RunOptions { MaxThreads = 1, Lanes = lanes }, TestContext.Current.CancellationToken);
            Assert.Equal((LaunchStatus.Completed, null), (outcome.Status, outcome.Fault));
            var results = buffers[^1].Span(0, (int)buffers[^1].Bytes);
            for (var i = 0; i < elements.Length; i++)
            {
                var result = Read(results, i, test.ResultWidth / 8);
                if (result != expected[i])
                    Assert.Fail($"{test.Instruction} ({(lanes is null ? "lanes" : "one thread")}) of {string.Join(", ", elements[i].Select(e => $"0x{e:x}"))} is 0x{result:x}, not 0x{expected[i]:x}");
            }
        }
    }

    private static ulong Read(ReadOnlySpan<byte> bytes, int index, int size)
    {
        var result = 0ul;
        for (var i = size - 1; i >= 0; i--) result = result << 8 | bytes[index * size + i];
        return result;
    }
}
