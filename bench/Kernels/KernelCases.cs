namespace Broker.Bench.Kernels;

/// <summary>Names the cases. Each is made when it is asked for: together their inputs are large.</summary>
internal static class KernelCases
{
    public static IReadOnlyList<(string Name, Func<KernelCase> Make)> All { get; } =
    [
        ("sgemm-16", MatrixCases.Sgemm16),
        ("mandelbrot", ImageCases.Mandelbrot),
        ("saxpy", StreamCases.Saxpy),
        ("reduce", StreamCases.Reduce),
        ("histogram", StreamCases.Histogram),
        ("raytrace", ImageCases.Raytrace),
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
