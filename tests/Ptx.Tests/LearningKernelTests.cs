using static System.MathF;

namespace Broker.Ptx.Tests;

/// <summary>Runs the kernels that neural networks are made of against plain C# that rounds as they do.</summary>
public sealed class LearningKernelTests : KernelRuns
{
    [Theory]
    [InlineData(3, 700)]
    [InlineData(2, 100)]
    public void Softmax(int rows, int columns)
    {
        var x = Floats(rows * columns, i => i * 7919 % 1000 / 40f - 12);
        var y = Allocate("y", new float[x.Length]);
        Run("softmax", "softmax", Size(rows), Size(256), y, Input(x), (uint)columns);
        Assert.Equal(x.Chunk(columns).SelectMany(Row), TestDevice.Read<float>(y));

        static float[] Row(float[] row)
        {
            var most = row.Max();
            var e = row.Select(v => ExactReference.Exp(v - most)).ToArray();
            var scale = 1 / ExactReference.BlockCombine(e, 0f, (a, b) => a + b);
            return [.. e.Select(v => v * scale)];
        }
    }

    [Fact]
    public void Layernorm()
    {
        const int Rows = 3, Columns = 600;
        var (x, gain, bias) = (Random(Rows * Columns, 1), Random(Columns, 2), Random(Columns, 3));
        var y = Allocate("y", new float[x.Length]);
        Run("layernorm", "layernorm", Size(Rows), Size(256), y, Input(x), Input(gain), Input(bias), (uint)Columns, 1e-5f);
        Assert.Equal(x.Chunk(Columns).SelectMany(Row), TestDevice.Read<float>(y));

        float[] Row(float[] row)
        {
            var mean = ExactReference.BlockCombine(row, 0f, (a, b) => a + b) / Columns;
            var parts = new float[256];
            for (var i = 0; i < Columns; i++) parts[i % 256] = FusedMultiplyAdd(row[i] - mean, row[i] - mean, parts[i % 256]);
            var scale = 1 / Sqrt(ExactReference.BlockCombine(parts, 0f, (a, b) => a + b) / Columns + 1e-5f);
            return [.. row.Select((v, i) => FusedMultiplyAdd((v - mean) * scale, gain[i], bias[i]))];
        }
    }

    [Theory]
    [InlineData("attention_naive", int.MaxValue)]
    [InlineData("attention_tiled", 32)]
    public void Attention(string entry, int tile)
    {
        const int N = 96, Depth = 64;
        var (q, k, v) = (Random(N * Depth, 1), Random(N * Depth, 2), Random(N * Depth, 3));
        for (var i = 0; i < q.Length; i++) q[i] *= 3;
        var result = Allocate("out", new float[N * Depth]);
        Run("attention", entry, Size(2), Size(64), result, Input(q), Input(k), Input(v), (uint)N);
        Assert.Equal(Enumerable.Range(0, N).SelectMany(Row), TestDevice.Read<float>(result));

        float[] Row(int row)
        {
            var scores = Enumerable.Range(0, N).Select(j => Enumerable.Range(0, Depth).Aggregate(0f, (sum, d) => FusedMultiplyAdd(q[row * Depth + d], k[j * Depth + d], sum)) * 0.125f).ToArray();
            var sums = new float[Depth];
            var (most, total) = (float.NegativeInfinity, 0f);
            foreach (var keys in Enumerable.Range(0, N).Chunk(Math.Min(tile, N)))
            {
                var larger = Max(most, keys.Max(j => scores[j]));
                var shrink = ExactReference.Exp(most - larger);
                most = larger;
                total *= shrink;
                for (var d = 0; d < Depth; d++) sums[d] *= shrink;
                foreach (var j in keys)
                {
                    var weight = ExactReference.Exp(scores[j] - most);
                    total += weight;
                    for (var d = 0; d < Depth; d++) sums[d] = FusedMultiplyAdd(weight, v[j * Depth + d], sums[d]);
                }
            }

            return [.. sums.Select(sum => sum / total)];
        }
    }

    [Fact]
    public void Igemm()
    {
        const int M = 20, N = 35, K = 84;
        var (a, b) = (Random<sbyte>(M * K, 1), Random<sbyte>(N * K, 2));
        var c = Allocate("c", new int[M * N]);
        Run("igemm", "igemm", Size(3, 2), Size(16, 16), c, Input(a), Input(b), (uint)M, (uint)N, (uint)K);
        Assert.Equal(
            Enumerable.Range(0, M * N).Select(i => Enumerable.Range(0, K).Sum(t => a[i / N * K + t] * b[i % N * K + t])),
            TestDevice.Read<int>(c));
    }

    [Fact]
    public void Conv2d()
    {
        const int Channels = 3, Filters = 2, Width = 35, Height = 18;
        var (image, weights) = (Random(Channels * Width * Height, 1), Random(Filters * Channels * 9, 2));
        var result = Allocate("out", new float[Filters * Width * Height]);
        Run("conv2d", "conv2d", Size(3, 2, Filters), Size(16, 16), result, Input(image), Input(weights), (uint)Channels, (uint)Width, (uint)Height);
        Assert.Equal(Enumerable.Range(0, Filters * Width * Height).Select(Pixel), TestDevice.Read<float>(result));

        float Pixel(int index)
        {
            var (filter, y, x) = (index / (Width * Height), index / Width % Height, index % Width);
            var sum = 0f;
            for (var channel = 0; channel < Channels; channel++)
                for (var tap = 0; tap < 9; tap++)
                {
                    var (iy, ix) = (y + tap / 3 - 1, x + tap % 3 - 1);
                    var value = iy is >= 0 and < Height && ix is >= 0 and < Width ? image[(channel * Height + iy) * Width + ix] : 0;
                    sum = FusedMultiplyAdd(value, weights[(filter * Channels + channel) * 9 + tap], sum);
                }

            return sum;
        }
    }

    [Fact]
    public void Sgd()
    {
        const int N = 300;
        var (w, v, g) = (Random(N, 1), Random(N, 2), Random(N, 3));
        var (weights, velocities) = (Allocate("weights", w), Allocate("velocities", v));
        Run("sgd", "sgd", Size(3), Size(128), weights, velocities, Input(g), (uint)N, 0.1f, 0.9f, 0.01f);
        var velocity = w.Select((_, i) => FusedMultiplyAdd(0.9f, v[i], FusedMultiplyAdd(0.01f, w[i], g[i]))).ToArray();
        Assert.Equal(velocity, TestDevice.Read<float>(velocities));
        Assert.Equal(w.Select((x, i) => FusedMultiplyAdd(-0.1f, velocity[i], x)), TestDevice.Read<float>(weights));
    }

    [Fact]
    public void Adam_takes_steps_that_only_the_gradients_signs_decide_at_first()
    {
        const int N = 300;
        var (w, g) = (Random(N, 1), Floats(N, i => i % 2 == 0 ? 0.25f + i / 64f : -0.5f - i / 64f));
        var (weights, means, squares) = (Allocate("weights", w), Allocate("means", new float[N]), Allocate("squares", new float[N]));
        Run("adam", "adam", Size(3), Size(128), weights, means, squares, Input(g), (uint)N, 0.125f, 0.9f, 0.999f, 1 / (1 - 0.9f), 1 / (1 - 0.999f), 1e-8f);
        Assert.Equal(g.Select(x => (1 - 0.9f) * x), TestDevice.Read<float>(means));
        Assert.Equal(g.Select(x => (1 - 0.999f) * x * x), TestDevice.Read<float>(squares));
        Assert.All(TestDevice.Read<float>(weights).Zip(w, g), step => Assert.Equal(step.Second - 0.125f * Sign(step.Third), step.First, 1e-5f));
    }
}
