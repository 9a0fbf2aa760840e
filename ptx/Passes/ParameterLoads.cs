using System.Buffers.Binary;
using Broker.Ptx.Emit;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Passes;

/// <summary>Finds the loads of parameters that are integers: what they give is known of a launch before it starts.</summary>
internal static class ParameterLoads
{
    public static IReadOnlyList<Instruction> Find(KernelPlan plan) =>
        [.. plan.Blocks.SelectMany(b => b.Instructions).Where(i => PlaceOf(i, plan) is not null)];

    /// <summary>Gives the bits that such a load reads in a launch.</summary>
    public static ulong Read(Instruction load, KernelPlan plan, ReadOnlySpan<byte> parameters)
    {
        var bytes = parameters[PlaceOf(load, plan)!.Value..];
        return load.OperandTypes[0].Bits == 64 ? BinaryPrimitives.ReadUInt64LittleEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }

    /// <summary>Gives where among the parameters a load reads its integer, or null where it does something else.</summary>
    public static int? PlaceOf(Instruction load, KernelPlan plan) =>
        load is { Opcode: "ld", Operands: [RegisterOperand, AddressOperand { Base: SymbolOperand symbol } place] }
            && load.OperandTypes[0] is { IsReal: false, Bits: 32 or 64 }
            && plan.Memory.Places.TryGetValue(symbol.Variable, out var home) && home.Space == StateSpace.Parameter
            ? (int)(home.Offset + place.Offset)
            : null;
}
