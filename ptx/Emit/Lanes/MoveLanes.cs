using Broker.Ptx.Running;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Emit.Lanes;

/// <summary>Emits moves, conversions between address spaces, and the logic of predicates for all lanes.</summary>
internal static class MoveLanes
{
    public static LaneForm? Find(Instruction instruction)
    {
        if (instruction.Opcode == "mov") return instruction.Type == ScalarType.Predicate ? FindLogic(instruction) : Move;
        // The windows of shared and local memory are added or taken off.
        if (instruction.Type.Bits != 64) return null;
        var window = instruction.Has("shared") || instruction.Has("shared::cta") ? AddressMap.SharedWindow
            : instruction.Has("local") ? AddressMap.LocalWindow
            : 0;
        return (emitter, i) => Shift(emitter, i, i.Has("to") ? -(long)window : (long)window);
    }

    /// <summary>Finds an operation of predicates.</summary>
    public static LaneForm? FindLogic(Instruction instruction) => instruction.Opcode switch
    {
        "mov" => (e, i) => Combine(e, i, null),
        "not" => (e, i) => Combine(e, i, "OnesComplement"),
        "and" => (e, i) => Combine(e, i, "BitwiseAnd"),
        "or" => (e, i) => Combine(e, i, "BitwiseOr"),
        "xor" => (e, i) => Combine(e, i, "Xor"),
        _ => null,
    };

    private static void Combine(LaneEmitter emitter, Instruction instruction, string? function)
    {
        for (var i = 1; i < instruction.Operands.Count; i++) emitter.LoadMask(instruction.Operands[i]);
        if (function is not null) emitter.Call(function, typeof(int), instruction.Operands.Count - 1);
        emitter.StoreMask(instruction.Operands[0]);
    }

    private static void Move(LaneEmitter emitter, Instruction instruction)
    {
        for (var part = 0; part < LaneShape.Parts(instruction.OperandTypes[0].Slot); part++)
        {
            emitter.Load(instruction, 1, part);
            emitter.Store(instruction, 0, part);
        }
    }

    private static void Shift(LaneEmitter emitter, Instruction instruction, long distance)
    {
        for (var part = 0; part < 2; part++)
        {
            emitter.Load(instruction, 1, part);
            if (distance != 0)
            {
                emitter.Il.Emit(System.Reflection.Emit.OpCodes.Ldc_I8, distance);
                emitter.Call("Create", typeof(long), 1);
                emitter.Call("Add", typeof(long), 2);
            }

            emitter.Store(instruction, 0, part);
        }
    }
}
