using System.Numerics;
using System.Runtime.InteropServices;
using static System.MathF;

namespace Broker.Ptx.Tests;

/// <summary>Runs what the headers of <c>kernels/include</c> make of ordinary CUDA C.</summary>
public sealed class PreludeTests
{
    private static readonly float[] Reals = [.. Enumerable.Range(0, 32).Select(i => (i - 16) * 0.25f + (i % 3 == 0 ? 0.125f : 0)).Select(x => x == 0 ? 0.25f : x)];

    /// <summary>What each lane gets from each call, in the order of ordinary.cu.</summary>
    private static readonly (string Call, Func<uint, float, uint> Expected)[] Calls =
    [
        ("popc", (lane, _) => (uint)BitOperations.PopCount(lane) * 101),
        ("clz", (lane, _) => (uint)BitOperations.LeadingZeroCount(lane)),
        ("clzll", (lane, _) => (uint)BitOperations.LeadingZeroCount((ulong)lane)),
        ("ffs", (lane, _) => lane == 0 ? 0 : (uint)BitOperations.TrailingZeroCount(lane) + 1),
        ("brev", (lane, _) => Enumerable.Range(0, 5).Aggregate(0u, (sum, bit) => sum | (lane >> bit & 1) << (31 - bit))),
        ("byte_perm", (lane, _) => 0x06040200u + lane % 2),
        ("umulhi", (lane, _) => (uint)((ulong)(lane << 27) * 1000 >> 32)),
        ("mulhi", (lane, _) => (uint)((long)(-(int)lane << 26) * 1000 >> 32)),
        ("dp4a", (lane, _) => (uint)((int)lane * (4 - 1 - 2 + 1) - 7)),
        ("funnelshift_l", (lane, _) => lane << 3 | 4),
        ("funnelshift_r", (lane, _) => lane << 29 | 0x10000000),
        ("sad", (lane, _) => 1000 + (uint)Math.Abs((int)lane - 10)),
        ("shfl", (_, _) => 21),
        ("shfl_up", (lane, _) => lane < 2 ? lane : lane - 2),
        ("shfl_down", (lane, _) => lane % 8 < 6 ? lane + 2 : lane),
        ("shfl_xor", (lane, _) => lane ^ 5),
        ("ballot", (_, _) => Enumerable.Range(0, 32).Where(i => i % 3 == 0).Aggregate(0u, (sum, i) => sum | 1u << i)),
        ("any, all", (_, _) => 2),
        ("match_any", (lane, _) => 0xffu << (int)(lane / 8 * 8)),
        ("syncthreads_count, or, and", (_, _) => 111),
        ("rounding", (_, x) => Bits(Fused(Away(x), 10000, Fused(Round(x), 1000, Fused(Truncate(x), 100, Fused(Ceiling(x), 10, Floor(x))))))),
        ("fmin, fmax, fabs", (_, x) => Bits(Fused(Abs(x), 100, Fused(Max(x, 0.5f), 10, Min(x, 1.5f))))),
        ("float2int", (_, x) => (uint)(int)Round(x * 10) + 1000 * (uint)(int)(x * 10)),
        ("ldexp", (lane, x) => Bits((float)Math.ScaleB(x, (int)lane * 18 - 250))),
        ("copysign, isnan, isinf, isfinite", (_, x) => Bits(CopySign(2, x)) + 5),
        ("__expf is expf", (_, _) => 0),
        ("sincosf is sinf and cos", (_, _) => 0),
        ("vectors, max, abs", (lane, _) => 4 + lane + 7 + Math.Max(lane, 5) + lane),
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(16)]
    public void Calls_give_what_CUDA_says(int lanes)
    {
        using var memory = new DeviceMemory();
        var (results, counters, reals) = (memory.Allocate("results", Calls.Length * 128), memory.Allocate("counters", 32), memory.Allocate("reals", 128, writable: false));
        reals.Write(0, MemoryMarshal.AsBytes(Reals.AsSpan()));
        var lines = new List<string>();
        var text = File.ReadAllText(Path.Combine(Repository.Root, "tests", "Ptx.Tests", "Prelude", "ordinary.ptx"));
        byte[] arguments = [.. new[] { results, counters, reals }.SelectMany(buffer => BitConverter.GetBytes(buffer.Address))];
        var outcome = CompiledKernel.Compile(Module.Parse(text), "ordinary").Run(
            new KernelLaunch(new Dim3(1, 1, 1), new Dim3(32, 1, 1), 0, arguments),
            memory,
            new RunOptions { Lanes = lanes, Printed = lines.Add },
            TestContext.Current.CancellationToken);
        Assert.Equal((LaunchStatus.Completed, null), (outcome.Status, outcome.Fault));

        var got = TestDevice.Read<uint>(results);
        Assert.Equal(
            Calls.SelectMany(call => Reals.Select((x, lane) => (call.Call, lane, call.Expected((uint)lane, x)))),
            Calls.SelectMany((call, row) => Reals.Select((_, lane) => (call.Call, lane, got[row * 32 + lane]))));
        Assert.Equal([496u, 31, uint.MaxValue, 2, 77, 0, 0, 32], TestDevice.Read<uint>(counters));
        Assert.Equal(["lane 31 has 3.75"], lines.Select(line => line.TrimEnd()));
    }

    private static uint Bits(float x) => BitConverter.SingleToUInt32Bits(x);

    private static float Fused(float x, float y, float z) => FusedMultiplyAdd(x, y, z);

    private static float Away(float x) => Round(x, MidpointRounding.AwayFromZero);
}
