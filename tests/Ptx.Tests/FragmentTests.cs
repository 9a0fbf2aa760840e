using Broker.Ptx.Tests.Exactness;

namespace Broker.Ptx.Tests;

/// <summary>Loads, multiplies and stores matrices by warps, and multiplies them in plain loops.</summary>
public class FragmentTests
{
    public static TheoryData<string, string, string, string, string, string> Products
    {
        get
        {
            var cases = new TheoryData<string, string, string, string, string, string>();
            foreach (var shape in (string[])["m16n16k16", "m32n8k16", "m8n32k16"])
            {
                foreach (var layouts in (string[])["row.row", "row.col", "col.row", "col.col"])
                {
                    cases.Add(shape, layouts, "f16", "f16", "f32", "f32");
                    cases.Add(shape, layouts, "bf16", "bf16", "f32", "f32");
                    cases.Add(shape, layouts, "s8", "s8", "s32", "s32");
                }

                cases.Add(shape, "row.col", "f16", "f16", "f16", "f16");
                cases.Add(shape, "col.row", "f16", "f16", "f16", "f32");
                cases.Add(shape, "col.col", "f16", "f16", "f32", "f16");
                cases.Add(shape, "row.col", "u8", "u8", "s32", "s32");
            }

            foreach (var layouts in (string[])["row.col", "col.row", "row.row"])
            {
                cases.Add("m16n16k8", layouts, "tf32", "tf32", "f32", "f32");
                cases.Add("m8n8k4", layouts, "f64", "f64", "f64", "f64");
            }

            cases.Add("m8n8k32", "row.col", "s4", "s4", "s32", "s32");
            cases.Add("m8n8k32", "row.col", "u4", "s4", "s32", "s32");
            cases.Add("m8n8k128", "row.col", "b1", "b1", "s32", "s32");
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Products))]
    public void Product_is_that_of_plain_loops(string shape, string layouts, string typeA, string typeB, string typeC, string typeD)
    {
        var size = shape[1..].Split('n', 'k').Select(int.Parse).ToArray();
        var (layoutA, layoutB) = (layouts[..3], layouts[4..]);
        var random = new Random(shape.Length + layouts[0]);
        var a = new Matrix(size[0], size[2], typeA, layoutA == "col", 0, random);
        var b = new Matrix(size[2], size[1], typeB, layoutB == "col", 32, random);
        foreach (var (layoutC, layoutD) in ((string, string)[])[("row", "row"), ("row", "col"), ("col", "row")])
        {
            var c = new Matrix(size[0], size[1], typeC, layoutC == "col", layoutC == "col" ? 16 : 0, random);
            var d = new Matrix(size[0], size[1], typeD, layoutD == "col", 16, random);
            var expected = d.Pack((row, column) => c[row, column] + Enumerable.Range(0, size[2]).Sum(k => Term(typeA, a[row, k], b[k, column])));
            var types = typeA == "f16" ? $"{typeD}.{typeC}" : $"{typeD}.{typeA}.{typeB}.{typeC}";
            var operation = typeA == "b1" ? "mma.xor.popc" : "mma";
            var text = Text(
                Load("a", layoutA, shape, typeA, a, "%pa"), Load("b", layoutB, shape, typeB, b, "%pb"), Load("c", layoutC, shape, typeC, c, "%pc"),
                $"wmma.{operation}.sync.aligned.{layouts}.{shape}.{types} {d.Registers("d")}, {a.Registers("a", typeA == "f16")}, {b.Registers("b", typeB == "f16")}, {c.Registers("c")};",
                $"wmma.store.d.sync.aligned.{layoutD}.{shape}.global.{typeD} [%pd], {d.Registers("d")}, {d.Stride};");
            foreach (var lanes in (int[])[1, 8, 16]) Assert.Equal(expected, Run(text, [a.Pack(), b.Pack(), c.Pack()], expected.Length, lanes));
        }
    }

    [Fact]
    public void Matrix_goes_through_shared_memory_and_generic_addresses()
    {
        var c = new Matrix(16, 16, "f16", false, 0, new Random(1));
        var text = Text(
            $"wmma.load.c.sync.aligned.row.m16n16k16.f16 {c.Registers("c")}, [%pc];",
            $"wmma.store.d.sync.aligned.col.m16n16k16.shared.f16 [tile], {c.Registers("c")}, 24;",
            "bar.warp.sync -1;",
            $"wmma.load.c.sync.aligned.col.m16n16k16.f16 {c.Registers("d")}, [tile], 24;",
            $"wmma.store.d.sync.aligned.row.m16n16k16.f16 [%pd], {c.Registers("d")};");
        foreach (var lanes in (int[])[1, 8, 16]) Assert.Equal(c.Pack(), Run(text, [[], [], c.Pack()], c.Pack().Length, lanes));
    }

    [Theory]
    [InlineData("wmma.load.a.sync.aligned.row.m16n16k16.global.f16 {%a0, %a1, %a2, %a3, %a4, %a5, %a6, %a7}, [%pc], 16;", FaultKind.OutOfBounds, 30)]
    [InlineData("wmma.store.d.sync.aligned.row.m16n16k16.global.f32 [%pd+4], {%c0, %c1, %c2, %c3, %c4, %c5, %c6, %c7}, 16;", FaultKind.Misaligned, 0)]
    public void Element_outside_is_a_fault_of_its_lane(string body, FaultKind kind, int lane)
    {
        foreach (var lanes in (int[])[1, 8, 16])
        {
            using var memory = new DeviceMemory();
            var outcome = Launch(memory, Text(body), [[], [], new byte[480]], 1024, lanes);
            Assert.Equal((kind, (uint)lane, 19), (outcome.Fault!.Kind, outcome.Fault.Thread.X, outcome.Fault.Line));
        }
    }

    private static double Term(string type, double a, double b) => type == "b1" ? (a != b ? 1 : 0) : a * b;

    private static string Load(string which, string layout, string shape, string type, Matrix matrix, string place) =>
        $"wmma.load.{which}.sync.aligned.{layout}.{shape}.global.{type} {matrix.Registers(which, which != "c" && type == "f16")}, [{place}]{(matrix.Padding == 0 ? "" : $", {matrix.Stride}")};";

    private static string Text(params string[] body) => $$"""
        {{Kernel.Header}}.visible .entry test(.param .u64 a, .param .u64 b, .param .u64 c, .param .u64 d)
        {
        .reg .b32 %a<8>, %b<8>, %c<8>, %d<8>;
        .reg .f64 %fa, %fb, %fc<2>, %fd<2>;
        .reg .u64 %pa, %pb, %pc, %pd;
        .shared .align 32 .b8 tile[1024];
        ld.param.u64 %pa, [a];
        ld.param.u64 %pb, [b];
        ld.param.u64 %pc, [c];
        ld.param.u64 %pd, [d];
        mov.b32 %a0, 0; mov.b32 %b0, 0;
        mov.b32 %c0, 0;
        mov.b32 %d0, 0;
        // The matrices follow.
        bar.warp.sync -1;
        {{string.Join('\n', body)}}
        ret;
        }
        """;

    private static byte[] Run(string text, byte[][] inputs, int results, int lanes)
    {
        using var memory = new DeviceMemory();
        var outcome = Launch(memory, text, inputs, results, lanes, out var output);
        Assert.Equal((LaunchStatus.Completed, null), (outcome.Status, outcome.Fault));
        return output.Span(0, results).ToArray();
    }

    private static LaunchOutcome Launch(DeviceMemory memory, string text, byte[][] inputs, int results, int lanes) =>
        Launch(memory, text, inputs, results, lanes, out _);

    private static LaunchOutcome Launch(DeviceMemory memory, string text, byte[][] inputs, int results, int lanes, out DeviceBuffer output)
    {
        var buffers = inputs.Select((content, i) => memory.Allocate($"in{i}", content.Length, writable: false)).ToList();
        foreach (var (buffer, content) in buffers.Zip(inputs)) buffer.Write(0, content);
        output = memory.Allocate("out", results);
        var parameters = buffers.Append(output).SelectMany(b => BitConverter.GetBytes(b.Address)).ToArray();
        return CompiledKernel.Compile(Module.Parse(text), "test").Run(
            new KernelLaunch(new Dim3(1, 1, 1), new Dim3(32, 1, 1), 0, parameters), memory, new RunOptions { MaxThreads = 1, Lanes = lanes }, TestContext.Current.CancellationToken);
    }

    /// <summary>Is a matrix of small whole numbers as it lies in memory.</summary>
    private sealed class Matrix
    {
        private readonly (int Rows, int Columns, string Type, bool ByColumns) _shape;
        private readonly double[] _values;

        public Matrix(int rows, int columns, string type, bool byColumns, int padding, Random random)
        {
            (_shape, Padding) = ((rows, columns, type, byColumns), padding);
            var least = type[0] is 'u' or 'b' ? 0 : type == "s4" ? -8 : -16;
            var most = type switch { "b1" => 2, "u4" => 16, "s4" => 8, _ => 17 };
            _values = [.. Enumerable.Range(0, rows * columns).Select(_ => (double)random.Next(least, most))];
        }

        public int Padding { get; }

        public int Stride => (_shape.ByColumns ? _shape.Rows : _shape.Columns) + Padding * (Bits < 8 ? 4 : 1);

        private int Bits => _shape.Type switch { "f64" => 64, "f32" or "tf32" or "s32" => 32, "f16" or "bf16" => 16, "s8" or "u8" => 8, "b1" => 1, _ => 4 };

        public double this[int row, int column] => _values[row * _shape.Columns + column];

        public string Registers(string name, bool eight = false)
        {
            var count = eight ? 8 : Math.Max(1, _shape.Rows * _shape.Columns * Bits / 1024);
            if (Bits == 64) (name, count) = ($"f{name}", count / 2);
            return $"{{{string.Join(", ", Enumerable.Range(0, count).Select(i => Bits == 64 && count == 1 ? $"%{name}" : $"%{name}{i}"))}}}";
        }

        public byte[] Pack() => Pack((row, column) => this[row, column]);

        public byte[] Pack(Func<int, int, double> value)
        {
            var bytes = new byte[(_shape.ByColumns ? _shape.Columns : _shape.Rows) * Stride * Bits / 8];
            for (var row = 0; row < _shape.Rows; row++)
            {
                for (var column = 0; column < _shape.Columns; column++)
                {
                    var bit = (_shape.ByColumns ? column * Stride + row : row * Stride + column) * Bits;
                    var bits = (ulong)BitsOf(value(row, column)) << (bit % 8);
                    for (var i = 0; i < Math.Max(1, Bits / 8); i++) bytes[bit / 8 + i] |= (byte)(bits >> (8 * i));
                }
            }

            return bytes;
        }

        private long BitsOf(double value) => _shape.Type switch
        {
            "f64" => BitConverter.DoubleToInt64Bits(value),
            "f32" or "tf32" => BitConverter.SingleToUInt32Bits((float)value),
            "f16" => (long)ReferenceFormat.F16.FromInteger((int)value, "rn"),
            "bf16" => (long)ReferenceFormat.BF16.FromInteger((int)value, "rn"),
            _ => (long)value & ((1L << Bits) - 1),
        };
    }
}
