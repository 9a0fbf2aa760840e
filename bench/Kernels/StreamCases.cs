using static Broker.Bench.Kernels.BufferData;
using static Broker.Bench.Kernels.KernelStep;

namespace Broker.Bench.Kernels;

/// <summary>Makes the cases that pass over their data once.</summary>
internal static class StreamCases
{
    private const int Threads = 256;

    public static KernelCase Saxpy()
    {
        const int N = 1 << 20;
        var (y, x) = (InPlace("y", KernelCases.Floats(N, 1)), Input("x", KernelCases.Floats(N, 2)));
        return new("saxpy", 1e-9 * N, "G elements/s", [new("saxpy", Size(N / Threads), Size(Threads), y, x, (uint)N, 2.5f)]);
    }

    public static KernelCase Reduce()
    {
        const int N = 1 << 21, Blocks = 64;
        var (sums, values) = (Output("sums", Blocks * 4), Input("values", KernelCases.Floats(N, 1)));
        return new("reduce", 1e-9 * N, "G elements/s",
        [
            new("reduce_float", Size(Blocks), Size(Threads), sums, values, (uint)N) { ShortArguments = [sums, values, 1024u] },
        ])
        {
            NativeArguments = [sums, values, (uint)N, (uint)Blocks],
        };
    }

    public static KernelCase Histogram()
    {
        const int N = 1 << 22, Blocks = 64;
        var bytes = new byte[N];
        new Random(1).NextBytes(bytes);
        var (bins, input) = (Output("bins", 1024), Input("bytes", bytes));
        return new("histogram", 1e-9 * N, "G elements/s",
        [
            new("histogram", Size(Blocks), Size(Threads), bins, input, (uint)N) { ShortArguments = [bins, input, 1027u] },
        ]);
    }
}
