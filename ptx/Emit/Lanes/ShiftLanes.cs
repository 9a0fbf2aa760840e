using System.Reflection.Emit;
using System.Runtime.Intrinsics.X86;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Emit.Lanes;

/// <summary>Emits shifts for all lanes (PTX ISA 9.7.8): those of vectors clamp their counts just as PTX does.</summary>
internal static class ShiftLanes
{
    public static LaneForm? Find(Instruction instruction, LaneShape shape)
    {
        var type = instruction.OperandTypes[0];
        if (type.Bits < 32) return null;
        if (instruction.Opcode == "shf") return instruction.Operands[3] is ImmediateOperand ? Funnel : null;
        if (instruction.Operands[2] is ImmediateOperand) return ByNumber;
        return type is { Bits: 64, IsSigned: true } && !LaneForms.HasVariableArithmeticShift64(shape) ? null : ByLane;
    }

    private static string Function(Instruction instruction) =>
        instruction.Opcode == "shl" ? "ShiftLeft" : instruction.Type.IsSigned ? "ShiftRightArithmetic" : "ShiftRightLogical";

    private static void ByNumber(LaneEmitter emitter, Instruction instruction)
    {
        var type = instruction.OperandTypes[0];
        var count = (uint)((ImmediateOperand)instruction.Operands[2]).Value.Bits;
        for (var part = 0; part < LaneShape.Parts(type.Slot); part++)
        {
            emitter.Load(instruction, 1, part);
            Shift(emitter, Function(instruction), type, count);
            emitter.Store(instruction, 0, part);
        }
    }

    private static void Shift(LaneEmitter emitter, string function, ScalarType type, uint count)
    {
        var arithmetic = function == "ShiftRightArithmetic";
        if (count >= type.Bits && !arithmetic)
        {
            emitter.Il.Emit(OpCodes.Pop);
            if (type.Bits == 64) emitter.Il.Emit(OpCodes.Ldc_I8, 0L);
            else emitter.Il.Emit(OpCodes.Ldc_I4_0);
            emitter.Call("Create", type.Slot, 1);
            return;
        }

        emitter.Il.Emit(OpCodes.Ldc_I4, (int)Math.Min(count, (uint)type.Bits - 1));
        emitter.Call(function, type.Slot, 2);
    }

    private static void ByLane(LaneEmitter emitter, Instruction instruction)
    {
        var type = instruction.OperandTypes[0];
        var name = instruction.Opcode == "shl" ? nameof(Avx2.ShiftLeftLogicalVariable)
            : instruction.Type.IsSigned ? nameof(Avx2.ShiftRightArithmeticVariable)
            : nameof(Avx2.ShiftRightLogicalVariable);
        var owner = emitter.Shape.Is512 ? typeof(Avx512F) : type is { Bits: 64, IsSigned: true } ? typeof(Avx512F.VL) : typeof(Avx2);
        var function = owner.GetMethods().First(m => m.Name == name && m.GetParameters()[0].ParameterType == emitter.Shape.Vector(type.Slot));
        for (var part = 0; part < LaneShape.Parts(type.Slot); part++)
        {
            emitter.Load(instruction, 1, part);
            emitter.Load(instruction.Operands[2], ScalarType.U32, 0, false);
            emitter.Reinterpret(typeof(int), typeof(uint));
            if (type.Bits == 64) emitter.Call(part == 0 ? "WidenLower" : "WidenUpper", typeof(uint), 1);
            emitter.Il.Emit(OpCodes.Call, function);
            emitter.Store(instruction, 0, part);
        }
    }

    /// <summary>Takes 32 of the 64 bits that two words make, from a fixed place on.</summary>
    private static void Funnel(LaneEmitter emitter, Instruction instruction)
    {
        var number = (uint)((ImmediateOperand)instruction.Operands[3]).Value.Bits;
        var count = instruction.Has("wrap") ? number & 31 : Math.Min(number, 32);
        // Both words are shifted, and joined: to the left by the count, or by what is left of it.
        var left = instruction.Has("l") ? count : 32 - count;
        emitter.Load(instruction, 2, 0);
        Shift(emitter, "ShiftLeft", ScalarType.U32, left);
        emitter.Load(instruction, 1, 0);
        Shift(emitter, "ShiftRightLogical", ScalarType.U32, 32 - left);
        emitter.Call("BitwiseOr", typeof(int), 2);
        emitter.Store(instruction, 0, 0);
    }
}
