namespace Broker.Ptx.Arithmetic;

/// <summary>Is the arithmetic of tensor cores: D = A B + C.</summary>
/// <remarks>
/// <para>Of integers and bits the manual fixes every bit.</para>
/// <para>
/// Of floating-point numbers it fixes little, and generations of GPUs differ. The model here is that of chips measured by Fasi, Higham,
/// Mikaitis and Pranesh ("Numerical behavior of NVIDIA tensor cores", PeerJ Computer Science 7:e330, 2021): products are exact; along k,
/// the products of 8 elements of 16 bits, or 4 of tf32, are added to what was summed before, all at once. Each term is cut off below the
/// 24th bit after the leading one that the largest could have, towards zero, and so is the sum where it becomes an f32. An f16 result is
/// rounded to nearest after each such step. Subnormal numbers count, NaN and infinity are as in a sum of floats. A GPU may differ in the last bits.
/// </para>
/// <para>Elements of f64 are added one fused product after the other, from k = 0 on.</para>
/// </remarks>
internal static class MatrixMath
{
    private const int KeptBits = 24;

    public static void MultiplyIntegers(WarpLanes lanes, MatrixShape shape, bool signedA, bool signedB, bool saturate)
    {
        var (a, b) = Load(lanes, shape);
        var results = new int[shape.Rows * MatrixShape.Columns];
        for (var i = 0; i < results.Length; i++)
        {
            var (row, column) = (i / MatrixShape.Columns, i % MatrixShape.Columns);
            long sum = LoadC(lanes, shape, row, column);
            for (var k = 0; k < shape.Depth; k++)
                sum += (long)Element(a[row * shape.Depth + k], shape, signedA) * Element(b[k * MatrixShape.Columns + column], shape, signedB);
            results[i] = saturate ? (int)Math.Clamp(sum, int.MinValue, int.MaxValue) : (int)sum;
        }

        Give(lanes, results);
    }

    public static void MultiplyBits(WarpLanes lanes, MatrixShape shape, bool and)
    {
        var (a, b) = Load(lanes, shape);
        var results = new int[shape.Rows * MatrixShape.Columns];
        for (var i = 0; i < results.Length; i++)
        {
            var (row, column) = (i / MatrixShape.Columns, i % MatrixShape.Columns);
            results[i] = LoadC(lanes, shape, row, column);
            for (var k = 0; k < shape.Depth; k++)
            {
                var (x, y) = (a[row * shape.Depth + k], b[k * MatrixShape.Columns + column]);
                results[i] += and ? x & y : x ^ y;
            }
        }

        Give(lanes, results);
    }

    public static void MultiplyReals(WarpLanes lanes, MatrixShape shape, NarrowFormat format)
    {
        var (a, b) = Load(lanes, shape);
        var (x, y) = (Values(a, format), Values(b, format));
        var results = new int[shape.Rows * MatrixShape.Columns];
        for (var i = 0; i < results.Length; i++)
        {
            double sum = BitConverter.Int32BitsToSingle(LoadC(lanes, shape, i / MatrixShape.Columns, i % MatrixShape.Columns));
            for (var k = 0; k < shape.Depth; k += StepOf(shape)) sum = Rounding.Zero(AddProducts(sum, x, y, shape, i, k));
            results[i] = BitConverter.SingleToInt32Bits(RealMath.Canonical((float)sum));
        }

        Give(lanes, results);
    }

    /// <summary>Multiplies halves into halves, two of which share a register of C and of D.</summary>
    public static void MultiplyHalves(WarpLanes lanes, MatrixShape shape)
    {
        var (a, b) = Load(lanes, shape);
        var (x, y) = (Values(a, NarrowFormat.Half), Values(b, NarrowFormat.Half));
        var results = new int[shape.Rows * MatrixShape.Columns];
        for (var i = 0; i < results.Length; i++)
        {
            var (register, lane) = MatrixShape.PlaceInC(i / MatrixShape.Columns, i % MatrixShape.Columns);
            results[i] = lanes.Fragment(shape.RegistersOfA + shape.RegistersOfB + register / 2, lane) >> (16 * (register & 1)) & 0xffff;
            for (var k = 0; k < shape.Depth; k += StepOf(shape))
                results[i] = HalfMath.FromF64(AddProducts(HalfMath.ToF64(results[i]), x, y, shape, i, k));
        }

        for (var i = 0; i < results.Length; i += 2)
        {
            var (register, lane) = MatrixShape.PlaceInC(i / MatrixShape.Columns, i % MatrixShape.Columns);
            lanes.GiveFragment(register / 2, lane, results[i] | results[i + 1] << 16);
        }
    }

    public static void MultiplyF64(WarpLanes lanes, MatrixShape shape)
    {
        var results = new double[shape.Rows * MatrixShape.Columns];
        for (var i = 0; i < results.Length; i++)
        {
            var (row, column) = (i / MatrixShape.Columns, i % MatrixShape.Columns);
            var (register, lane) = MatrixShape.PlaceInC(row, column);
            results[i] = Value(lanes, shape.RegistersOfA + shape.RegistersOfB + register, lane);
            for (var k = 0; k < shape.Depth; k++)
            {
                var (inA, inB) = (shape.PlaceInA(row, k), shape.PlaceInB(k, column));
                results[i] = Math.FusedMultiplyAdd(Value(lanes, inA.Register, inA.Lane), Value(lanes, shape.RegistersOfA + inB.Register, inB.Lane), results[i]);
            }
        }

        for (var i = 0; i < results.Length; i++)
        {
            var (register, lane) = MatrixShape.PlaceInC(i / MatrixShape.Columns, i % MatrixShape.Columns);
            lanes.GiveWideFragment(register, lane, BitConverter.DoubleToInt64Bits(RealMath.Canonical(results[i])));
        }
    }

    private static double Value(WarpLanes lanes, int register, int lane) => BitConverter.Int64BitsToDouble(lanes.WideFragment(register, lane));

    private static int StepOf(MatrixShape shape) => shape.ElementBits == 32 ? 4 : 8;

    /// <summary>Adds some products to a sum in fixed point, far enough below the largest term.</summary>
    private static double AddProducts(double sum, double[] a, double[] b, MatrixShape shape, int index, int first)
    {
        var (row, column) = (index / MatrixShape.Columns * shape.Depth, index % MatrixShape.Columns);
        var last = Math.Min(first + StepOf(shape), shape.Depth);
        var (plain, largest) = (sum, sum == 0 || !double.IsFinite(sum) ? int.MinValue : Math.ILogB(sum));
        for (var k = first; k < last; k++)
        {
            var (x, y) = (a[row + k], b[k * MatrixShape.Columns + column]);
            plain += x * y;
            if (x != 0 && y != 0 && double.IsFinite(x * y)) largest = Math.Max(largest, Math.ILogB(x) + Math.ILogB(y));
        }

        if (!double.IsFinite(plain) || largest == int.MinValue) return plain;
        var total = Cut(sum, largest);
        for (var k = first; k < last; k++) total += Cut(a[row + k] * b[k * MatrixShape.Columns + column], largest);
        return Math.ScaleB(total, largest - KeptBits);
    }

    private static long Cut(double term, int largest) => (long)Math.ScaleB(term, KeptBits - largest);

    /// <summary>Loads the elements of A row by row and those of B, each row of k after the other.</summary>
    private static (int[] A, int[] B) Load(WarpLanes lanes, MatrixShape shape)
    {
        var (a, b) = (new int[shape.Rows * shape.Depth], new int[shape.Depth * MatrixShape.Columns]);
        for (var row = 0; row < shape.Rows; row++)
            for (var k = 0; k < shape.Depth; k++)
            {
                var (register, lane, place) = shape.PlaceInA(row, k);
                a[row * shape.Depth + k] = Part(lanes.Fragment(register, lane), place, shape);
            }

        for (var k = 0; k < shape.Depth; k++)
            for (var column = 0; column < MatrixShape.Columns; column++)
            {
                var (register, lane, place) = shape.PlaceInB(k, column);
                b[k * MatrixShape.Columns + column] = Part(lanes.Fragment(shape.RegistersOfA + register, lane), place, shape);
            }

        return (a, b);
    }

    // The low bits of a tf32 do not count.
    private static int Part(int word, int place, MatrixShape shape) =>
        shape.ElementBits == 32 ? word >>> 13 : word >>> (place * shape.ElementBits) & ((1 << shape.ElementBits) - 1);

    private static int Element(int part, MatrixShape shape, bool signed) =>
        signed ? part << (32 - shape.ElementBits) >> (32 - shape.ElementBits) : part;

    private static double[] Values(int[] parts, NarrowFormat format) => [.. parts.Select(format.Value)];

    private static int LoadC(WarpLanes lanes, MatrixShape shape, int row, int column)
    {
        var (register, lane) = MatrixShape.PlaceInC(row, column);
        return lanes.Fragment(shape.RegistersOfA + shape.RegistersOfB + register, lane);
    }

    private static void Give(WarpLanes lanes, int[] results)
    {
        for (var i = 0; i < results.Length; i++)
        {
            var (register, lane) = MatrixShape.PlaceInC(i / MatrixShape.Columns, i % MatrixShape.Columns);
            lanes.GiveFragment(register, lane, results[i]);
        }
    }
}
