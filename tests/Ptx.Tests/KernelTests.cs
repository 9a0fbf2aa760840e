namespace Broker.Ptx.Tests;

/// <summary>Runs the repository's own kernels against plain C# that rounds as they do.</summary>
public sealed class KernelTests : KernelRuns
{
    [Fact]
    public void Saxpy()
    {
        const int N = 1000;
        var x = Floats(N, i => i * 0.37f);
        var y = Floats(N, i => 5 - i * 0.11f);
        var result = Allocate("y", y);
        Run("saxpy", "saxpy", new Dim3(4, 1, 1), new Dim3(256, 1, 1), result, Allocate("x", x, writable: false), (uint)N, 2.5f);
        Assert.Equal(x.Zip(y).Select(p => MathF.FusedMultiplyAdd(2.5f, p.First, p.Second)), TestDevice.Read<float>(result));
    }

    [Theory]
    [InlineData("sgemm-16", 16, 1)]
    [InlineData("sgemm-16", 16, 4)]
    [InlineData("sgemm-64", 64, 2)]
    public void Sgemm(string file, int tile, int maxThreads)
    {
        // Sizes that are no multiples of the tile: its edges are part of the kernel.
        const int M = 37, N = 70, K = 41;
        var a = Floats(M * K, i => (i * 7919 % 1000) / 300f);
        var b = Floats(K * N, i => (i * 104729 % 1000) / -170f);
        var c = Allocate("c", new float[M * N]);
        Run(file, "sgemm", new TestLaunch(Size((N + tile - 1) / tile, (M + tile - 1) / tile), Size(16, 16), MaxThreads: maxThreads), c, Allocate("a", a, writable: false), Allocate("b", b, writable: false), (uint)M, (uint)N, (uint)K);
        Assert.Equal(Enumerable.Range(0, M * N).Select(i => Dot(i / N, i % N)), TestDevice.Read<float>(c));

        float Dot(int row, int column)
        {
            float sum = 0;
            for (var i = 0; i < K; i++) sum = MathF.FusedMultiplyAdd(a[row * K + i], b[i * N + column], sum);
            return sum;
        }
    }

    [Fact]
    public void Histogram()
    {
        var bytes = new byte[10_003];
        for (var i = 0; i < bytes.Length; i++) bytes[i] = (byte)(i * i >> 3);
        var bins = Allocate("bins", new uint[256]);
        Run("histogram", "histogram", new Dim3(5, 1, 1), new Dim3(256, 1, 1), bins, Allocate("bytes", bytes, writable: false), (uint)bytes.Length);
        Assert.Equal(Enumerable.Range(0, 256).Select(v => (uint)bytes.Count(b => b == v)), TestDevice.Read<uint>(bins));
    }

    [Fact]
    public void Reduce_float()
    {
        const int N = 5000, Blocks = 3, Threads = 256;
        var values = Floats(N, i => 1f / (i + 1));
        var sums = Allocate("sums", new float[Blocks]);
        Run("reduce", "reduce_float", new Dim3(Blocks, 1, 1), new Dim3(Threads, 1, 1), sums, Allocate("values", values, writable: false), (uint)N);
        Assert.Equal(Enumerable.Range(0, Blocks).Select(Sum), TestDevice.Read<float>(sums));

        float Sum(int block)
        {
            var partial = new float[Threads];
            for (var t = 0; t < Threads; t++)
                for (var i = block * Threads + t; i < N; i += Blocks * Threads)
                    partial[t] += values[i];
            for (var half = Threads / 2; half > 0; half /= 2)
                for (var t = 0; t < half; t++)
                    partial[t] += partial[t + half];
            return partial[0];
        }
    }

    [Fact]
    public void Reduce_uint()
    {
        var values = Enumerable.Range(0, 5000).Select(i => (uint)i * 1_000_003).ToArray();
        var total = Allocate("total", new ulong[1]);
        Run("reduce", "reduce_uint", new Dim3(7, 1, 1), new Dim3(256, 1, 1), total, Allocate("values", values, writable: false), (uint)values.Length);
        Assert.Equal(values.Aggregate(0ul, (sum, v) => sum + v), TestDevice.Read<ulong>(total)[0]);
    }

    [Fact]
    public void Mandelbrot()
    {
        const int Width = 40, Height = 30;
        var iterations = Allocate("iterations", new uint[Width * Height]);
        Run("mandelbrot", "mandelbrot", new Dim3(3, 2, 1), new Dim3(16, 16, 1), iterations, (uint)Width, (uint)Height, -2f, 1.1f, 0.075f, 100u);
        Assert.Equal(Enumerable.Range(0, Width * Height).Select(i => Count(i % Width, i / Width)), TestDevice.Read<uint>(iterations));

        static uint Count(int column, int row)
        {
            float cx = MathF.FusedMultiplyAdd(column, 0.075f, -2f), cy = MathF.FusedMultiplyAdd(-row, 0.075f, 1.1f), x = 0, y = 0;
            for (var count = 0u; ; count++)
            {
                var yy = y * y;
                if (count == 100 || !(MathF.FusedMultiplyAdd(x, x, yy) <= 4)) return count;
                var next = cx + MathF.FusedMultiplyAdd(x, x, -yy);
                y = MathF.FusedMultiplyAdd(x + x, y, cy);
                x = next;
            }
        }
    }

    [Fact]
    public void Raytrace_shows_a_red_ball_in_the_middle_and_sky_above()
    {
        const int Width = 64, Height = 36;
        float[] ball = [0, 1, 0, 1.5f, 1, 0, 0, 0];
        var pixels = Allocate("pixels", new byte[Width * Height * 4]);
        Run("raytrace", "render", new Dim3(4, 3, 1), new Dim3(16, 16, 1), pixels, Allocate("spheres", ball, writable: false), 1u, (uint)Width, (uint)Height);
        var image = TestDevice.Read<byte>(pixels);
        Assert.All(Enumerable.Range(0, Width * Height), i => Assert.Equal(255, image[4 * i + 3]));
        var (middle, sky) = (4 * (Height / 2 * Width + Width / 2), 4 * (Width / 2));
        Assert.True(image[middle] > 2 * image[middle + 2], "the ball is red");
        Assert.True(image[sky + 2] > image[sky], "the sky is blue");
    }
}
