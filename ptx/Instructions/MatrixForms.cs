using Broker.Ptx.Arithmetic;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Instructions;

/// <summary>Lists products of matrices that a warp computes together (PTX ISA 9.7.14.5).</summary>
internal static class MatrixForms
{
    public static IEnumerable<InstructionForm> All =>
        Rows.Select(row => ControlForms.Flow("mma", row.Pattern, Operands(row.Pattern, row.Shape)) with { Collective = i => OperationOf(i, row.Shape) });

    private static IEnumerable<(string Pattern, MatrixShape Shape)> Rows =>
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
        Row("f32 tf32 tf32 f32", 16, 4, 32),
        Row("f32 tf32 tf32 f32", 16, 8, 32),
        Row("f64 f64 f64 f64", 8, 4, 64),
    ];

    private static string Operands(string pattern, MatrixShape shape)
    {
        var type = shape.ElementBits == 64 ? "b64" : "b32";
        var sums = pattern.EndsWith("f16", StringComparison.Ordinal) ? shape.RegistersOfC / 2 : shape.RegistersOfC;
        return $"df:{type}*{sums} f:{type}*{shape.RegistersOfA} f:{type}*{shape.RegistersOfB} f:{type}*{sums}";
    }

    private static WarpOperation OperationOf(Instruction instruction, MatrixShape shape)
    {
        var result = instruction.Modifiers[^1];
        if (shape.ElementBits == 64) return lanes => MatrixMath.MultiplyF64(lanes, shape);
        if (shape.ElementBits == 1)
        {
            var and = instruction.Has("and");
            return lanes => MatrixMath.MultiplyBits(lanes, shape, and);
        }

        var (a, b) = Sources(instruction);
        if (result == "s32")
        {
            var saturate = instruction.Has("satfinite");
            return lanes => MatrixMath.MultiplyIntegers(lanes, shape, a[0] == 's', b[0] == 's', saturate);
        }

        var format = a switch { "f16" => NarrowFormat.Half, "bf16" => NarrowFormat.Brain, _ => NarrowFormat.Tensor };
        return result == "f16" ? lanes => MatrixMath.MultiplyHalves(lanes, shape) : lanes => MatrixMath.MultiplyReals(lanes, shape, format);
    }

    private static (string A, string B) Sources(Instruction instruction) => (instruction.Modifiers[^3], instruction.Modifiers[^2]);

    private static IEnumerable<(string Pattern, MatrixShape Shape)> Integers(int rows, int depth, int bits, string types) =>
        [Row($"{{satfinite}} s32 {types} {types} s32", rows, depth, bits)];

    private static IEnumerable<(string Pattern, MatrixShape Shape)> Bits(int rows, int depth) =>
        [Row("s32 b1 b1 s32 <xor|and> popc", rows, depth, 1)];

    private static IEnumerable<(string Pattern, MatrixShape Shape)> Halves(int depth) =>
    [
        Row("f32 f16 f16 f32", 16, depth, 16),
        Row("f16 f16 f16 f16", 16, depth, 16),
        Row("f32 bf16 bf16 f32", 16, depth, 16),
    ];

    private static (string Pattern, MatrixShape Shape) Row(string types, int rows, int depth, int bits) =>
        ($"sync aligned m{rows}n{MatrixShape.Columns}k{depth} row col {types}", new MatrixShape(rows, depth, bits));
}
