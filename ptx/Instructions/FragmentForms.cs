using Broker.Ptx.Arithmetic;
using Broker.Ptx.Expansions;

namespace Broker.Ptx.Instructions;

/// <summary>Lists products of matrices that a warp loads, multiplies and stores, and their loads and stores (PTX ISA 9.7.14.4).</summary>
internal static class FragmentForms
{
    private static readonly (int Rows, int Columns, int Depth)[] Usual = [(16, 16, 16), (32, 8, 16), (8, 32, 16)];

    public static IEnumerable<InstructionForm> All => Products.SelectMany(Forms).DistinctBy(f => (f.Opcode, f.Pattern));

    private static IEnumerable<Row> Products =>
    [
        .. Usual.SelectMany(size => (Row[])
        [
            new(size, "f16", 16, "f16", "f32"),
            new(size, "bf16", 16, "f32"),
            new(size, "s8 u8", 8, "s32"),
        ]),
        new((16, 16, 8), "tf32", 32, "f32"),
        new((8, 8, 4), "f64", 64, "f64"),
        new((8, 8, 32), "s4 u4", 4, "s32"),
        new((8, 8, 128), "b1", 1, "s32"),
    ];

    private static IEnumerable<InstructionForm> Forms(Row row)
    {
        var layouts = row.Bits < 8 ? ["row"] : (string[])["row", "col"];
        foreach (var layout in layouts) yield return Load(row, "a", layout, row.Shape.RegistersOfA);
        foreach (var layout in row.Bits < 8 ? ["col"] : layouts) yield return Load(row, "b", layout, row.Shape.RegistersOfB);
        foreach (var type in row.Sums)
        {
            foreach (var layout in (string[])["row", "col"])
            {
                var matrix = Matrix(row, "c", layout, BitsOf(type));
                yield return Expansion.Form("wmma", $"load c sync aligned {layout} {row.Name} {FragmentTransfer.Spaces} {type}", $"df:{matrix.RegisterType}*{matrix.Registers} m s:u32?", matrix.Load);
                yield return Expansion.Form("wmma", $"store d sync aligned {layout} {row.Name} {FragmentTransfer.Spaces} {type}", $"m f:{matrix.RegisterType}*{matrix.Registers} s:u32?", matrix.Store);
            }
        }

        foreach (var product in Multiply(row)) yield return product;
    }

    private static InstructionForm Load(Row row, string which, string layout, int registers)
    {
        var matrix = Matrix(row, which, layout, row.Bits);
        return Expansion.Form(
            "wmma", $"load {which} sync aligned {layout} {row.Name} {FragmentTransfer.Spaces} <{row.Types.Replace(' ', '|')}>", $"df:{matrix.RegisterType}*{registers} m s:u32?", matrix.Load);
    }

    private static IEnumerable<InstructionForm> Multiply(Row row)
    {
        var layouts = row.Bits < 8 ? "row col" : "<row|col> <row|col>";
        var types = $"<{row.Types.Replace(' ', '|')}>";
        if (row.Types == "f16")
        {
            foreach (var given in row.Sums)
                foreach (var added in row.Sums)
                    yield return Product(row, $"mma sync aligned {layouts} {row.Name} {given} {added}", added == "f16", given == "f16");
            yield break;
        }

        var pattern = row.Types switch
        {
            "b1" => $"mma <xor|and> popc sync aligned {layouts} {row.Name} s32 b1 b1 s32",
            "f64" => $"mma sync aligned {layouts} {row.Name} {{rn}} f64 f64 f64 f64",
            _ => $"mma sync aligned {layouts} {row.Name} {row.Sums[0]} {types} {types} {row.Sums[0]}",
        };
        yield return Product(row, row.Sums[0] == "s32" && row.Bits > 1 ? pattern + " {satfinite}" : pattern, false, false);
    }

    private static InstructionForm Product(Row row, string pattern, bool addsHalves, bool givesHalves) =>
        MatrixForms.Product("wmma", pattern, row.Shape, addsHalves, givesHalves, instruction =>
        {
            var layouts = instruction.Modifiers.Where(m => m is "row" or "col").ToList();
            return row.Shape with { ByColumnsA = layouts[0] == "col", ByColumnsB = layouts[1] == "col" };
        });

    private static FragmentTransfer Matrix(Row row, string which, string layout, int bits)
    {
        var (rows, columns) = which switch
        {
            "a" => (row.Shape.Rows, row.Shape.Depth),
            "b" => (row.Shape.Depth, row.Shape.Columns),
            _ => (row.Shape.Rows, row.Shape.Columns),
        };
        // The lanes hold A and B as they lie in memory, C and D always row by row.
        return layout == "row" ? new(rows, columns, bits, false) : which == "c" ? new(rows, columns, bits, true) : new(columns, rows, bits, false);
    }

    private static int BitsOf(string type) => type switch { "f16" => 16, "f64" => 64, _ => 32 };

    private sealed record Row((int Rows, int Columns, int Depth) Size, string Types, int Bits, params string[] Sums)
    {
        public string Name => $"m{Size.Rows}n{Size.Columns}k{Size.Depth}";

        public FragmentShape Shape => new(Size.Rows, Size.Columns, Size.Depth, Bits, false, false) { IsHalf = Types == "f16" };
    }
}
