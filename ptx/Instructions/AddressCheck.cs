using Broker.Ptx.Syntax;

namespace Broker.Ptx.Instructions;

/// <summary>Holds the place in memory that an instruction names against its state space.</summary>
internal static class AddressCheck
{
    public static PtxError? Find(Instruction instruction, StateSpace space, Operand operand)
    {
        if (operand is not AddressOperand address) return InstructionTable.Malformed(instruction, "wants an address in brackets");
        return address.Base switch
        {
            RegisterOperand { Register: { Type: { IsReal: false, Bits: 32 or 64 } } } => null,
            RegisterOperand register => InstructionTable.Malformed(instruction, $"cannot take {register.Register} as an address"),
            ImmediateOperand { Value.Kind: LiteralKind.Integer } => null,
            SymbolOperand symbol => FindSymbol(instruction, symbol) ?? FindSpace(instruction, space, symbol.Variable) ?? FindBounds(instruction, symbol.Variable, address.Offset),
            _ => InstructionTable.Malformed(instruction, "cannot take this as an address"),
        };
    }

    public static PtxError? FindSymbol(Instruction instruction, SymbolOperand symbol) =>
        symbol.Variable is { IsExtern: true, Space: not StateSpace.Shared }
            ? InstructionTable.NotSupported(instruction, $"'{symbol.Variable.Name}', which another module defines")
            : null;

    private static PtxError? FindSpace(Instruction instruction, StateSpace space, Variable variable) =>
        space == StateSpace.Generic || space == variable.Space
            ? null
            : InstructionTable.Malformed(instruction, $"cannot reach '{variable.Name}', which is in another state space");

    /// <summary>Finds a parameter access that leaves its parameter: only these have no check at run time.</summary>
    private static PtxError? FindBounds(Instruction instruction, Variable variable, long offset)
    {
        if (variable.Space != StateSpace.Parameter || instruction.Opcode is not ("ld" or "st")) return null;
        var access = MemoryAccess.Of(instruction);
        if (offset < 0 || offset + access.Bytes > variable.Bytes)
            return InstructionTable.Malformed(instruction, $"leaves the parameter '{variable.Name}' of {variable.Bytes} bytes");
        return (offset & (access.Bytes - 1)) != 0
            ? InstructionTable.Malformed(instruction, $"is misaligned in the parameter '{variable.Name}'")
            : null;
    }
}
