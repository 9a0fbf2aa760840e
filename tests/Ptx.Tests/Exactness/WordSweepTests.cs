using System.Globalization;
using System.Runtime.InteropServices;

namespace Broker.Ptx.Tests.Exactness;

/// <summary>Holds operations on words against references that are quick enough for very many patterns, thread by thread and as lanes.</summary>
/// <remarks>
/// Every run takes a few thousand patterns of each. <c>BROKER_EXACTNESS=full</c> takes 10^8, a number that many, and
/// <c>BROKER_EXACTNESS_OF=fma.rn</c> only the operations that begin so.
/// </remarks>
public class WordSweepTests
{
    private const int Batch = 1 << 16, ThreadsPerBlock = 256, Few = 1 << 11;

    private static readonly Dictionary<string, WordCase> All =
        ((IEnumerable<WordCase>)[.. IntegerWordCases.All, .. RealWordCases.All, .. ConversionWordCases.All, .. NarrowWordCases.All]).ToDictionary(c => $"{c.Name} of {c.Widths.Length}");

    internal static IEnumerable<string> Texts => All.Values.Select(c => c.Text());

    public static TheoryData<string> Cases => new(All.Keys.Where(name => name.StartsWith(ExactnessTests.Only, StringComparison.Ordinal)));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Operation_is_exact(string name)
    {
        var test = All[name];
        // All inputs of one operand of 16 bits come in every run.
        var (count, batch) = test.Widths is [16] ? (Batch, Batch) : ExactnessTests.Asked is null ? (Few, Few) : (ExactnessTests.Count, Batch);
        var kernel = CompiledKernel.Compile(Module.Parse(test.Text()), "test");
        using var memory = new DeviceMemory();
        var buffers = test.Widths.Append(test.ResultWidth).Select((w, i) => memory.Allocate($"b{i}", batch * w / 8)).ToArray();
        var (patterns, operands) = (new WordPatterns(test), test.Widths.Select(_ => new ulong[batch]).ToArray());
        for (var done = 0L; done < count; done += batch)
        {
            patterns.Fill(operands, done == 0);
            if (test.Widths is [16]) operands[0] = [.. Enumerable.Range(0, Batch).Select(i => (ulong)i)];
            for (var i = 0; i < operands.Length; i++) Write(buffers[i], test.Widths[i], operands[i]);
            Check(test, kernel, memory, buffers, operands);
        }
    }

    /// <summary>Draws operands of single precision, and holds the quick reference against the one of whole numbers without bounds.</summary>
    [Theory]
    [InlineData('n')]
    [InlineData('z')]
    [InlineData('m')]
    [InlineData('p')]
    public void Quick_reference_agrees_with_whole_numbers(char mode)
    {
        var (format, name) = (ReferenceFormat.F32, "r" + mode);
        var operands = new[] { new ulong[20_000], new ulong[20_000], new ulong[20_000] };
        new WordPatterns(All["fma.rn.f32 of 3"]).Fill(operands, true);
        for (var i = 0; i < operands[0].Length; i++)
        {
            var (a, b, c) = (operands[0][i], operands[1][i], operands[2][i]);
            Assert.Equal(($"{a:x} {b:x} {c:x}", format.Fma(a, b, c, name)), ($"{a:x} {b:x} {c:x}", WordFloat.Fma(a, b, c, mode)));
            Assert.Equal(($"{a:x} {b:x}", format.Multiply(a, b, name)), ($"{a:x} {b:x}", WordFloat.Multiply(a, b, mode)));
            Assert.Equal(($"{a:x} {b:x}", format.Add(a, b, name)), ($"{a:x} {b:x}", WordFloat.Add(a, b, mode)));
            Assert.Equal(($"{a:x} {b:x}", format.Divide(a, b, name)), ($"{a:x} {b:x}", WordFloat.Divide(a, b, mode)));
            Assert.Equal(($"{a:x}", format.SquareRoot(a, name)), ($"{a:x}", WordFloat.SquareRoot(a, mode)));
        }
    }

    private static void Check(WordCase test, CompiledKernel kernel, DeviceMemory memory, DeviceBuffer[] buffers, ulong[][] operands)
    {
        var launch = new KernelLaunch(
            new Dim3((uint)(operands[0].Length / ThreadsPerBlock), 1, 1), new Dim3(ThreadsPerBlock, 1, 1), 0, buffers.SelectMany(b => BitConverter.GetBytes(b.Address)).ToArray());
        var results = new ulong[2][];
        foreach (var (lanes, index) in ((int?, int)[])[(1, 0), (null, 1)])
        {
            var outcome = kernel.Run(launch, memory, new RunOptions { MaxThreads = 1, Lanes = lanes }, TestContext.Current.CancellationToken);
            Assert.Equal((LaunchStatus.Completed, null), (outcome.Status, outcome.Fault));
            results[index] = Read(buffers[^1], test.ResultWidth, operands[0].Length);
        }

        for (var i = 0; i < operands[0].Length; i++)
        {
            var (a, b, c) = (operands[0][i], operands.Length > 1 ? operands[1][i] : 0, operands.Length > 2 ? operands[2][i] : 0);
            var expected = test.Expected(a, b, c);
            if (results[0][i] != expected || results[1][i] != expected)
                Assert.Fail(string.Create(CultureInfo.InvariantCulture, $"{test.Name} of 0x{a:x}, 0x{b:x}, 0x{c:x} is 0x{results[0][i]:x}, and 0x{results[1][i]:x} in lanes, not 0x{expected:x}"));
        }
    }

    private static void Write(DeviceBuffer buffer, int width, ulong[] values)
    {
        var bytes = buffer.Span(0, values.Length * width / 8);
        if (width == 64) MemoryMarshal.AsBytes(values.AsSpan()).CopyTo(bytes);
        else
        {
            var words = MemoryMarshal.Cast<byte, uint>(bytes);
            var halves = MemoryMarshal.Cast<byte, ushort>(bytes);
            for (var i = 0; i < values.Length; i++)
            {
                if (width == 32) words[i] = (uint)values[i];
                else halves[i] = (ushort)values[i];
            }
        }
    }

    private static ulong[] Read(DeviceBuffer buffer, int width, int count)
    {
        var bytes = buffer.Span(0, count * width / 8);
        var values = new ulong[count];
        for (var i = 0; i < count; i++)
            values[i] = width switch
            {
                64 => MemoryMarshal.Cast<byte, ulong>(bytes)[i],
                32 => MemoryMarshal.Cast<byte, uint>(bytes)[i],
                _ => MemoryMarshal.Cast<byte, ushort>(bytes)[i],
            };
        return values;
    }
}
