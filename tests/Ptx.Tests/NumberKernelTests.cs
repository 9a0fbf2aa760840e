using System.Security.Cryptography;
using static System.MathF;

namespace Broker.Ptx.Tests;

/// <summary>Runs the kernels that simulate, sort, sum and hash.</summary>
public sealed class NumberKernelTests : KernelRuns
{
    private static readonly float[][] Options = [[100, 100, 0.05f, 0.2f, 1], [90, 100, 0.02f, 0.4f, 0.5f]];

    [Fact]
    public void Blackscholes_gives_every_bit_of_the_same_draws()
    {
        const uint Paths = 4096;
        Assert.Equal(Options.Select((option, index) => Price(option, (uint)index, Paths)), Prices(Paths));
    }

    [Fact]
    public void Blackscholes_comes_near_the_formula() =>
        Assert.All(Prices(1 << 17).Zip([10.4506f, 6.7194f]), price => Assert.Equal(price.Second, price.First, 0.1f));

    [Fact]
    public void Nbody()
    {
        const int N = 512;
        var (bodies, start) = (Random(N * 4, 1), Random(N * 4, 2));
        var (moved, velocities) = (Allocate("moved", new float[N * 4]), Allocate("velocities", start));
        Run("nbody", "nbody", Size(N / 256), Size(256), moved, velocities, Input(bodies), (uint)N, 0.01f, 0.05f);
        var steps = Enumerable.Range(0, N).Select(Step).ToList();
        Assert.Equal(steps.SelectMany(step => step.Velocity), TestDevice.Read<float>(velocities));
        Assert.Equal(steps.SelectMany(step => step.Position), TestDevice.Read<float>(moved));

        (float[] Velocity, float[] Position) Step(int i)
        {
            var (velocity, position, pull) = (start[(4 * i)..(4 * i + 4)], bodies[(4 * i)..(4 * i + 4)], new float[3]);
            for (var j = 0; j < N; j++)
            {
                float dx = bodies[4 * j] - position[0], dy = bodies[4 * j + 1] - position[1], dz = bodies[4 * j + 2] - position[2];
                var inverse = 1 / Sqrt(FusedMultiplyAdd(dx, dx, FusedMultiplyAdd(dy, dy, FusedMultiplyAdd(dz, dz, 0.05f))));
                var strength = bodies[4 * j + 3] * inverse * inverse * inverse;
                foreach (var (axis, apart) in ((int, float)[])[(0, dx), (1, dy), (2, dz)]) pull[axis] = FusedMultiplyAdd(apart, strength, pull[axis]);
            }

            for (var axis = 0; axis < 3; axis++)
            {
                velocity[axis] = FusedMultiplyAdd(pull[axis], 0.01f, velocity[axis]);
                position[axis] = FusedMultiplyAdd(velocity[axis], 0.01f, position[axis]);
            }

            return (velocity, position);
        }
    }

    [Fact]
    public void Prefix_sum()
    {
        const int N = 5000, Blocks = (N + 1023) / 1024;
        var values = Random<uint>(N, 1);
        var (scan, sums, offsets, total) = (Allocate("scan", new uint[N]), Allocate("sums", new uint[Blocks]), Allocate("offsets", new uint[Blocks]), Allocate("total", new uint[1]));
        Run("prefix-sum", "scan_blocks", Size(Blocks), Size(256), scan, sums, Input(values), (uint)N);
        Run("prefix-sum", "scan_blocks", Size(1), Size(256), offsets, total, sums, (uint)Blocks);
        Run("prefix-sum", "add_offsets", Size(Blocks), Size(256), scan, offsets, (uint)N);
        var sum = 0u;
        Assert.Equal(values.Select(value => sum += value), TestDevice.Read<uint>(scan));
        Assert.Equal(sum, TestDevice.Read<uint>(total)[0]);
    }

    [Fact]
    public void Bitonic_sort()
    {
        const int N = 4096;
        var keys = Random<uint>(N, 1);
        var sorted = Allocate("keys", keys);
        Run("bitonic-sort", "sort_blocks", Size(N / 1024), Size(512), sorted);
        for (var size = 2048; size <= N; size *= 2)
        {
            for (var reach = size / 2; reach >= 1024; reach /= 2) Run("bitonic-sort", "merge_far", Size(N / 1024), Size(512), sorted, (uint)size, (uint)reach);
            Run("bitonic-sort", "merge_near", Size(N / 1024), Size(512), sorted, (uint)size);
        }

        Assert.Equal(keys.Order(), TestDevice.Read<uint>(sorted));
    }

    [Fact]
    public void Sha256()
    {
        const int N = 100;
        var messages = Random<byte>(N * 64, 1);
        var digests = Allocate("digests", new byte[N * 32]);
        Run("sha256", "sha256", Size(2), Size(64), digests, Input(messages), (uint)N);
        Assert.Equal(messages.Chunk(64).SelectMany(SHA256.HashData), TestDevice.Read<byte>(digests));
    }

    [Fact]
    public void Philox_draws_what_its_authors_published()
    {
        // Random123's known answers for philox4x32-10.
        Assert.Equal([0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u], Philox([0, 0, 0, 0], 0));
        Assert.Equal([0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u], Philox([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], 0x299f31d0_a4093822));
    }

    private float[] Prices(uint paths)
    {
        var prices = Allocate("prices", new float[Options.Length]);
        Run("blackscholes", "blackscholes", Size(Options.Length), Size(256), prices, Input(Options.SelectMany(option => option).ToArray()), paths, 42ul);
        return TestDevice.Read<float>(prices);
    }

    private static float Price(float[] option, uint index, uint paths)
    {
        var deviation = option[3] * Sqrt(option[4]);
        var drift = FusedMultiplyAdd(-0.5f * option[3], option[3], option[2]) * option[4];
        long sum = 0;
        for (var draw = 0u; draw < paths / 4; draw++)
        {
            var words = Philox([draw, index, 0, 0], 42);
            foreach (var normal in (float[])[.. Normal(words[0], words[1]), .. Normal(words[2], words[3])])
            {
                var payoff = FusedMultiplyAdd(option[0], ExactReference.Exp(FusedMultiplyAdd(deviation, normal, drift)), -option[1]);
                sum += (long)Math.Round(Max(payoff, 0) * (double)(1 << 24));
            }
        }

        return sum * (1f / (1 << 24)) / paths * ExactReference.Exp(-option[2] * option[4]);
    }

    private static uint[] Philox(uint[] counter, ulong key)
    {
        var (low, high) = ((uint)key, (uint)(key >> 32));
        for (var round = 0; round < 10; round++)
        {
            ulong a = 0xd2511f53ul * counter[0], b = 0xcd9e8d57ul * counter[2];
            counter = [(uint)(b >> 32) ^ counter[1] ^ low, (uint)b, (uint)(a >> 32) ^ counter[3] ^ high, (uint)a];
            (low, high) = (low + 0x9e3779b9, high + 0xbb67ae85);
        }

        return counter;
    }

    private static float[] Normal(uint a, uint b)
    {
        var radius = Sqrt(-2 * ExactReference.Log(((a >> 9) * 2 + 1) / 16777216f));
        var turn = (int)(b >> 9) * 2 + 1;
        var quarter = (turn + (1 << 21)) >> 22;
        var angle = (turn - (quarter << 22)) * 3.74507039e-07f;
        var (sine, cosine) = (ExactReference.Sin(angle), ExactReference.Cos(angle));
        (float X, float Y)[] turned = [(cosine, sine), (-sine, cosine), (-cosine, -sine), (sine, -cosine)];
        return [radius * turned[quarter & 3].X, radius * turned[quarter & 3].Y];
    }
}
