namespace Broker.Ptx.Arithmetic;

/// <summary>Is the arithmetic of tensor cores: D = A B + C.</summary>
/// <remarks>
/// <para>Of integers and bits the manual fixes every bit.</para>
/// <para>
/// Of floating-point numbers it fixes little, and generations of GPUs differ. The model here is that of chips measured by Fasi, Higham,
/// Mikaitis and Pranesh ("Numerical behavior of NVIDIA tensor cores", PeerJ Computer Science 7:e330, 2021): products are exact; along k,
/// the products of 8 elements of 16 bits, 16 of 8 bits or 4 of tf32 are added to what was summed before, all at once. Each term is cut off below the
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
        Give(lanes, shape, (lanes, row, column) =>
        {
            long sum = LoadC(lanes, shape, row, column);
            for (var k = 0; k < shape.Depth; k++)
                sum += (long)Element(a[row * shape.Depth + k], shape, signedA) * Element(b[k * shape.Columns + column], shape, signedB);
            return saturate ? (int)Math.Clamp(sum, int.MinValue, int.MaxValue) : (int)sum;
        });
    }

    public static void MultiplyBits(WarpLanes lanes, MatrixShape shape, bool and)
    {
        var (a, b) = Load(lanes, shape);
        Give(lanes, shape, (lanes, row, column) =>
        {
            var sum = LoadC(lanes, shape, row, column);
            for (var k = 0; k < shape.Depth; k++)
            {
                var (x, y) = (a[row * shape.Depth + k], b[k * shape.Columns + column]);
                sum += and ? x & y : x ^ y;
            }

            return sum;
        });
    }

    public static void MultiplyReals(WarpLanes lanes, MatrixShape shape, RealProduct product)
    {
        var (a, b) = Load(lanes, shape);
        var (x, y) = (Values(a, product.A), Values(b, product.B));
        Give(lanes, shape, (lanes, row, column) =>
        {
            var sum = product.AddsHalves
                ? HalfMath.ToF64(LoadHalfOfC(lanes, shape, row, column))
                : BitConverter.Int32BitsToSingle(LoadC(lanes, shape, row, column));
            for (var k = 0; k < shape.Depth; k += StepOf(shape))
            {
                var more = AddProducts(sum, x, y, shape, row * shape.Columns + column, k);
                sum = product.GivesHalves ? HalfMath.ToF64(HalfMath.FromF64(more)) : Rounding.Zero(more);
            }

            return product.GivesHalves ? HalfMath.FromF64(sum) : BitConverter.SingleToInt32Bits(RealMath.Canonical((float)sum));
        }, product.GivesHalves);
    }

    /// <summary>Computes four products, of which each has lanes of its own.</summary>
    public static void MultiplyQuads(WarpLanes lanes, IReadOnlyList<QuadShape> shapes)
    {
        foreach (var shape in shapes) MultiplyReals(lanes with { Active = lanes.Active & shape.Lanes }, shape, shape.Product);
    }

    public static void MultiplyF64(WarpLanes lanes, MatrixShape shape)
    {
        var results = new double[shape.Rows * shape.Columns];
        for (var i = 0; i < results.Length; i++)
        {
            var (row, column) = (i / shape.Columns, i % shape.Columns);
            var (index, lane) = shape.PlaceInC(row, column);
            results[i] = Value(lanes, shape.RegistersOfA + shape.RegistersOfB + index, lane);
            for (var k = 0; k < shape.Depth; k++)
            {
                var (inA, inB) = (shape.PlaceInA(row, k), shape.PlaceInB(k, column));
                results[i] = Math.FusedMultiplyAdd(Value(lanes, inA.Register, inA.Lane), Value(lanes, shape.RegistersOfA + inB.Register, inB.Lane), results[i]);
            }
        }

        for (var i = 0; i < results.Length; i++)
        {
            var (index, lane) = shape.PlaceInC(i / shape.Columns, i % shape.Columns);
            lanes.GiveWideFragment(index, lane, BitConverter.DoubleToInt64Bits(RealMath.Canonical(results[i])));
        }
    }

    private static double Value(WarpLanes lanes, int register, int lane) => BitConverter.Int64BitsToDouble(lanes.WideFragment(register, lane));

    private static int StepOf(MatrixShape shape) => 128 / shape.ElementBits;

    /// <summary>Adds some products to a sum in fixed point, far enough below the largest term.</summary>
    private static double AddProducts(double sum, double[] a, double[] b, MatrixShape shape, int index, int first)
    {
        var (row, column) = (index / shape.Columns * shape.Depth, index % shape.Columns);
        var last = Math.Min(first + StepOf(shape), shape.Depth);
        var (plain, largest) = (sum, sum == 0 || !double.IsFinite(sum) ? int.MinValue : Math.ILogB(sum));
        for (var k = first; k < last; k++)
        {
            var (x, y) = (a[row + k], b[k * shape.Columns + column]);
            plain += x * y;
            if (x != 0 && y != 0 && double.IsFinite(x * y)) largest = Math.Max(largest, Math.ILogB(x) + Math.ILogB(y));
        }

        if (!double.IsFinite(plain) || largest == int.MinValue) return plain;
        var total = Cut(sum, largest);
        for (var k = first; k < last; k++) total += Cut(a[row + k] * b[k * shape.Columns + column], largest);
        return Math.ScaleB(total, largest - KeptBits);
    }

    private static long Cut(double term, int largest) => (long)Math.ScaleB(term, KeptBits - largest);

    /// <summary>Loads the elements of A row by row and those of B, each row of k after the other.</summary>
    private static (int[] A, int[] B) Load(WarpLanes lanes, MatrixShape shape)
    {
        var (a, b) = (new int[shape.Rows * shape.Depth], new int[shape.Depth * shape.Columns]);
        for (var row = 0; row < shape.Rows; row++)
            for (var k = 0; k < shape.Depth; k++)
            {
                var (register, lane, place) = shape.PlaceInA(row, k);
                a[row * shape.Depth + k] = Part(lanes.Fragment(register, lane), place, shape);
            }

        for (var k = 0; k < shape.Depth; k++)
            for (var column = 0; column < shape.Columns; column++)
            {
                var (register, lane, place) = shape.PlaceInB(k, column);
                b[k * shape.Columns + column] = Part(lanes.Fragment(shape.RegistersOfA + register, lane), place, shape);
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
        var (index, lane) = shape.PlaceInC(row, column);
        return lanes.Fragment(shape.RegistersOfA + shape.RegistersOfB + index, lane);
    }

    /// <summary>Loads an element of C where two halves share a register.</summary>
    private static int LoadHalfOfC(WarpLanes lanes, MatrixShape shape, int row, int column)
    {
        var (index, lane) = shape.PlaceInC(row, column);
        return lanes.Fragment(shape.RegistersOfA + shape.RegistersOfB + index / 2, lane) >>> (16 * (index & 1)) & 0xffff;
    }

    /// <summary>Computes each element, and then gives all: results lie where what they are computed from does.</summary>
    private static void Give(WarpLanes lanes, MatrixShape shape, ElementOf element, bool halves = false)
    {
        var perRegister = halves ? 2 : 1;
        var registers = shape.SumsOfLane / perRegister;
        var results = new int[registers * WarpLanes.Count];
        for (var row = 0; row < shape.Rows; row++)
            for (var column = 0; column < shape.Columns; column++)
            {
                var (index, lane) = shape.PlaceInD(row, column);
                results[index / perRegister * WarpLanes.Count + lane] |= element(lanes, row, column) << (16 * (index % perRegister));
            }

        for (var i = 0; i < results.Length; i++) lanes.GiveFragment(i / WarpLanes.Count, i % WarpLanes.Count, results[i]);
    }

    private delegate int ElementOf(WarpLanes lanes, int row, int column);
}

/// <summary>Is what a product of floating-point matrices takes and gives.</summary>
/// <param name="AddsHalves">Whether C is f16, else f32.</param>
/// <param name="GivesHalves">Whether D is f16, else f32.</param>
internal sealed record RealProduct(NarrowFormat A, NarrowFormat B, bool AddsHalves, bool GivesHalves);
