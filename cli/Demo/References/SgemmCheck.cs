using System.Runtime.InteropServices;

namespace Broker.Cli.Demo.References;

/// <summary>The matrices of the SGEMM job, and their product in double precision.</summary>
public sealed class SgemmCheck
{
    public const int Size = 512;
    public const int MatrixBytes = Size * Size * sizeof(float);

    private readonly float[] _a = Matrix(seed: 1);
    private readonly float[] _b = Matrix(seed: 2);

    public byte[] A => MemoryMarshal.AsBytes<float>(_a).ToArray();
    public byte[] B => MemoryMarshal.AsBytes<float>(_b).ToArray();

    /// <summary>Holds each element of A times B against the worst that float rounding may do to it.</summary>
    /// <remarks>
    /// The bound is gamma(k) times the sum of the products' magnitudes, gamma(k) = k u / (1 - k u), u = 2^-24: it covers every
    /// order of the k additions, fused or not (Higham, Accuracy and Stability of Numerical Algorithms, section 3.1).
    /// </remarks>
    public CheckOutcome Check(ReadOnlySpan<byte> output)
    {
        if (output.Length != MatrixBytes) return CheckOutcome.WrongSize(MatrixBytes, output.Length);

        var c = MemoryMarshal.Cast<byte, float>(output).ToArray();
        var worst = new double[Size];
        Parallel.For(0, Size, row => worst[row] = WorstOf(row, c));

        // Max carries a NaN through, and a NaN is not within anything.
        var ratio = worst.Aggregate(Math.Max);
        return new CheckOutcome(ratio <= 1, string.Create(null, $"{c.Length:N0} elements, the largest error is {ratio:F3} of the rounding bound"));
    }

    private double WorstOf(int row, float[] c)
    {
        Span<double> exact = stackalloc double[Size], magnitude = stackalloc double[Size];
        exact.Clear();
        magnitude.Clear();
        for (var k = 0; k < Size; k++)
        {
            double a = _a[row * Size + k];
            var b = _b.AsSpan(k * Size, Size);
            for (var column = 0; column < b.Length; column++)
            {
                var product = a * b[column];
                exact[column] += product;
                magnitude[column] += Math.Abs(product);
            }
        }

        const double Unit = 1.0 / (1 << 24), Gamma = Size * Unit / (1 - Size * Unit);
        var worst = 0.0;
        for (var column = 0; column < Size; column++)
            worst = Math.Max(worst, Math.Abs(c[row * Size + column] - exact[column]) / (Gamma * magnitude[column]));
        return worst;
    }

    private static float[] Matrix(ulong seed)
    {
        var numbers = new SeededNumbers(seed);
        var matrix = new float[Size * Size];
        for (var i = 0; i < matrix.Length; i++) matrix[i] = numbers.NextSigned();
        return matrix;
    }
}
