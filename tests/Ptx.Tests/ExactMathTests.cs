namespace Broker.Ptx.Tests;

/// <summary>Holds the functions of <c>exact_math.cuh</c> to the bounds that their comments state, on a sample of all floats.</summary>
public sealed class ExactMathTests
{
    private const int Samples = 20_000;

    public static TheoryData<int, string, double> Bounds => new()
    {
        { 0, "exp", 0.90 }, { 1, "exp2", 0.88 }, { 2, "exp10", 0.92 }, { 3, "log", 0.90 }, { 4, "log2", 1.43 }, { 5, "log10", 1.16 },
        { 6, "sin", 1.50 }, { 7, "cos", 1.50 }, { 8, "tan", 3.21 }, { 9, "tanh", 1.59 }, { 10, "rsqrt", 1.50 }, { 11, "sigmoid", 2.41 },
        { 12, "erf", 1.02 }, { 13, "gelu", 4.42 }, { 14, "pow -1.75", 1.5 },
    };

    [Theory]
    [MemberData(nameof(Bounds))]
    public void A_function_keeps_its_bound(int function, string name, double most)
    {
        using var device = new TestDevice();
        var values = Values();
        var results = device.Allocate("results", new float[values.Length]);
        device.Run(
            Module.Parse(Repository.Kernel("exact-math.ptx")), "exact_math", TestLaunch.Cover(values.Length, 256),
            results, device.Allocate("values", values, writable: false), (uint)values.Length, (uint)function);
        var got = TestDevice.Read<float>(results);
        Assert.All(values.Zip(got), pair =>
        {
            var distance = Distance(pair.Second, Reference(name, pair.First));
            Assert.True(distance <= most, $"{name}({pair.First:r}) = {pair.Second:r} is {distance} ulp off");
        });
    }

    /// <summary>Bits spread over all floats, the neighbourhoods of what is special, and as many of everyday size.</summary>
    private static float[] Values()
    {
        float[] special = [0, 1, 0.5f, 2, MathF.PI, MathF.PI / 2, 32768, 88.7f, 89, 103.9f, 126, 149, float.MaxValue, float.Epsilon, 1.1754944e-38f, float.PositiveInfinity];
        var near = special.SelectMany(x => (float[])[x, MathF.BitIncrement(x), MathF.BitDecrement(x), -x, -MathF.BitIncrement(x)]);
        var spread = Enumerable.Range(0, Samples).Select(i => BitConverter.UInt32BitsToSingle((uint)i * 214_748u));
        var everyday = Enumerable.Range(0, Samples).Select(i => (i - Samples / 2) * (0.0021f + i % 7 * 1e-5f));
        return [float.NaN, .. near, .. spread, .. everyday];
    }

    private static double Reference(string name, double x) => name switch
    {
        "exp" => Math.Exp(x),
        "exp2" => Math.Pow(2, x),
        "exp10" => Math.Pow(10, x),
        "log" => Math.Log(x),
        "log2" => Math.Log2(x),
        "log10" => Math.Log10(x),
        "sin" => Math.Sin(x),
        "cos" => Math.Cos(x),
        "tan" => Math.Tan(x),
        "tanh" => Math.Tanh(x),
        "rsqrt" => 1 / Math.Sqrt(x),
        "sigmoid" => 1 / (1 + Math.Exp(-x)),
        "erf" => Math.Abs(x) < 1 ? ErrorFunction(x) : Math.CopySign(1 - ErrorTail(Math.Abs(x)), x),
        "gelu" => double.IsNegativeInfinity(x) ? 0 : x * Normal(x),
        _ => Math.Pow(x, -1.75),
    };

    private static double Normal(double x)
    {
        var z = Math.Abs(x) / Math.Sqrt(2);
        if (z < 1) return 0.5 + 0.5 * ErrorFunction(x / Math.Sqrt(2));
        return x < 0 ? 0.5 * ErrorTail(z) : 1 - 0.5 * ErrorTail(z);
    }

    /// <summary>Sums the series of erf; for |x| &lt; 1.</summary>
    private static double ErrorFunction(double x)
    {
        double term = x, sum = x;
        for (var n = 1; n < 30; n++)
        {
            term *= -x * x / n;
            sum += term / (2 * n + 1);
        }

        return 2 / Math.Sqrt(Math.PI) * sum;
    }

    /// <summary>Evaluates the continued fraction of erfc; for x &gt;= 1.</summary>
    private static double ErrorTail(double x)
    {
        if (double.IsInfinity(x)) return 0;
        var fraction = x;
        for (var n = 300; n > 0; n--) fraction = x + n / 2.0 / fraction;
        return Math.Exp(-x * x) / Math.Sqrt(Math.PI) / fraction;
    }

    private static double Distance(float got, double expected)
    {
        if (double.IsNaN(expected) || float.IsNaN(got)) return double.IsNaN(expected) == float.IsNaN(got) ? 0 : double.PositiveInfinity;
        if (Math.Abs(expected) >= Math.ScaleB(2 - Math.ScaleB(1, -24), 127))
            return float.IsInfinity(got) && Math.Sign(got) == Math.Sign(expected) ? 0 : double.PositiveInfinity;
        var value = float.IsInfinity(got) ? Math.CopySign(Math.ScaleB(1, 128), got) : got;
        var exponent = expected == 0 ? -126 : Math.Max(Math.ILogB(expected), -126);
        return Math.Abs(value - expected) / Math.ScaleB(1, exponent - 23);
    }
}
