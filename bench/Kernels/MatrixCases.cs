using static Broker.Bench.Kernels.BufferData;
using static Broker.Bench.Kernels.KernelStep;

namespace Broker.Bench.Kernels;

/// <summary>Makes the cases that multiply matrices.</summary>
internal static class MatrixCases
{
    public static KernelCase Sgemm16() => Sgemm("sgemm-16", 512, tile: 16);

    public static KernelCase Sgemm64() => Sgemm("sgemm-64", 512, tile: 64);

    public static KernelCase Igemm()
    {
        const int N = 512;
        var random = new Random(1);
        byte[] a = new byte[N * N], b = new byte[N * N];
        random.NextBytes(a);
        random.NextBytes(b);
        return new("igemm", 2e-9 * N * N * N, "Gop/s",
        [
            new("igemm", Size(N / 16, N / 16), Size(16, 16), Output("c", N * N * 4), Input("a", a), Input("b", b), (uint)N, (uint)N, (uint)N),
        ]);
    }

    private static KernelCase Sgemm(string name, int n, int tile)
    {
        var c = Output("c", n * n * 4);
        var (a, b) = (Input("a", KernelCases.Floats(n * n, 1)), Input("b", KernelCases.Floats(n * n, 2)));
        return new(name, 2e-9 * n * n * n, "GFLOP/s", [new("sgemm", Size(n / tile, n / tile), Size(16, 16), c, a, b, (uint)n, (uint)n, (uint)n)]);
    }
}
