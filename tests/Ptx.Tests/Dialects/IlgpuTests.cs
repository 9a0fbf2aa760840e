using System.Numerics;
using System.Runtime.InteropServices;

namespace Broker.Ptx.Tests.Dialects;

/// <summary>Runs what ILGPU makes of C# kernels, at two levels of optimisation, against plain C#; ilgpu/README.md says how it was made.</summary>
/// <remarks>Workers are sent the canonical text, so that is what runs here.</remarks>
public sealed class IlgpuTests : IDisposable
{
    private const int N = 1000;

    private readonly TestDevice _device = new();

    public static TheoryData<string> Levels => ["O1", "O2"];

    public void Dispose() => _device.Dispose();

    [Theory]
    [MemberData(nameof(Levels))]
    [InlineData("assertions")]
    public void Saxpy(string level)
    {
        var (x, y) = (Floats(N, i => i * 0.37f), Floats(N, i => 5 - i * 0.11f));
        var result = _device.Allocate("y", y);
        Run("saxpy", level, TestLaunch.Cover(N, 128), N, View(result, N), View(_device.Allocate("x", x, writable: false), N), 2.5f);
        Assert.Equal(Floats(N, i => 2.5f * x[i] + y[i]), TestDevice.Read<float>(result));
    }

    [Theory]
    [MemberData(nameof(Levels))]
    public void Reduce(string level)
    {
        const int Blocks = 3, Threads = 256;
        var values = Floats(5 * N, i => 1f / (i + 1));
        var sums = _device.Allocate("sums", new float[Blocks]);
        Run("reduce", level, TestLaunch.Cover(Blocks * Threads, Threads), View(sums, Blocks), View(_device.Allocate("values", values, writable: false), values.Length));
        Assert.Equal(Enumerable.Range(0, Blocks).Select(Sum), TestDevice.Read<float>(sums));

        float Sum(int block)
        {
            var partial = Floats(Threads, t => 0);
            for (var i = block * Threads; i < values.Length; i += Blocks * Threads)
                for (var t = 0; t < Threads && i + t < values.Length; t++)
                    partial[t] += values[i + t];
            for (var half = Threads / 2; half > 0; half /= 2)
                for (var t = 0; t < half; t++)
                    partial[t] += partial[t + half];
            return partial[0];
        }
    }

    [Theory]
    [MemberData(nameof(Levels))]
    public void Sgemm(string level)
    {
        const int Rows = 37, Columns = 50, Inner = 41;
        var a = Floats(Rows * Inner, i => (i * 7919 % 1000) / 300f);
        var b = Floats(Inner * Columns, i => (i * 104729 % 1000) / -170f);
        var c = _device.Allocate("c", new float[Rows * Columns]);
        Run(
            "sgemm",
            level,
            new TestLaunch(new Dim3(4, 3, 1), new Dim3(16, 16, 1)),
            View2D(c, Rows, Columns),
            View2D(_device.Allocate("a", a, writable: false), Rows, Inner),
            View2D(_device.Allocate("b", b, writable: false), Inner, Columns));
        Assert.Equal(Floats(Rows * Columns, i => Dot(i % Rows, i / Rows)), TestDevice.Read<float>(c));

        float Dot(int row, int column) => Enumerable.Range(0, Inner).Aggregate(0f, (sum, k) => sum + a[row + k * Rows] * b[k + column * Inner]);
    }

    [Theory]
    [MemberData(nameof(Levels))]
    public void Histogram(string level)
    {
        const int Blocks = 5, Threads = 192;
        var bytes = Enumerable.Range(0, 10_003).Select(i => (byte)(i * i >> 3)).ToArray();
        var bins = _device.Allocate("bins", new int[257]);
        Run("histogram", level, TestLaunch.Cover(Blocks * Threads, Threads), View(bins, 257), View(_device.Allocate("bytes", bytes, writable: false), bytes.Length));
        var most = Enumerable.Range(0, bytes.Length).GroupBy(i => i / Threads % Blocks).Max(block => block.Count());
        Assert.Equal(Enumerable.Range(0, 256).Select(v => bytes.Count(b => b == v)).Append(most), TestDevice.Read<int>(bins));
    }

    [Theory]
    [MemberData(nameof(Levels))]
    public void Mandelbrot(string level)
    {
        const int Height = 30, Width = 40;
        var iterations = _device.Allocate("iterations", new int[Height * Width]);
        Run(
            "mandelbrot",
            level,
            new TestLaunch(new Dim3(4, 6, 1), new Dim3(8, 8, 1)),
            MemoryMarshal.AsBytes<int>(new[] { Height, Width }).ToArray(),
            View2D(iterations, Height, Width),
            -2f,
            1.1f,
            0.075f,
            100);
        Assert.Equal(Enumerable.Range(0, Height * Width).Select(i => Count(i / Height, i % Height)), TestDevice.Read<int>(iterations));

        static int Count(int column, int row)
        {
            float cx = -2f + column * 0.075f, cy = 1.1f - row * 0.075f, x = 0, y = 0;
            var count = 0;
            for (; count < 100 && x * x + y * y <= 4; count++) (x, y) = (x * x - y * y + cx, 2 * x * y + cy);
            return count;
        }
    }

    [Theory]
    [MemberData(nameof(Levels))]
    public void Raytrace(string level)
    {
        const int Width = 40, Height = 30;
        const float Scale = 0.05f;
        Sphere[] spheres = [new(0, 0, 3, 0.5f, 0xff2040c0), new(0.4f, 0.3f, 2.5f, 0.4f, 0x8000ff00), new(-0.7f, 0.2f, 9, 0.25f, 0xff0000ff)];
        var pixels = _device.Allocate("pixels", new uint[Width * Height]);
        Run(
            "raytrace",
            level,
            TestLaunch.Cover(Width * Height, 64),
            Width * Height,
            View(pixels, Width * Height),
            View(_device.Allocate("spheres", spheres, writable: false), spheres.Length),
            Width,
            Scale);
        var expected = Enumerable.Range(0, Width * Height).Select(i => Shade(i % Width * Scale - 1, 1 - i / Width * Scale)).ToList();
        Assert.True(expected.Distinct().Count() > 50, "the picture shows the spheres");
        Assert.Equal(expected, TestDevice.Read<uint>(pixels));

        uint Shade(float x, float y)
        {
            var hits = spheres.Select(s => (Sphere: s, Inside: s.Radius * s.Radius - (x - s.X) * (x - s.X) - (y - s.Y) * (y - s.Y)))
                .Where(h => h.Inside >= 0)
                .Select(h => (h.Sphere, Depth: MathF.Sqrt(h.Inside)))
                .ToList();
            if (hits.Count == 0) return 0xff804020;
            var (sphere, depth) = hits.MinBy(h => h.Sphere.Z - h.Depth);
            var light = Math.Clamp(depth / sphere.Radius, 0.1f, 1f);
            var colour = BitConverter.GetBytes(sphere.Colour);
            return (uint)(colour[0] * light) | (uint)(colour[1] * light) << 8 | (uint)(colour[2] * light) << 16 | (uint)colour[3] << 24;
        }
    }

    [Theory]
    [MemberData(nameof(Levels))]
    public void Largest(string level)
    {
        var values = Floats(N, i => -3 - (i * 7919 % N) * 0.5f);
        var largest = _device.Allocate("largest", new[] { float.NegativeInfinity });
        var launch = TestLaunch.Cover(N, 128) with { SharedBytes = 128 * sizeof(float) };
        Run("largest", level, launch, View(largest, 1), View(_device.Allocate("values", values, writable: false), N));
        Assert.Equal(-3, TestDevice.Read<float>(largest)[0]);
    }

    [Theory]
    [MemberData(nameof(Levels))]
    public void Mixed(string level)
    {
        var values = Enumerable.Range(0, N).Select(i => (short)(i < 100 ? i - 50 : i * 7919)).ToArray();
        var (results, total) = (_device.Allocate("results", new double[N]), _device.Allocate("total", new[] { 7 }));
        Run("mixed", level, TestLaunch.Cover(N, 128), N, View(results, N), View(_device.Allocate("values", values, writable: false), N), View(total, 1));
        Assert.Equal(values.Select(Mix), TestDevice.Read<double>(results));
        Assert.Equal(7 + values.Sum(v => v), TestDevice.Read<int>(total)[0]);

        static double Mix(short number)
        {
            int value = number;
            int Local(int place) => place * place - value;
            double result = (value & 7) switch
            {
                0 => value / 3,
                1 => value % 7,
                2 => Math.Abs(value),
                3 => value / 3f,
                4 => Math.Sqrt(Math.Abs((double)value)),
                5 => value * 4L,
                6 => (byte)value + (sbyte)value,
                _ => Math.Min(value, 100) + (value is >= 0 and < 7 ? 7 : (long)(uint)value) - value - 1,
            };
            if (value > 0 ? Local(value & 7) > 5 : value == -40) result += 0.5;
            var steps = 0;
            for (var n = value; n > 1; steps++) n = n % 2 == 0 ? n / 2 : 3 * n + 1;
            return result + Local((value + 3) & 7) + steps + BitOperations.PopCount((uint)value);
        }
    }

    private void Run(string kernel, string level, TestLaunch launch, params object[] arguments)
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, "tests", "Ptx.Tests", "Dialects", "ilgpu", $"{kernel}-{level}.ptx"));
        var module = Module.Parse(Module.Parse(text).Canonicalise().Text);
        _device.Run(module, Assert.Single(module.Kernels).Name, launch, arguments);
    }

    /// <summary>Packs an <c>ArrayView</c>: where it starts, and how many elements it has.</summary>
    private static byte[] View(DeviceBuffer buffer, long length) => MemoryMarshal.AsBytes<long>(new[] { (long)buffer.Address, length }).ToArray();

    /// <summary>Packs an <c>ArrayView2D</c> whose first index is dense: its extents and its stride follow.</summary>
    private static byte[] View2D(DeviceBuffer buffer, int rows, int columns) =>
        MemoryMarshal.AsBytes<long>(new[] { (long)buffer.Address, rows * columns, rows, columns, rows }).ToArray();

    private static float[] Floats(int count, Func<int, float> value) => [.. Enumerable.Range(0, count).Select(value)];

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Sphere(float X, float Y, float Z, float Radius, uint Colour);
}
