using System.Runtime.InteropServices;

namespace Broker.Ptx.Tests;

public class LevelTests
{
    /// <summary>What the compiler makes of a kernel differs much from level to level; what it computes does not.</summary>
    [Fact]
    public void Kernel_computes_the_same_at_every_level_of_optimisation()
    {
        var plain = Run("mixed-O0");
        Assert.Equal(Expected(), plain);
        Assert.Equal(plain, Run("mixed-O1"));
        Assert.Equal(plain, Run("mixed-O3"));
    }

    private const int N = 11, Threads = 64, Blocks = 2;

    private static float In(int i) => i * 0.75f - 7;

    private static float[] Expected() =>
        [.. Enumerable.Range(0, Threads * Blocks).Select(i =>
        {
            int[] steps = [3, -4, 5, 6];
            float[] weights = [1.5f, 2, 3];
            var partial = Enumerable.Range(i / Threads * Threads, Threads).Select(In).ToArray();
            for (var half = Threads / 2; half > 0; half /= 2)
                for (var t = 0; t < half; t++)
                    partial[t] += partial[t + half];
            var j = (i + N) & 7;
            var sum = MathF.FusedMultiplyAdd(In(i), 1.25f, steps[i & 3]) + partial[j] * weights[j % 3] + ((i & 3) + 1) + (float)((ulong)i * N / (N + 1));
            var result = (float)(sum + N / 3.0);
            return (i % 9) switch
            {
                0 => result + 1,
                1 => result * 2,
                2 => -result,
                3 => result / 3,
                4 => (int)result >> 1,
                5 => (byte)(int)result,
                _ => result,
            };
        })];

    private static float[] Run(string file)
    {
        using var memory = new DeviceMemory();
        var (result, input) = (memory.Allocate("out", 4 * Threads * Blocks), memory.Allocate("in", 4 * Threads * Blocks, writable: false));
        input.Write(0, MemoryMarshal.AsBytes<float>(Enumerable.Range(0, Threads * Blocks).Select(In).ToArray()));
        byte[] parameters =
        [
            .. BitConverter.GetBytes(result.Address), .. BitConverter.GetBytes(input.Address),
            .. new[] { BitConverter.SingleToInt32Bits(1.25f), 0, 3, -4, 5, 6, N }.SelectMany(BitConverter.GetBytes),
        ];
        var text = File.ReadAllText(Path.Combine(Repository.Root, "tests", "Ptx.Tests", "Levels", file + ".ptx"));
        var kernel = CompiledKernel.Compile(Module.Parse(text), "mixed");
        var outcome = kernel.Run(
            new KernelLaunch(new Dim3(Blocks, 1, 1), new Dim3(Threads, 1, 1), 0, parameters), memory, new RunOptions(), TestContext.Current.CancellationToken);
        Assert.Equal((LaunchStatus.Completed, null), (outcome.Status, outcome.Fault));
        return MemoryMarshal.Cast<byte, float>(result.Span(0, (int)result.Bytes)).ToArray();
    }
}
