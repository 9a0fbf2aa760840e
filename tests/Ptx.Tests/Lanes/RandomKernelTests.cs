using System.Globalization;
using System.Runtime.InteropServices;
using Broker.Ptx.Audit;
using Broker.Ptx.Emit.Lanes;

namespace Broker.Ptx.Tests.Lanes;

/// <summary>Runs kernels that nobody wrote thread after thread, and in vectors of 8 and 16: the bits and the steps are the same.</summary>
public class RandomKernelTests
{
    private const uint Blocks = 2;

    private static readonly int Seeds = int.Parse(Environment.GetEnvironmentVariable("BROKER_RANDOM_KERNELS") ?? "40", CultureInfo.InvariantCulture);
    private static readonly uint[] Input = MakeInput();

    public static TheoryData<uint, uint> Shapes => new() { { 64, 1 }, { 70, 1 }, { 16, 5 }, { 8, 9 }, { 5, 7 }, { 1, 33 } };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Vectors_give_the_bits_of_threads(uint x, uint y)
    {
        var laned = 0;
        for (var seed = 0; seed < Seeds; seed++)
        {
            var text = RandomKernel.Write(seed);
            var kernel = CompiledKernel.Compile(Module.Parse(text), "test");
            var (expected, steps, _) = Run(kernel, x, y, 1);
            foreach (var lanes in (int[])[8, 16])
            {
                var (bytes, lanedSteps, used) = Run(kernel, x, y, lanes);
                laned += used == Math.Min(lanes, LaneShape.Best) ? 1 : 0;
                var equal = bytes.AsSpan().CommonPrefixLength(expected);
                if (equal < expected.Length)
                    Assert.Fail($"seed {seed}, {lanes} lanes: thread {equal / 64} differs at byte {equal % 64}: {Show(bytes, equal)}, not {Show(expected, equal)}\n{text}");
                Assert.Equal((seed, lanes, steps), (seed, lanes, lanedSteps));
            }
        }

        Assert.Equal(2 * Seeds, laned);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Audited_block_of_vectors_leaves_what_threads_leave(uint x, uint y)
    {
        var (marked, open) = (0, 0);
        for (var seed = 0; seed < Seeds; seed++)
        {
            var kernel = CompiledKernel.Compile(Module.Parse(RandomKernel.Write(seed)), "test");
            var expected = Audit(kernel, x, y, 1);
            foreach (var lanes in (int[])[8, 16])
            {
                var audit = Audit(kernel, x, y, lanes);
                Assert.Equal((seed, lanes, expected.Status, expected.Steps, expected.FetchedBytes), (seed, lanes, audit.Status, audit.Steps, audit.FetchedBytes));
                Assert.Equal(FoundIn(expected), FoundIn(audit));
                Assert.Equal(expected.Writes.Select(w => w.Start), audit.Writes.Select(w => w.Start));
                foreach (var (wanted, write) in expected.Writes.Zip(audit.Writes))
                {
                    Assert.Equal((seed, lanes, Convert.ToHexString(wanted.Bytes.Span)), (seed, lanes, Convert.ToHexString(write.Bytes.Span)));
                    Assert.Equal((seed, lanes, Convert.ToHexString(wanted.Unspecified.Span)), (seed, lanes, Convert.ToHexString(write.Unspecified.Span)));
                    if (write.Unspecified.Length > 0) marked++;
                }
            }

            if (expected.Findings.Count > 0) open++;
        }

        if (Seeds >= 40) Assert.True(marked > 0 && open > 0, $"{marked} stretches with open bits, {open} blocks with findings");
    }

    private static IEnumerable<string> FoundIn(BlockAudit audit) => audit.Findings.Select(f => $"{f.Line}: {f.Kind}").Order();

    private static BlockAudit Audit(CompiledKernel kernel, uint x, uint y, int lanes)
    {
        using var memory = new AuditMemory();
        var output = memory.Allocate("out", Blocks * x * y * RandomKernel.RowWords * 4);
        var input = memory.Allocate("in", RandomKernel.InputWords * 4, false, new WordContent(Input));
        return kernel.Audit(
            Launch(x, y, output.Address, input.Address), memory, new Dim3(1, 0, 0), false, new RunOptions { Lanes = lanes }, TestContext.Current.CancellationToken);
    }

    private static string Show(byte[] bytes, int index) => $"0x{BitConverter.ToUInt32(bytes, index / 4 * 4):x8}";

    private static (byte[] Bytes, long Steps, int Lanes) Run(CompiledKernel kernel, uint x, uint y, int lanes)
    {
        using var memory = new DeviceMemory();
        var output = memory.Allocate("out", Blocks * x * y * RandomKernel.RowWords * 4);
        var input = memory.Allocate("in", RandomKernel.InputWords * 4, writable: false);
        input.Write(0, MemoryMarshal.AsBytes<uint>(Input));
        var launch = Launch(x, y, output.Address, input.Address);
        var options = new RunOptions { MaxThreads = 1, Lanes = lanes };
        var outcome = kernel.Run(launch, memory, options, TestContext.Current.CancellationToken);
        Assert.Equal((LaunchStatus.Completed, null), (outcome.Status, outcome.Fault));
        return (output.Span(0, (int)output.Bytes).ToArray(), outcome.Steps, kernel.LanesOf(launch, options));
    }

    private static KernelLaunch Launch(uint x, uint y, ulong output, ulong input)
    {
        byte[] parameters = [.. BitConverter.GetBytes(output), .. BitConverter.GetBytes(input), .. BitConverter.GetBytes(100u)];
        return new KernelLaunch(new Dim3(Blocks, 1, 1), new Dim3(x, y, 1), 0, parameters);
    }

    private static uint[] MakeInput()
    {
        var words = new uint[RandomKernel.InputWords];
        var random = new Random(7);
        for (var i = 0; i < words.Length; i++) words[i] = i % 3 == 0 ? (uint)i : (uint)random.NextInt64(1L << 32);
        return words;
    }

    private sealed class WordContent(uint[] words) : IBufferContent
    {
        public void Read(long offset, Span<byte> destination) => MemoryMarshal.AsBytes<uint>(words).Slice((int)offset, destination.Length).CopyTo(destination);
    }
}
