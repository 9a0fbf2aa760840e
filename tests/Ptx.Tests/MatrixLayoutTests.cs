namespace Broker.Ptx.Tests;

/// <summary>Multiplies matrices whose elements lie as the manual gives them: which row and column each element of a lane has.</summary>
public class MatrixLayoutTests
{
    private const int Lanes = 32;

    /// <summary>Gives the product, row and column of the element with a number that a lane holds.</summary>
    private delegate (int Product, int Row, int Column) Place(int lane, int i);

    // PTX ISA 9.7.14.5.1. Four products, each of lanes that lie 16 apart.
    [Theory]
    [InlineData("row", "row", "f32", "f32")]
    [InlineData("row", "col", "f32", "f32")]
    [InlineData("col", "row", "f32", "f32")]
    [InlineData("col", "col", "f32", "f32")]
    [InlineData("row", "col", "f16", "f16")]
    [InlineData("col", "row", "f16", "f16")]
    [InlineData("row", "col", "f32", "f16")]
    public void Four_products_of_halves(string layoutA, string layoutB, string typeD, string typeC)
    {
        Place a = layoutA == "row" ? (lane, i) => (Quad(lane), lane % 4 + High(lane), i) : (lane, i) => (Quad(lane), i % 4 + High(lane), lane % 4);
        Place b = layoutB == "row" ? (lane, i) => (Quad(lane), lane % 4, i + High(lane)) : (lane, i) => (Quad(lane), i, lane % 4 + High(lane));
        Place sums(string type) => type == "f16"
            ? (lane, i) => (Quad(lane), lane % 4 + High(lane), i)
            : (lane, i) => (Quad(lane), (lane & 1) + (i & 2) + High(lane), (i & 4) + (lane & 2) + (i & 1));
        Check($"mma.sync.aligned.m8n8k4.{layoutA}.{layoutB}.{typeD}.f16.f16.{typeC}", 4, (a, 4, "f16"), (b, 4, "f16"), (sums(typeC), 8, typeC), (sums(typeD), 8, typeD));

        static int Quad(int lane) => lane % 16 / 4;
        static int High(int lane) => lane < 16 ? 0 : 4;
    }

    // PTX ISA 9.7.14.5.7 and 9.7.14.5.8.
    [Theory]
    [InlineData("f32", "f16")]
    [InlineData("f16", "f32")]
    public void Halves_and_floats_mix(string typeD, string typeC)
    {
        Place sums = (lane, i) => (0, lane / 4 + (i < 2 ? 0 : 8), lane % 4 * 2 + (i & 1));
        Check(
            $"mma.sync.aligned.m16n8k16.row.col.{typeD}.f16.f16.{typeC}",
            16,
            ((lane, i) => (0, lane / 4 + (i is < 2 or (>= 4 and < 6) ? 0 : 8), lane % 4 * 2 + (i & 1) + (i < 4 ? 0 : 8)), 8, "f16"),
            ((lane, i) => (0, lane % 4 * 2 + (i & 1) + (i < 2 ? 0 : 8), lane / 4), 4, "f16"),
            (sums, 4, typeC),
            (sums, 4, typeD));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(16)]
    public void Doubles_of_sixteen_rows(int depth)
    {
        Place sums = (lane, i) => (0, lane / 4 + (i < 2 ? 0 : 8), lane % 4 * 2 + (i & 1));
        Check(
            $"mma.sync.aligned.m16n8k{depth}.row.col.f64.f64.f64.f64",
            depth,
            ((lane, i) => (0, lane / 4 + (i % 2 == 0 ? 0 : 8), i / 2 * 4 + lane % 4), depth / 2, "f64"),
            ((lane, i) => (0, lane % 4 + 4 * i, lane / 4), depth / 4, "f64"),
            (sums, 4, "f64"),
            (sums, 4, "f64"));
    }

    [Theory]
    [InlineData("e4m3", "e4m3")]
    [InlineData("e5m2", "e5m2")]
    [InlineData("e4m3", "e5m2")]
    public void Floats_of_eight_bits(string typeA, string typeB)
    {
        Place sums = (lane, i) => (0, lane / 4 + (i < 2 ? 0 : 8), lane % 4 * 2 + (i & 1));
        Check(
            $"mma.sync.aligned.m16n8k32.row.col.f32.{typeA}.{typeB}.f32",
            32,
            ((lane, i) => (0, lane / 4 + (i is < 4 or (>= 8 and < 12) ? 0 : 8), lane % 4 * 4 + (i & 3) + (i < 8 ? 0 : 16)), 16, typeA),
            ((lane, i) => (0, lane % 4 * 4 + (i & 3) + (i < 4 ? 0 : 16), lane / 4), 8, typeB),
            (sums, 4, "f32"),
            (sums, 4, "f32"));
    }

    /// <summary>Fills A, B and C with small whole numbers, whose sums are exact however they are formed.</summary>
    private static void Check(
        string instruction, int depth, (Place At, int Count, string Type) a, (Place At, int Count, string Type) b, (Place At, int Count, string Type) c, (Place At, int Count, string Type) d)
    {
        var random = new Random(depth);
        var (inA, inB, inC) = (Fill(a, random), Fill(b, random), Fill(c, random));
        var words = new[] { (a, inA), (b, inB), (c, inC) }.SelectMany(m => Pack(m.Item1, (lane, i) => m.Item2[m.Item1.At(lane, i)])).ToArray();
        var expected = Pack(d, (lane, i) =>
        {
            var (product, row, column) = d.At(lane, i);
            return inC[(product, row, column)] + Enumerable.Range(0, depth).Sum(k => inA[(product, row, k)] * inB[(product, k, column)]);
        });
        foreach (var lanes in (int[])[1, 8, 16]) Assert.Equal(expected, Run(instruction, [Registers(a), Registers(b), Registers(c)], Registers(d), BitsOf(a.Type) == 64, words, lanes));
    }

    private static Dictionary<(int, int, int), int> Fill((Place At, int Count, string Type) matrix, Random random)
    {
        var filled = new Dictionary<(int, int, int), int>();
        for (var lane = 0; lane < Lanes; lane++)
            for (var i = 0; i < matrix.Count; i++)
                filled[matrix.At(lane, i)] = random.Next(-8, 9);
        return filled;
    }

    private static int Registers((Place At, int Count, string Type) matrix) => matrix.Count * Math.Min(BitsOf(matrix.Type), 32) / 32;

    /// <summary>Gives the registers of a matrix, each of all lanes after the other.</summary>
    private static ulong[] Pack((Place At, int Count, string Type) matrix, Func<int, int, int> value)
    {
        var registers = new ulong[Registers(matrix) * Lanes];
        var each = Math.Max(1, 32 / BitsOf(matrix.Type));
        for (var lane = 0; lane < Lanes; lane++)
            for (var i = 0; i < matrix.Count; i++)
                registers[i / each * Lanes + lane] |= Bits(value(lane, i), matrix.Type) << (i % each * BitsOf(matrix.Type));
        return registers;
    }

    private static int BitsOf(string type) => type switch { "f64" => 64, "f32" => 32, "f16" => 16, _ => 8 };

    private static ulong Bits(int value, string type) => type switch
    {
        "f64" => BitConverter.DoubleToUInt64Bits(value),
        "f32" => BitConverter.SingleToUInt32Bits(value),
        "f16" => BitConverter.HalfToUInt16Bits((Half)value),
        // A half cut short; the other format has another bias and a bit more.
        "e5m2" => (ulong)(BitConverter.HalfToUInt16Bits((Half)value) >> 8),
        _ => value == 0 ? 0 : (ulong)((value < 0 ? 0x80 : 0) | (BitConverter.HalfToUInt16Bits((Half)Math.Abs(value)) >> 7) - (8 << 3)),
    };

    private static ulong[] Run(string instruction, int[] sources, int results, bool wide, ulong[] words, int lanes)
    {
        var (type, bytes) = wide ? ("f64", 8) : ("b32", 4);
        var all = sources.Sum();
        var starts = new[] { 0, sources[0], sources[0] + sources[1] };
        var text = $$"""
            {{Kernel.Header}}.visible .entry test(.param .u64 in, .param .u64 out)
            {
            .reg .{{type}} %v<{{all}}>, %d<{{results}}>;
            .reg .b32 %thread;
            .reg .b64 %in, %out;
            mov.u32 %thread, %tid.x;
            ld.param.u64 %in, [in];
            ld.param.u64 %out, [out];
            mad.wide.u32 %in, %thread, {{bytes}}, %in;
            mad.wide.u32 %out, %thread, {{bytes}}, %out;
            {{string.Join('\n', Enumerable.Range(0, all).Select(i => $"ld.global.{type} %v{i}, [%in+{bytes * Lanes * i}];"))}}
            {{instruction}} {{Names("d", 0, results)}}, {{string.Join(", ", sources.Select((count, i) => Names("v", starts[i], count)))}};
            {{string.Join('\n', Enumerable.Range(0, results).Select(i => $"st.global.{type} [%out+{bytes * Lanes * i}], %d{i};"))}}
            ret;
            }
            """;
        using var memory = new DeviceMemory();
        var (input, output) = (memory.Allocate("in", bytes * words.Length), memory.Allocate("out", bytes * Lanes * results));
        input.Write(0, words.SelectMany(w => BitConverter.GetBytes(w).Take(bytes)).ToArray());
        var parameters = new[] { input, output }.SelectMany(p => BitConverter.GetBytes(p.Address)).ToArray();
        var outcome = CompiledKernel.Compile(Module.Parse(text), "test").Run(
            new KernelLaunch(new Dim3(1, 1, 1), new Dim3(Lanes, 1, 1), 0, parameters), memory, new RunOptions { MaxThreads = 1, Lanes = lanes }, TestContext.Current.CancellationToken);
        Assert.Equal((LaunchStatus.Completed, null), (outcome.Status, outcome.Fault));
        var content = output.Span(0, (int)output.Bytes).ToArray();
        return [.. Enumerable.Range(0, Lanes * results).Select(i => wide ? BitConverter.ToUInt64(content, 8 * i) : BitConverter.ToUInt32(content, 4 * i))];
    }

    private static string Names(string name, int first, int count) =>
        $"{{{string.Join(", ", Enumerable.Range(first, count).Select(i => $"%{name}{i}"))}}}";
}
