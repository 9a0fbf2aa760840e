using System.Runtime.InteropServices;
using Broker.Core.Verification;
using static Broker.Tests.MemoryBuffer;
using static Broker.Tests.MemoryJob;

namespace Broker.Tests;

/// <summary>Jobs on the kernels of the repository, small and with ragged edges.</summary>
internal static class KernelJobs
{
    /// <summary>NaNs with and without payloads, infinities, subnormals and zeros of both signs among ordinary numbers.</summary>
    private static readonly float[] Odd =
    [
        float.NaN, BitConverter.UInt32BitsToSingle(0x7fc1_2345), BitConverter.UInt32BitsToSingle(0xffa0_0001), float.PositiveInfinity, float.NegativeInfinity,
        float.Epsilon, -float.Epsilon, 1.1e-38f, 0f, -0f, float.MaxValue, float.MinValue,
    ];

    /// <summary>Those that end in <c>-odd</c> work on such numbers too.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "saxpy", "saxpy-odd", "sgemm-16", "sgemm-16-odd", "sgemm-64", "igemm", "conv2d", "conv2d-odd", "softmax", "layernorm", "sgd", "sgd-odd", "adam", "nbody",
        "scan_blocks", "add_offsets", "sort_blocks", "sha256", "mandelbrot", "raytrace", "reduce", "reduce-odd", "exact-math", "exact-math-odd", "histogram",
    ];

    public static string Kernel(string name) => File.ReadAllText(Path.Combine(Repository.Root, "kernels", name + ".ptx"));

    /// <param name="name">Which.</param>
    /// <param name="mode">How the result is verified.</param>
    /// <param name="seed">Other inputs for each.</param>
    public static MemoryJob Make(string name, VerificationMode mode = VerificationMode.Full, int seed = 1) => name switch
    {
        "saxpy" => Saxpy(Floats, mode, seed),
        "saxpy-odd" => Saxpy(OddFloats, mode, seed),
        "sgemm-16" => Sgemm(Floats, mode, seed),
        "sgemm-16-odd" => Sgemm(OddFloats, mode, seed),
        "mandelbrot" => MemoryJob.Make(Kernel("mandelbrot"), mode, [Output("out", 100 * 50 * 4)], Step("mandelbrot", Size(4, 7), Size(32, 8), "out", 100u, 50u, -2f, 1f, 0.02f, 60u)),
        "raytrace" => MemoryJob.Make(
            Kernel("raytrace"), mode, [Output("pixels", 40 * 30 * 4), Input("spheres", [-1f, 0.5f, 0, 0.5f, 0.8f, 0.5f, 0.3f, 0.8f, 1f, 0.5f, 1, 0.5f, 0.2f, 0.5f, 0.9f, 0.04f])],
            Step("render", Size(3, 4), Size(16, 8), "pixels", "spheres", 2u, 40u, 30u)),
        "reduce" => Reduce(Floats(10_000, seed), mode),
        "reduce-odd" => Reduce(OddFloats(10_000, seed), mode),
        "softmax" => MemoryJob.Make(Kernel("softmax"), mode, [Output("y", 20_000), Input("x", Floats(5000, seed))], Step("softmax", Size(5), Size(256), "y", "x", 1000u)),
        "sgemm-64" => MemoryJob.Make(
            Kernel("sgemm-64"), mode, [Output("c", 100 * 130 * 4), Input("a", Floats(100 * 30, seed)), Input("b", Floats(30 * 130, seed + 1))],
            Step("sgemm", Size(3, 2), Size(16, 16), "c", "a", "b", 100u, 130u, 30u)),
        "igemm" => MemoryJob.Make(
            Kernel("igemm"), mode, [Output("c", 50 * 100 * 4), Input("a", Bytes(50 * 32, seed)), Input("b", Bytes(32 * 100, seed + 1))],
            Step("igemm", Size(7, 4), Size(16, 16), "c", "a", "b", 50u, 100u, 32u)),
        "conv2d" => Convolution(Floats, mode, seed),
        "conv2d-odd" => Convolution(OddFloats, mode, seed),
        "layernorm" => MemoryJob.Make(
            Kernel("layernorm"), mode, [Output("y", 20_000), Input("x", Floats(5000, seed)), Input("gain", Floats(1000, seed + 1)), Input("bias", Floats(1000, seed + 2))],
            Step("layernorm", Size(5), Size(256), "y", "x", "gain", "bias", 1000u, 1e-5f)),
        "sgd" => Sgd(Floats, mode, seed),
        "sgd-odd" => Sgd(OddFloats, mode, seed),
        "adam" => MemoryJob.Make(
            Kernel("adam"), mode, [Inout("weights", Floats(10_000, seed)), Output("means", 40_000), Output("squares", 40_000), Input("gradients", Floats(10_000, seed + 1))],
            Step("adam", Size(40), Size(256), "weights", "means", "squares", "gradients", 10_000u, 0.001f, 0.9f, 0.999f, 10f, 1000f, 1e-8f)),
        "nbody" => MemoryJob.Make(
            Kernel("nbody"), mode, [Output("moved", 512 * 16), Inout("velocities", Floats(2048, seed)), Input("bodies", Floats(2048, seed + 1))],
            Step("nbody", Size(2), Size(256), "moved", "velocities", "bodies", 512u, 0.01f, 0.05f)),
        "scan_blocks" => MemoryJob.Make(
            Kernel("prefix-sum"), mode, [Output("scan", 20_000), Output("sums", 20), Input("values", Words(5000, seed))], Step("scan_blocks", Size(5), Size(256), "scan", "sums", "values", 5000u)),
        "add_offsets" => MemoryJob.Make(
            Kernel("prefix-sum"), mode, [Inout("scan", Words(5000, seed)), Input("offsets", Words(5, seed + 1))], Step("add_offsets", Size(5), Size(256), "scan", "offsets", 5000u)),
        "sort_blocks" => MemoryJob.Make(Kernel("bitonic-sort"), mode, [Inout("keys", Words(4096, seed))], Step("sort_blocks", Size(4), Size(512), "keys")),
        "sha256" => MemoryJob.Make(
            Kernel("sha256"), mode, [Output("digests", 32_000), Input("messages", Bytes(64_000, seed))], Step("sha256", Size(4), Size(256), "digests", "messages", 1000u)),
        "exact-math" => ExactMath(Floats(10_000, seed), mode),
        "exact-math-odd" => ExactMath(OddFloats(10_000, seed), mode),
        "histogram" => MemoryJob.Make(Kernel("histogram"), mode, [Output("bins", 1024), Input("bytes", Bytes(9999, seed))], Step("histogram", Size(5), Size(256), "bins", "bytes", 9999u)),
        _ => throw new ArgumentException(name, nameof(name)),
    };

    public static float[] Floats(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() * 2) - 1)];
    }

    private static MemoryJob Saxpy(Func<int, int, float[]> values, VerificationMode mode, int seed) => MemoryJob.Make(
        Kernel("saxpy"), mode, [Inout("y", Floats(10_000, seed + 1)), Input("x", values(10_000, seed))], Step("saxpy", Size(40), Size(256), "y", "x", 10_000u, 2.5f));

    private static MemoryJob Sgemm(Func<int, int, float[]> values, VerificationMode mode, int seed) => MemoryJob.Make(
        Kernel("sgemm-16"), mode, [Output("c", 50 * 100 * 4), Input("a", values(50 * 30, seed)), Input("b", values(30 * 100, seed + 1))],
        Step("sgemm", Size(7, 4), Size(16, 16), "c", "a", "b", 50u, 100u, 30u));

    private static MemoryJob Convolution(Func<int, int, float[]> values, VerificationMode mode, int seed) => MemoryJob.Make(
        Kernel("conv2d"), mode, [Output("y", 2 * 40 * 30 * 4), Input("x", values(3 * 40 * 30, seed)), Input("weights", Floats(256, seed + 1))],
        Step("conv2d", Size(3, 2, 2), Size(16, 16), "y", "x", "weights", 3u, 40u, 30u));

    private static MemoryJob Sgd(Func<int, int, float[]> values, VerificationMode mode, int seed) => MemoryJob.Make(
        Kernel("sgd"), mode, [Inout("weights", Floats(10_000, seed)), Inout("velocities", Floats(10_000, seed + 1)), Input("gradients", values(10_000, seed + 2))],
        Step("sgd", Size(40), Size(256), "weights", "velocities", "gradients", 10_000u, 0.1f, 0.9f, 0.01f));

    private static MemoryJob Reduce(float[] values, VerificationMode mode) =>
        MemoryJob.Make(Kernel("reduce"), mode, [Output("sums", 20), Input("values", values)], Step("reduce_float", Size(5), Size(256), "sums", "values", 10_000u));

    private static MemoryJob ExactMath(float[] values, VerificationMode mode) =>
        MemoryJob.Make(Kernel("exact-math"), mode, [Output("results", 40_000), Input("values", values)], Step("exact_math", Size(40), Size(256), "results", "values", 10_000u, 6u));

    private static float[] OddFloats(int count, int seed)
    {
        var values = Floats(count, seed);
        for (var i = 0; i < count; i += 3) values[i] = Odd[i / 3 % Odd.Length];
        return values;
    }

    private static byte[] Bytes(int count, int seed)
    {
        var bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private static uint[] Words(int count, int seed) => MemoryMarshal.Cast<byte, uint>(Bytes(count * 4, seed)).ToArray();
}
