using System.Buffers.Binary;
using System.Numerics;

namespace Broker.Ptx.Tests.Dialects;

/// <summary>Runs kernels in the dialects of several releases of nvcc against plain C#; nvcc/README.md says how they came to be.</summary>
/// <remarks>Workers are sent the canonical text, so that is what runs here.</remarks>
public sealed class NvccTests : IDisposable
{
    private const int N = 1000;

    private readonly TestDevice _device = new();

    public void Dispose() => _device.Dispose();

    [Fact]
    public void Saxpy_with_line_numbers()
    {
        var (x, y) = (Floats(N, i => i * 0.37f), Floats(N, i => 5 - i * 0.11f));
        var result = _device.Allocate("y", y);
        Run("saxpy-lineinfo", "_Z5saxpyPfPKfif", TestLaunch.Cover(N, 256), result, _device.Allocate("x", x, writable: false), N, 2.5f);
        Assert.Equal(Floats(N, i => MathF.FusedMultiplyAdd(x[i], 2.5f, y[i])), TestDevice.Read<float>(result));
    }

    [Fact]
    public void Saxpy_in_pairs_and_in_registers_without_types()
    {
        var (x, y) = (Floats(2 * N, i => i * 0.37f), Floats(2 * N, i => 5 - i * 0.11f));
        var result = _device.Allocate("y", y);
        Run("saxpy-typeless", "_Z6saxpy2P6float2PKS_if", TestLaunch.Cover(3 * 128, 128), result, _device.Allocate("x", x, writable: false), N, 2.5f);
        Assert.Equal(Floats(2 * N, i => MathF.FusedMultiplyAdd(x[i], 2.5f, y[i])), TestDevice.Read<float>(result));
    }

    [Fact]
    public void Reduce()
    {
        const int Blocks = 3, Threads = 256;
        var values = Floats(5 * N, i => 1f / (i + 1));
        var sums = _device.Allocate("sums", new float[Blocks]);
        Run("reduce", "_Z6reduceILi256EEvPfPKfi", TestLaunch.Cover(Blocks * Threads, Threads), sums, _device.Allocate("values", values, writable: false), values.Length);
        Assert.Equal(Enumerable.Range(0, Blocks).Select(Sum), TestDevice.Read<float>(sums));

        float Sum(int block)
        {
            var partial = new float[Threads];
            for (var i = block * Threads; i < values.Length; i += Blocks * Threads)
                for (var t = 0; t < Threads && i + t < values.Length; t++)
                    partial[t] += values[i + t];
            for (var half = Threads / 2; half > 0; half /= 2)
                for (var t = 0; t < half; t++)
                    partial[t] += partial[t + half];
            return partial[0];
        }
    }

    [Fact]
    public void Largest_through_a_call()
    {
        const int Threads = 64;
        var values = Floats(N, i => (i * 7919 % N) * 0.5f - 900);
        var largest = _device.Allocate("largest", new float[(N + Threads - 1) / Threads]);
        var launch = TestLaunch.Cover(N, Threads) with { SharedBytes = Threads * sizeof(float) };
        Run("reduce", "_Z7largestPfPKfi", launch, largest, _device.Allocate("values", values, writable: false), N);
        Assert.Equal(values.Chunk(Threads).Select(c => c.Max()), TestDevice.Read<float>(largest));
    }

    [Fact]
    public void Sgemm()
    {
        const int Rows = 37, Columns = 50, Inner = 41;
        var a = Floats(Rows * Inner, i => (i * 7919 % 1000) / 300f);
        var b = Floats(Inner * Columns, i => (i * 104729 % 1000) / -170f);
        var c = _device.Allocate("c", new float[Rows * Columns]);
        var launch = new TestLaunch(new Dim3(4, 3, 1), new Dim3(16, 16, 1));
        Run("sgemm", "_Z5sgemmPfPKfS1_iii", launch, c, _device.Allocate("a", a, writable: false), _device.Allocate("b", b, writable: false), Rows, Columns, Inner);
        Assert.Equal(Floats(Rows * Columns, i => Dot(i / Columns, i % Columns)), TestDevice.Read<float>(c));

        float Dot(int row, int column) =>
            Enumerable.Range(0, Inner).Aggregate(0f, (sum, k) => MathF.FusedMultiplyAdd(a[row * Inner + k], b[k * Columns + column], sum));
    }

    [Fact]
    public void Histogram()
    {
        const int Blocks = 5, Threads = 96;
        var bytes = Enumerable.Range(0, 4 * N).Select(i => (byte)(i * i >> 3)).ToArray();
        var bins = _device.Allocate("bins", new uint[259]);
        var launch = TestLaunch.Cover(Blocks * Threads, Threads) with { SharedBytes = 256 * sizeof(uint) };
        Run("histogram", "_Z9histogramPjPK6uchar4i", launch, bins, _device.Allocate("bytes", bytes, writable: false), N);
        var most = Enumerable.Range(0, N).GroupBy(word => word / Threads % Blocks).Max(block => 4 * block.Count());
        Assert.Equal(
            [.. Enumerable.Range(0, 256).Select(v => (uint)bytes.Count(b => b == v)), (uint)bytes.Length, (uint)most, Blocks - 1],
            TestDevice.Read<uint>(bins));
    }

    [Fact]
    public void Mandelbrot_for_a_debugger()
    {
        const int Width = 40, Height = 30;
        var iterations = _device.Allocate("iterations", new int[Width * Height]);
        var launch = new TestLaunch(new Dim3(5, 4, 1), new Dim3(8, 8, 1));
        var canonical = Run("mandelbrot-debug", "_Z10mandelbrotPiiifffi", launch, iterations, Width, Height, -2f, 1.1f, 0.075f, 100);
        Assert.Equal(Enumerable.Range(0, Width * Height).Select(i => Count(i % Width, i / Width)), TestDevice.Read<int>(iterations));
        Assert.DoesNotContain(".debug_", canonical, StringComparison.Ordinal);

        static int Count(int column, int row)
        {
            float cx = -2f + column * 0.075f, cy = 1.1f - row * 0.075f, x = 0, y = 0;
            var count = 0;
            for (; count < 100 && x * x + y * y <= 4; count++) (x, y) = (x * x - y * y + cx, 2 * x * y + cy);
            return count;
        }
    }

    [Fact]
    public void Pixels_with_tables_and_inline_assembly()
    {
        byte[] tones = [0, 3, 9, 20, 34, 52, 73, 97, 124, 150, 175, 198, 218, 235, 247, 255];
        var pixels = Enumerable.Range(0, N).Select(i => i % 50 == 7 ? 0 : (uint)i * 0x9E3779B1).ToArray();
        var result = _device.Allocate("result", new uint[N]);
        Run("pixels", "_Z6pixelsPjPKji", TestLaunch.Cover(N, 128), result, _device.Allocate("pixels", pixels, writable: false), N);
        var expected = pixels.Select(Change).ToList();
        Assert.Contains(uint.MaxValue, expected);
        Assert.Equal(expected, TestDevice.Read<uint>(result));

        uint Change(uint pixel, int i)
        {
            var brightness = Math.FusedMultiplyAdd(pixel & 255, 0.299, Math.FusedMultiplyAdd(pixel >> 8 & 255, 0.587, (pixel >> 16 & 255) * 0.114));
            if (i < 16 && (uint)brightness > 127) return uint.MaxValue;
            var scrambled = pixel == 0 ? 0x12345678 : pixel ^ BinaryPrimitives.ReverseEndianness(pixel) ^ BitOperations.RotateLeft(pixel, i & 31) ^ 0xFF00;
            return scrambled & 0xFFFFFF | (uint)tones[(int)brightness >> 4] << 24;
        }
    }

    private string Run(string file, string entry, TestLaunch launch, params object[] arguments)
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, "tests", "Ptx.Tests", "Dialects", "nvcc", file + ".ptx"));
        var canonical = Module.Parse(text).Canonicalise().Text;
        _device.Run(Module.Parse(canonical), entry, launch, arguments);
        return canonical;
    }

    private static float[] Floats(int count, Func<int, float> value) => [.. Enumerable.Range(0, count).Select(value)];
}
