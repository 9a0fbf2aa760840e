using static Broker.Bench.Kernels.BufferData;
using static Broker.Bench.Kernels.KernelStep;

namespace Broker.Bench.Kernels;

/// <summary>Makes the cases that neural networks are made of, besides the products of matrices.</summary>
internal static class LearningCases
{
    private const int Threads = 256;

    public static KernelCase Softmax()
    {
        const int Rows = 256, Columns = 1024;
        var (y, x) = (Output("y", Rows * Columns * 4), Input("x", KernelCases.Floats(Rows * Columns, 1)));
        return new("softmax", 1e-9 * Rows * Columns, "G elements/s", [new("softmax", Size(Rows), Size(Threads), y, x, (uint)Columns)])
        {
            NativeArguments = [y, x, (uint)Columns, (uint)Rows],
        };
    }

    public static KernelCase Layernorm()
    {
        const int Rows = 512, Columns = 1024;
        object[] arguments =
        [
            Output("y", Rows * Columns * 4), Input("x", KernelCases.Floats(Rows * Columns, 1)), Input("gain", KernelCases.Floats(Columns, 2)),
            Input("bias", KernelCases.Floats(Columns, 3)), (uint)Columns, 1e-5f,
        ];
        return new("layernorm", 1e-9 * Rows * Columns, "G elements/s", [new("layernorm", Size(Rows), Size(Threads), arguments)])
        {
            NativeArguments = [.. arguments, (uint)Rows],
        };
    }

    public static KernelCase Attention()
    {
        const int N = 512, Depth = 64;
        object[] arguments =
        [
            Output("out", N * Depth * 4), Input("queries", KernelCases.Floats(N * Depth, 1)), Input("keys", KernelCases.Floats(N * Depth, 2)),
            Input("values", KernelCases.Floats(N * Depth, 3)),
        ];
        return new("attention", 4e-9 * N * N * Depth, "GFLOP/s",
        [
            new("attention_tiled", Size(N / 64), Size(64), [.. arguments, (uint)N]) { ShortArguments = [.. arguments, 32u] },
        ]);
    }

    public static KernelCase Conv2d()
    {
        const int Channels = 32, Filters = 32, Side = 64;
        var image = Input("in", KernelCases.Floats(Channels * Side * Side, 1));
        object[] arguments = [Output("out", Filters * Side * Side * 4), image, Input("weights", KernelCases.Floats(Filters * Channels * 9, 2)), (uint)Channels, (uint)Side, (uint)Side];
        return new("conv2d", 18e-9 * Channels * Filters * Side * Side, "GFLOP/s", [new("conv2d", Size(Side / 16, Side / 16, Filters), Size(16, 16), arguments)])
        {
            NativeArguments = [.. arguments, (uint)Filters],
        };
    }

    public static KernelCase Sgd()
    {
        const int N = 1 << 19;
        return new("sgd", 1e-9 * N, "G elements/s",
        [
            new("sgd", Size(N / Threads), Size(Threads), InPlace("weights", KernelCases.Floats(N, 1)), InPlace("velocities", KernelCases.Floats(N, 2)),
                Input("gradients", KernelCases.Floats(N, 3)), (uint)N, 0.1f, 0.9f, 0.01f),
        ]);
    }

    public static KernelCase Adam()
    {
        const int N = 1 << 19;
        return new("adam", 1e-9 * N, "G elements/s",
        [
            new("adam", Size(N / Threads), Size(Threads), InPlace("weights", KernelCases.Floats(N, 1)), Output("means", N * 4), Output("squares", N * 4),
                Input("gradients", KernelCases.Floats(N, 2)), (uint)N, 0.001f, 0.9f, 0.999f, 10f, 1000f, 1e-8f),
        ]);
    }
}
