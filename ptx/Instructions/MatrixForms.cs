using Broker.Ptx.Arithmetic;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Instructions;

/// <summary>Lists products of matrices that a warp computes together (PTX ISA 9.7.14.5).</summary>
internal static class MatrixForms
{
    public static IEnumerable<InstructionForm> All =>
    [
        .. Integers(8, 16, 8, "<s8|u8>"),
        .. Integers(16, 16, 8, "<s8|u8>"),
        .. Integers(16, 32, 8, "<s8|u8>"),
        .. Integers(8, 32, 4, "<s4|u4>"),
        .. Integers(16, 32, 4, "<s4|u4>"),
        .. Integers(16, 64, 4, "<s4|u4>"),
        .. Bits(8, 128),
        .. Bits(16, 128),
        .. Bits(16, 256),
        .. Halves(8),
        .. Halves(16),
        Tile("f32 tf32 tf32 f32", 16, 4, 32),
        Tile("f32 tf32 tf32 f32", 16, 8, 32),
        Tile("f32 <e4m3|e5m2> <e4m3|e5m2> f32", 16, 32, 8),
        Tile("f64 f64 f64 f64", 8, 4, 64),
        Tile("f64 f64 f64 f64", 16, 4, 64),
        Tile("f64 f64 f64 f64", 16, 8, 64),
        Tile("f64 f64 f64 f64", 16, 16, 64),
        Tile("f32 f16 f16 f16", 16, 16, 16),
        Tile("f16 f16 f16 f32", 16, 16, 16),
        Quads("f16", "f16"),
        Quads("f32", "f16"),
        Quads("f32", "f32"),
    ];

    /// <summary>Makes a form of a product of matrices of this shape, some of whose modifiers are the types of D, A, B and C.</summary>
    /// <param name="shapeOf">Gives the shape of an instruction, where its modifiers say how matrices lie.</param>
    public static InstructionForm Product(string opcode, string pattern, MatrixShape shape, bool addsHalves, bool givesHalves, Func<Instruction, MatrixShape> shapeOf) =>
        ControlForms.Flow(opcode, pattern, Operands(shape, addsHalves, givesHalves)) with { Collective = i => OperationOf(i, shapeOf(i)) };

    private static string Operands(MatrixShape shape, bool addsHalves, bool givesHalves)
    {
        var type = shape.ElementBits == 64 ? "b64" : "b32";
        return $"df:{type}*{Sums(givesHalves)} f:{type}*{shape.RegistersOfA} f:{type}*{shape.RegistersOfB} f:{type}*{Sums(addsHalves)}";

        int Sums(bool halves) => halves ? shape.SumsOfLane / 2 : shape.SumsOfLane;
    }

    private static WarpOperation OperationOf(Instruction instruction, MatrixShape shape)
    {
        if (shape.ElementBits == 64) return lanes => MatrixMath.MultiplyF64(lanes, shape);
        if (shape.ElementBits == 1)
        {
            var and = instruction.Has("and");
            return lanes => MatrixMath.MultiplyBits(lanes, shape, and);
        }

        // Products of f16 may name the types of their sums alone.
        var types = instruction.Modifiers.Where(m => ScalarType.FindOperand(m) is not null || m is "s4" or "u4" or "e4m3" or "e5m2").ToList();
        var (a, b) = types.Count == 4 ? (types[1], types[2]) : ("f16", "f16");
        if (types[0] == "s32")
        {
            var saturate = instruction.Has("satfinite");
            return lanes => MatrixMath.MultiplyIntegers(lanes, shape, a[0] == 's', b[0] == 's', saturate);
        }

        var product = new RealProduct(FormatOf(a), FormatOf(b), types[^1] == "f16", types[0] == "f16");
        return lanes => MatrixMath.MultiplyReals(lanes, shape, product);
    }

    private static NarrowFormat FormatOf(string type) => type switch
    {
        "f16" => NarrowFormat.Half,
        "bf16" => NarrowFormat.Brain,
        "e4m3" => NarrowFormat.E4M3,
        "e5m2" => NarrowFormat.E5M2,
        _ => NarrowFormat.Tensor,
    };

    private static IEnumerable<InstructionForm> Integers(int rows, int depth, int bits, string types) =>
        [Tile($"{{satfinite}} s32 {types} {types} s32", rows, depth, bits)];

    private static IEnumerable<InstructionForm> Bits(int rows, int depth) => [Tile("s32 b1 b1 s32 <xor|and> popc", rows, depth, 1)];

    private static IEnumerable<InstructionForm> Halves(int depth) =>
    [
        Tile("f32 f16 f16 f32", 16, depth, 16),
        Tile("f16 f16 f16 f16", 16, depth, 16),
        Tile("f32 bf16 bf16 f32", 16, depth, 16),
    ];

    private static InstructionForm Quads(string given, string added)
    {
        var product = new RealProduct(NarrowFormat.Half, NarrowFormat.Half, added == "f16", given == "f16");
        return ControlForms.Flow(
            "mma", $"sync aligned m8n8k4 <row|col> <row|col> {given} f16 f16 {added}", Operands(Shapes("row", "col")[0], product.AddsHalves, product.GivesHalves)) with
        {
            Collective = instruction =>
            {
                var shapes = Shapes(instruction.Modifiers[3], instruction.Modifiers[4]);
                return lanes => MatrixMath.MultiplyQuads(lanes, shapes);
            },
        };

        QuadShape[] Shapes(string layoutA, string layoutB) =>
            [.. Enumerable.Range(0, QuadShape.Quads).Select(quad => new QuadShape(quad, layoutA == "col", layoutB == "col", product))];
    }

    private static InstructionForm Tile(string types, int rows, int depth, int bits)
    {
        var shape = new TileShape(rows, depth, bits);
        return Product(
            "mma",
            $"sync aligned m{rows}n{shape.Columns}k{depth} row col {types}",
            shape,
            types.EndsWith(" f16", StringComparison.Ordinal),
            types.StartsWith("f16 ", StringComparison.Ordinal),
            _ => shape);
    }
}
