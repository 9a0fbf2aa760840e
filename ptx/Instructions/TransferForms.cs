using Broker.Ptx.Arithmetic;
using Broker.Ptx.Expansions;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Instructions;

/// <summary>Lists how a warp moves matrices of 8 x 8 halves between its registers and memory (PTX ISA 9.7.14.5.15 to 9.7.14.5.17).</summary>
/// <remarks>
/// A row of 16 bytes is loaded or stored by the thread that has its address, as any other vector; what the lanes do
/// together is to deal the rows out, or to collect them.
/// </remarks>
internal static class TransferForms
{
    // Of a row of 8 halves.
    private const int RowRegisters = 4;

    private const string Form = "sync aligned m8n8";
    private const string Space = "{shared|shared::cta} b16";

    public static IEnumerable<InstructionForm> All =>
    [
        .. ((int[])[1, 2, 4]).Select(Load),
        .. ((int[])[1, 2, 4]).Select(Store),
        Copying("movmatrix", $"{Form} trans b16", 1, 1, TransferMath.Transpose),
    ];

    private static InstructionForm Load(int matrices)
    {
        var pattern = $"{Form} x{matrices} {{trans}} {Space}";
        var deal = Copying("ldmatrix", pattern, matrices, RowRegisters, lanes => TransferMath.DealRows(lanes, matrices), lanes => TransferMath.DealColumns(lanes, matrices));
        return Expansion.Form("ldmatrix", pattern, $"df:b32*{matrices} m", (expansion, instruction) =>
        {
            var row = Expansion.Registers(RowRegisters, ScalarType.B32);
            expansion.AddIf(HasRow(expansion, matrices), $"ld{SpaceOf(instruction)}.v4.b32", row, instruction.Operands[1]);
            expansion.Add(deal, instruction.Operands[0], row);
        });
    }

    private static InstructionForm Store(int matrices)
    {
        var pattern = $"{Form} x{matrices} {{trans}} {Space}";
        var collect = Copying("stmatrix", pattern, RowRegisters, matrices, lanes => TransferMath.CollectRows(lanes, matrices), lanes => TransferMath.CollectColumns(lanes, matrices));
        return Expansion.Form("stmatrix", pattern, $"m f:b32*{matrices}", (expansion, instruction) =>
        {
            var row = Expansion.Registers(RowRegisters, ScalarType.B32);
            expansion.Add(collect, row, instruction.Operands[1]);
            expansion.AddIf(HasRow(expansion, matrices), $"st{SpaceOf(instruction)}.v4.b32", instruction.Operands[0], row);
        });
    }

    private static InstructionForm Copying(string opcode, string pattern, int results, int sources, WarpOperation operation, WarpOperation? transposed = null)
    {
        var flow = ControlForms.Flow(opcode, pattern, $"df:b32*{results} f:b32*{sources}");
        return flow with { Traits = flow.Traits | Traits.Copies, Collective = i => transposed is not null && i.Has("trans") ? transposed : operation };
    }

    /// <summary>Gives whether a thread has the address of a row; null where all have.</summary>
    private static RegisterOperand? HasRow(Expansion expansion, int matrices) =>
        matrices == 4 ? null : expansion.IsBelow(expansion.Lane(), Expansion.Number(TransferMath.Rows * matrices));

    private static string SpaceOf(Instruction instruction) => MemoryAccess.SpaceOf(instruction) == StateSpace.Shared ? ".shared" : "";
}
