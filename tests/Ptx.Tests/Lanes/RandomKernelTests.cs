using System.Globalization;
using System.Runtime.InteropServices;
using Broker.Ptx.Emit.Lanes;

namespace Broker.Ptx.Tests.Lanes;

/// <summary>Runs kernels that nobody wrote thread after thread, and in vectors of 8 and 16: the bits and the steps are the same.</summary>
public class RandomKernelTests
{
    private static readonly int Seeds = int.Parse(Environment.GetEnvironmentVariable("BROKER_RANDOM_KERNELS") ?? "40", CultureInfo.InvariantCulture);

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

    private static string Show(byte[] bytes, int index) => $"0x{BitConverter.ToUInt32(bytes, index / 4 * 4):x8}";

    private static (byte[] Bytes, long Steps, int Lanes) Run(CompiledKernel kernel, uint x, uint y, int lanes)
    {
        const uint Blocks = 2;
        using var memory = new DeviceMemory();
        var output = memory.Allocate("out", Blocks * x * y * RandomKernel.RowWords * 4);
        var input = memory.Allocate("in", RandomKernel.InputWords * 4, writable: false);
        var words = new uint[RandomKernel.InputWords];
        var random = new Random(7);
        for (var i = 0; i < words.Length; i++) words[i] = i % 3 == 0 ? (uint)i : (uint)random.NextInt64(1L << 32);
        input.Write(0, MemoryMarshal.AsBytes<uint>(words));
        byte[] parameters = [.. BitConverter.GetBytes(output.Address), .. BitConverter.GetBytes(input.Address), .. BitConverter.GetBytes(100u)];
        var launch = new KernelLaunch(new Dim3(Blocks, 1, 1), new Dim3(x, y, 1), 0, parameters);
        var options = new RunOptions { MaxThreads = 1, Lanes = lanes };
        var outcome = kernel.Run(launch, memory, options, TestContext.Current.CancellationToken);
        Assert.Equal((LaunchStatus.Completed, null), (outcome.Status, outcome.Fault));
        return (output.Span(0, (int)output.Bytes).ToArray(), outcome.Steps, kernel.LanesOf(launch, options));
    }
}
