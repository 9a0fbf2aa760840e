using System.Numerics;
using Broker.Ptx.Tests.Exactness;

namespace Broker.Ptx.Tests;

/// <summary>Multiplies small matrices by warps, and in plain loops over elements that the manual's pictures place in registers.</summary>
public class MatrixTests
{
    private const int Lanes = 32;

    [Theory]
    [InlineData("m8n8k16", "s8", "s8", false)]
    [InlineData("m16n8k16", "u8", "s8", false)]
    [InlineData("m16n8k16", "u8", "s8", true)]
    [InlineData("m16n8k32", "s8", "u8", true)]
    [InlineData("m16n8k32", "s8", "s8", false)]
    [InlineData("m8n8k32", "u4", "s4", false)]
    [InlineData("m16n8k32", "s4", "s4", true)]
    [InlineData("m16n8k64", "s4", "u4", false)]
    public void Integers(string shape, string typeA, string typeB, bool saturates)
    {
        var size = new Size(shape, int.Parse(typeA[1..]));
        var random = new Random(shape.Length + typeA[0]);
        var words = Words(size, random);
        // Sums that leave the range.
        if (saturates)
            for (var i = size.FirstOfC; i < words.Length; i++) words[i] = (i % 2 == 0 ? int.MaxValue : int.MinValue) + random.Next(-99, 99);
        var results = Run($"mma.sync.aligned.{shape}.row.col.{(saturates ? "satfinite." : "")}s32.{typeA}.{typeB}.s32", size, words, size.RegistersOfC);
        for (var row = 0; row < size.Rows; row++)
        {
            for (var column = 0; column < 8; column++)
            {
                BigInteger sum = words[size.C(row, column)];
                for (var k = 0; k < size.Depth; k++)
                    sum += (BigInteger)Element(words, size.A(row, k), size.Bits, typeA[0] == 's') * Element(words, size.B(k, column), size.Bits, typeB[0] == 's');
                var expected = saturates ? (int)BigInteger.Clamp(sum, int.MinValue, int.MaxValue) : unchecked((int)(uint)(sum & uint.MaxValue));
                Assert.Equal((row, column, expected), (row, column, results[size.C(row, column) - size.FirstOfC]));
            }
        }
    }

    [Theory]
    [InlineData("m8n8k128", "xor")]
    [InlineData("m16n8k256", "and")]
    public void Bits(string shape, string operation)
    {
        var size = new Size(shape, 1);
        var words = Words(size, new Random(5));
        var results = Run($"mma.sync.aligned.{shape}.row.col.s32.b1.b1.s32.{operation}.popc", size, words, size.RegistersOfC);
        for (var row = 0; row < size.Rows; row++)
        {
            for (var column = 0; column < 8; column++)
            {
                var pairs = Enumerable.Range(0, size.Depth).Select(k => (Element(words, size.A(row, k), 1, false), Element(words, size.B(k, column), 1, false)));
                var count = pairs.Count(p => operation == "xor" ? p.Item1 != p.Item2 : p is (1, 1));
                Assert.Equal(words[size.C(row, column)] + count, results[size.C(row, column) - size.FirstOfC]);
            }
        }
    }

    /// <summary>Small whole numbers have one sum, however it is formed.</summary>
    [Theory]
    [InlineData("m16n8k8", "f16", 16)]
    [InlineData("m16n8k16", "f16", 16)]
    [InlineData("m16n8k8", "bf16", 16)]
    [InlineData("m16n8k16", "bf16", 16)]
    [InlineData("m16n8k4", "tf32", 32)]
    [InlineData("m16n8k8", "tf32", 32)]
    public void Whole_numbers_in_floats(string shape, string type, int bits)
    {
        var size = new Size(shape, bits);
        var random = new Random(7);
        var format = type switch { "f16" => ReferenceFormat.F16, "bf16" => ReferenceFormat.BF16, _ => ReferenceFormat.F32 };
        var numbers = Enumerable.Range(0, size.FirstOfC * 32 / bits).Select(_ => random.Next(-16, 17)).ToArray();
        var words = new int[size.FirstOfC + size.RegistersOfC * Lanes];
        for (var i = 0; i < numbers.Length; i++)
            words[i * bits / 32] |= (int)format.FromInteger(numbers[i], "rn") << (i * bits % 32);
        for (var i = size.FirstOfC; i < words.Length; i++) words[i] = BitConverter.SingleToInt32Bits(random.Next(-1000, 1000));
        var results = Run($"mma.sync.aligned.{shape}.row.col.f32.{type}.{type}.f32", size, words, size.RegistersOfC);
        for (var row = 0; row < size.Rows; row++)
        {
            for (var column = 0; column < 8; column++)
            {
                var sum = (int)BitConverter.Int32BitsToSingle(words[size.C(row, column)])
                    + Enumerable.Range(0, size.Depth).Sum(k => numbers[size.A(row, k)] * numbers[size.B(k, column)]);
                Assert.Equal((float)sum, BitConverter.Int32BitsToSingle(results[size.C(row, column) - size.FirstOfC]));
            }
        }
    }

    /// <summary>What the first row gives where A has these numbers in it and B is all ones.</summary>
    [Theory]
    [InlineData(0f, new[] { 1f, 5.9604645e-8f }, 1f)] // 2^-24 is kept until the sum is cut.
    [InlineData(0f, new[] { 1f, 5.9604645e-8f, 5.9604645e-8f }, 1.0000001f)]
    [InlineData(1.0000001f, new[] { 5.9604645e-8f }, 1.0000001f)] // Past a tie that rounds up, the sum is cut too.
    [InlineData(2f, new[] { 5.9604645e-8f, 5.9604645e-8f, 5.9604645e-8f, 5.9604645e-8f }, 2f)] // 2^-24 four times, each cut off.
    [InlineData(2f, new[] { -5.9604645e-8f }, 2f)] // Towards zero.
    [InlineData(float.PositiveInfinity, new[] { 1f }, float.PositiveInfinity)]
    [InlineData(float.PositiveInfinity, new[] { float.NegativeInfinity }, float.NaN)]
    public void Sums_of_floats_are_cut_off_as_documented(float c, float[] first, float expected)
    {
        var size = new Size("m16n8k8", 16);
        var words = new int[size.FirstOfC + size.RegistersOfC * Lanes];
        for (var k = 0; k < first.Length; k++) Set(words, size.A(0, k), 16, BitConverter.HalfToUInt16Bits((Half)first[k]));
        for (var k = 0; k < size.Depth; k++) Set(words, size.B(k, 0), 16, BitConverter.HalfToUInt16Bits((Half)1));
        words[size.C(0, 0)] = BitConverter.SingleToInt32Bits(c);
        var results = Run("mma.sync.aligned.m16n8k8.row.col.f32.f16.f16.f32", size, words, size.RegistersOfC);
        Assert.Equal(float.IsNaN(expected) ? 0x7fffffff : BitConverter.SingleToInt32Bits(expected), results[size.C(0, 0) - size.FirstOfC]);
    }

    /// <summary>The sum is cut between the steps along k, so what is too small in each of two steps is lost.</summary>
    [Theory]
    [InlineData("m16n8k8", "tf32", 32, 4)]
    [InlineData("m16n8k16", "f16", 16, 8)]
    [InlineData("m16n8k16", "bf16", 16, 8)]
    public void Products_are_added_in_steps(string shape, string type, int bits, int step)
    {
        var size = new Size(shape, bits);
        var format = type switch { "f16" => ReferenceFormat.F16, "bf16" => ReferenceFormat.BF16, _ => ReferenceFormat.F32 };
        var small = type == "f16" ? 1 : type == "bf16" ? 0x3380 : 0x33800000; // 2^-24
        var one = (int)format.FromInteger(1, "rn");
        Assert.Equal(1.0000001f, Sum((0, one), (1, small), (2, small)));
        Assert.Equal(1f, Sum((0, one), (1, small), (step, small)));

        float Sum(params (int K, int Bits)[] row)
        {
            var words = new int[size.FirstOfC + size.RegistersOfC * Lanes];
            foreach (var (k, number) in row) Set(words, size.A(0, k), bits, number);
            for (var k = 0; k < size.Depth; k++) Set(words, size.B(k, 0), bits, one);
            var results = Run($"mma.sync.aligned.{shape}.row.col.f32.{type}.{type}.f32", size, words, size.RegistersOfC);
            return BitConverter.Int32BitsToSingle(results[size.C(0, 0) - size.FirstOfC]);
        }
    }

    [Fact]
    public void Low_bits_of_a_tf32_do_not_count()
    {
        var size = new Size("m16n8k4", 32);
        var words = new int[size.FirstOfC + size.RegistersOfC * Lanes];
        Set(words, size.A(0, 0), 32, 0x3f801fff);
        Set(words, size.B(0, 0), 32, 0x40001fff);
        Assert.Equal(2f, BitConverter.Int32BitsToSingle(Run("mma.sync.aligned.m16n8k4.row.col.f32.tf32.tf32.f32", size, words, size.RegistersOfC)[0]));
    }

    [Theory]
    [InlineData("m16n8k8")]
    [InlineData("m16n8k16")]
    public void Halves_give_halves(string shape)
    {
        var size = new Size(shape, 16, bitsOfC: 16);
        var random = new Random(11);
        var numbers = Enumerable.Range(0, 2 * (size.FirstOfC + size.RegistersOfC * Lanes)).Select(_ => random.Next(-9, 10)).ToArray();
        var words = new int[numbers.Length / 2];
        for (var i = 0; i < numbers.Length; i++) Set(words, i, 16, BitConverter.HalfToUInt16Bits((Half)numbers[i]));
        var results = Run($"mma.sync.aligned.{shape}.row.col.f16.f16.f16.f16", size, words, size.RegistersOfC);
        for (var row = 0; row < size.Rows; row++)
        {
            for (var column = 0; column < 8; column++)
            {
                // Two columns share a register.
                var word = size.FirstOfC + (row % 8 * 4 + column / 2) * 2 + row / 8;
                var sum = numbers[2 * word + column % 2] + Enumerable.Range(0, size.Depth).Sum(k => numbers[size.A(row, k)] * numbers[size.B(k, column)]);
                Assert.Equal((Half)sum, BitConverter.Int16BitsToHalf((short)(results[word - size.FirstOfC] >> (16 * (column % 2)))));
            }
        }
    }

    [Theory]
    [InlineData(new[] { 1f, 4.8828125e-4f }, 1f)] // 2^-11 is a tie.
    [InlineData(new[] { 1f, 4.8828125e-4f, 5.9604645e-8f }, 1.0009765625f)] // And 2^-24 more is past it.
    public void A_half_is_rounded_to_nearest(float[] first, float expected)
    {
        var size = new Size("m16n8k8", 16, bitsOfC: 16);
        var words = new int[size.FirstOfC + size.RegistersOfC * Lanes];
        for (var k = 0; k < first.Length; k++) Set(words, size.A(0, k), 16, BitConverter.HalfToUInt16Bits((Half)first[k]));
        for (var k = 0; k < size.Depth; k++) Set(words, size.B(k, 0), 16, BitConverter.HalfToUInt16Bits((Half)1));
        var results = Run("mma.sync.aligned.m16n8k8.row.col.f16.f16.f16.f16", size, words, size.RegistersOfC);
        Assert.Equal((Half)expected, BitConverter.Int16BitsToHalf((short)results[0]));
    }

    [Fact]
    public void Doubles_are_added_one_fused_product_after_the_other()
    {
        var random = new Random(3);
        var (a, b, c) = (Doubles(32), Doubles(32), Doubles(64));
        using var memory = new DeviceMemory();
        var (input, output) = (memory.Allocate("in", 8 * 128), memory.Allocate("out", 8 * 64));
        input.Write(0, a.Concat(b).Concat(c).SelectMany(BitConverter.GetBytes).ToArray());
        var kernel = CompiledKernel.Compile(
            Module.Parse($$"""
                {{Kernel.Header}}.visible .entry test(.param .u64 in, .param .u64 out)
                {
                .reg .f64 %a, %b, %c<2>, %d<2>;
                .reg .b32 %thread;
                .reg .b64 %in, %out, %pair;
                mov.u32 %thread, %tid.x;
                ld.param.u64 %in, [in];
                ld.param.u64 %out, [out];
                mad.wide.u32 %pair, %thread, 16, %in;
                mad.wide.u32 %in, %thread, 8, %in;
                mad.wide.u32 %out, %thread, 16, %out;
                ld.global.f64 %a, [%in];
                ld.global.f64 %b, [%in+256];
                ld.global.v2.f64 {%c0, %c1}, [%pair+512];
                mma.sync.aligned.m8n8k4.row.col.f64.f64.f64.f64 {%d0, %d1}, {%a}, {%b}, {%c0, %c1};
                st.global.v2.f64 [%out], {%d0, %d1};
                ret;
                }
                """),
            "test");
        var parameters = new[] { input, output }.SelectMany(p => BitConverter.GetBytes(p.Address)).ToArray();
        var outcome = kernel.Run(
            new KernelLaunch(new Dim3(1, 1, 1), new Dim3(Lanes, 1, 1), 0, parameters), memory, new RunOptions { MaxThreads = 1 }, TestContext.Current.CancellationToken);
        Assert.Equal((LaunchStatus.Completed, null), (outcome.Status, outcome.Fault));
        // Row by row, C and D lie two columns a lane; A lies row by row, B column by column.
        for (var i = 0; i < 64; i++)
        {
            var expected = c[i];
            for (var k = 0; k < 4; k++) expected = Math.FusedMultiplyAdd(a[i / 8 * 4 + k], b[i % 8 * 4 + k], expected);
            Assert.Equal(expected, BitConverter.ToDouble(output.Span(8 * i, 8)));
        }

        double[] Doubles(int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextDouble() - 0.5)];
    }

    private static int[] Words(Size size, Random random) =>
        [.. Enumerable.Range(0, size.FirstOfC + size.RegistersOfC * Lanes).Select(_ => (int)random.NextInt64())];

    private static void Set(int[] words, int element, int bits, int value) => words[element * bits / 32] |= value << (element * bits % 32);

    private static int Element(int[] words, int element, int bits, bool signed)
    {
        var part = words[element * bits / 32] >>> (element * bits % 32) & ((1 << bits) - 1);
        return signed && part >> (bits - 1) != 0 ? part - (1 << bits) : part;
    }

    /// <summary>Runs the instruction thread after thread and in vectors, which must agree.</summary>
    private static int[] Run(string instruction, Size size, int[] words, int results)
    {
        var registers = size.RegistersOfA + size.RegistersOfB + size.RegistersOfC;
        var (a, b, c) = (Names(0, size.RegistersOfA), Names(size.RegistersOfA, size.RegistersOfB), Names(size.RegistersOfA + size.RegistersOfB, size.RegistersOfC));
        var text = $$"""
            {{Kernel.Header}}.visible .entry test(.param .u64 in, .param .u64 out)
            {
            .reg .b32 %v<{{registers}}>, %d<{{results}}>, %thread;
            .reg .b64 %in, %out;
            mov.u32 %thread, %tid.x;
            ld.param.u64 %in, [in];
            ld.param.u64 %out, [out];
            mad.wide.u32 %in, %thread, 4, %in;
            mad.wide.u32 %out, %thread, 4, %out;
            {{string.Join('\n', Enumerable.Range(0, registers).Select(i => $"ld.global.b32 %v{i}, [%in+{4 * Lanes * i}];"))}}
            {{instruction}} { {{string.Join(", ", Enumerable.Range(0, results).Select(i => $"%d{i}"))}} }, { {{a}} }, { {{b}} }, { {{c}} };
            {{string.Join('\n', Enumerable.Range(0, results).Select(i => $"st.global.b32 [%out+{4 * Lanes * i}], %d{i};"))}}
            ret;
            }
            """;
        var all = new List<int[]>();
        foreach (var lanes in new[] { 1, 8, 16 })
        {
            using var memory = new DeviceMemory();
            var (input, output) = (memory.Allocate("in", 4 * words.Length), memory.Allocate("out", 4 * Lanes * results));
            // Words lie lane by lane, each with all of a matrix's registers; the kernel reads register by register.
            input.Write(0, size.ByRegister(words).SelectMany(BitConverter.GetBytes).ToArray());
            var kernel = CompiledKernel.Compile(Module.Parse(text), "test");
            var parameters = new[] { input, output }.SelectMany(p => BitConverter.GetBytes(p.Address)).ToArray();
            var outcome = kernel.Run(
                new KernelLaunch(new Dim3(1, 1, 1), new Dim3(Lanes, 1, 1), 0, parameters), memory, new RunOptions { MaxThreads = 1, Lanes = lanes }, TestContext.Current.CancellationToken);
            Assert.Equal((LaunchStatus.Completed, null), (outcome.Status, outcome.Fault));
            var bytes = output.Span(0, (int)output.Bytes).ToArray();
            all.Add([.. Enumerable.Range(0, Lanes * results).Select(i => BitConverter.ToInt32(bytes, 4 * (i % results * Lanes + i / results)))]);
        }

        Assert.Equal(all[0], all[1]);
        Assert.Equal(all[0], all[2]);
        return all[0];
    }

    private static string Names(int first, int count) => string.Join(", ", Enumerable.Range(first, count).Select(i => $"%v{i}"));

    /// <summary>Numbers the elements of each matrix lane by lane, as the pictures of PTX ISA 9.7.14.5 show them.</summary>
    private sealed class Size
    {
        private readonly int _bitsOfC;

        public Size(string shape, int bits, int bitsOfC = 32)
        {
            (Rows, Bits, _bitsOfC) = (shape.StartsWith("m16", StringComparison.Ordinal) ? 16 : 8, bits, bitsOfC);
            Depth = int.Parse(shape[(shape.IndexOf('k') + 1)..]);
        }

        public int Rows { get; }

        public int Depth { get; }

        public int Bits { get; }

        public int RegistersOfA => Rows * Depth * Bits / 32 / Lanes;

        public int RegistersOfB => 8 * Depth * Bits / 32 / Lanes;

        public int RegistersOfC => Rows * 8 * _bitsOfC / 32 / Lanes;

        public int FirstOfC => (RegistersOfA + RegistersOfB) * Lanes;

        private int Each => 32 / Bits;

        public int A(int row, int k)
        {
            var i = k % Each + (Rows == 16 && row >= 8 ? Each : 0) + k / (4 * Each) * Each * (Rows / 8);
            return (row % 8 * 4 + k / Each % 4) * RegistersOfA * Each + i;
        }

        public int B(int k, int column) =>
            RegistersOfA * Lanes * Each + (column * 4 + k / Each % 4) * RegistersOfB * Each + k % Each + k / (4 * Each) * Each;

        public int C(int row, int column) => FirstOfC + (row % 8 * 4 + column / 2) * RegistersOfC + column % 2 + (row >= 8 ? 2 : 0);

        public IEnumerable<int> ByRegister(int[] words) =>
            new[] { (0, RegistersOfA), (RegistersOfA * Lanes, RegistersOfB), (FirstOfC, RegistersOfC) }
                .SelectMany(matrix => Enumerable.Range(0, matrix.Item2).SelectMany(r => Enumerable.Range(0, Lanes).Select(lane => words[matrix.Item1 + lane * matrix.Item2 + r])));
    }
}
