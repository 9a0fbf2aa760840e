namespace Broker.Bench.Kernels;

/// <summary>Names the cases. Each is made when it is asked for: together their inputs are large.</summary>
internal static class KernelCases
{
    public static IReadOnlyList<(string Name, Func<KernelCase> Make)> All { get; } =
    [
        ("sgemm-16", MatrixCases.Sgemm16),
        ("sgemm-64", MatrixCases.Sgemm64),
        ("mandelbrot", ImageCases.Mandelbrot),
        ("saxpy", StreamCases.Saxpy),
        ("reduce", StreamCases.Reduce),
        ("softmax", LearningCases.Softmax),
        ("histogram", StreamCases.Histogram),
        ("raytrace", ImageCases.Raytrace),
        ("nbody", NumberCases.Nbody),
        ("igemm", MatrixCases.Igemm),
        ("blackscholes", NumberCases.Blackscholes),
        ("layernorm", LearningCases.Layernorm),
        ("attention", LearningCases.Attention),
        ("conv2d", LearningCases.Conv2d),
        ("sgd", LearningCases.Sgd),
        ("adam", LearningCases.Adam),
        ("prefix-sum", NumberCases.PrefixSum),
        ("bitonic-sort", NumberCases.BitonicSort),
        ("sha256", NumberCases.Sha256),
    ];

    /// <summary>Numbers in [-1, 1) with 16 random bits.</summary>
    public static float[] Floats(int count, int seed)
    {
        var random = new Random(seed);
        var values = new float[count];
        for (var i = 0; i < count; i++) values[i] = random.Next(-32768, 32768) / 32768f;
        return values;
    }
}
