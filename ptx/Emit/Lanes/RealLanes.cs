using System.Reflection.Emit;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Emit.Lanes;

/// <summary>Emits the arithmetic of f32 and f64 for all lanes (PTX ISA 9.7.3), rounded to nearest.</summary>
internal static class RealLanes
{
    public static LaneForm? Find(Instruction instruction)
    {
        // Anything but these changes the operation: other roundings, approximations, .relu.
        if (instruction.Modifiers.Any(m => m is not ("rn" or "ftz" or "sat" or "f32" or "f64"))) return null;
        if (instruction.OperandTypes.Any(t => t != instruction.OperandTypes[0])) return null;
        return (instruction.Opcode, instruction.Operands.Count) switch
        {
            ("add", 3) => Apply("Add"),
            ("sub", 3) => Apply("Subtract"),
            ("mul", 3) => Apply("Multiply"),
            ("fma" or "mad", 4) => Apply("FusedMultiplyAdd"),
            ("div", 3) => Apply("Divide"),
            ("sqrt", 2) => Apply("Sqrt"),
            ("rcp", 2) => Map(Reciprocal),
            ("neg", 2) => Apply("Negate"),
            ("abs", 2) => Apply("Abs"),
            ("min", 3) => Apply("MinNumber"),
            ("max", 3) => Apply("MaxNumber"),
            _ => null,
        };
    }

    private static LaneForm Apply(string function) =>
        Map((emitter, instruction) => emitter.Call(function, instruction.OperandTypes[0].Slot, instruction.Operands.Count - 1));

    private static LaneForm Map(Action<LaneEmitter, Instruction> operation) => (emitter, instruction) =>
    {
        var type = instruction.OperandTypes[0];
        var flush = instruction.Has("ftz") && type == ScalarType.F32;
        for (var part = 0; part < LaneShape.Parts(type.Slot); part++)
        {
            for (var i = 1; i < instruction.Operands.Count; i++)
            {
                emitter.Load(instruction, i, part);
                if (flush) Flush(emitter);
            }

            operation(emitter, instruction);
            if (flush) Flush(emitter);
            if (instruction.Has("sat")) Saturate(emitter, type.Slot);
            emitter.Store(instruction, 0, part);
        }
    };

    private static void Reciprocal(LaneEmitter emitter, Instruction instruction)
    {
        var slot = instruction.OperandTypes[0].Slot;
        var value = emitter.Scalar.Borrow(emitter.Shape.Vector(slot));
        emitter.Il.Emit(OpCodes.Stloc, value);
        LoadOne(emitter, slot);
        emitter.Il.Emit(OpCodes.Ldloc, value);
        emitter.Call("Divide", slot, 2);
        emitter.Scalar.GiveBack(value);
    }

    /// <summary>Turns subnormal numbers into zeros of the same sign.</summary>
    public static void Flush(LaneEmitter emitter)
    {
        var value = emitter.Scalar.Borrow(emitter.Shape.Vector(Slot.I32));
        emitter.Reinterpret(Slot.F32, Slot.I32);
        emitter.Il.Emit(OpCodes.Stloc, value);
        And(0x7f80_0000);
        emitter.Il.Emit(OpCodes.Ldc_I4_0);
        emitter.Call("Create", typeof(int), 1);
        emitter.Call("Equals", typeof(int), 2);
        And(int.MinValue);
        emitter.Il.Emit(OpCodes.Ldloc, value);
        emitter.Call("ConditionalSelect", typeof(int), 3);
        emitter.Reinterpret(Slot.I32, Slot.F32);
        emitter.Scalar.GiveBack(value);

        void And(int mask)
        {
            emitter.Il.Emit(OpCodes.Ldloc, value);
            emitter.Il.Emit(OpCodes.Ldc_I4, mask);
            emitter.Call("Create", typeof(int), 1);
            emitter.Call("BitwiseAnd", typeof(int), 2);
        }
    }

    /// <summary>Brings numbers into [0, 1]; NaN becomes +0.</summary>
    public static void Saturate(LaneEmitter emitter, Slot slot)
    {
        var value = emitter.Scalar.Borrow(emitter.Shape.Vector(slot));
        emitter.Il.Emit(OpCodes.Stloc, value);
        // value > 0 ? (value < 1 ? value : 1) : 0
        emitter.Il.Emit(OpCodes.Ldloc, value);
        LoadZero(emitter, slot);
        emitter.Call("GreaterThan", slot, 2);
        emitter.Il.Emit(OpCodes.Ldloc, value);
        LoadOne(emitter, slot);
        emitter.Call("LessThan", slot, 2);
        emitter.Il.Emit(OpCodes.Ldloc, value);
        LoadOne(emitter, slot);
        emitter.Call("ConditionalSelect", slot, 3);
        LoadZero(emitter, slot);
        emitter.Call("ConditionalSelect", slot, 3);
        emitter.Scalar.GiveBack(value);
    }

    private static void LoadOne(LaneEmitter emitter, Slot slot) => LoadNumber(emitter, slot, 1);

    private static void LoadZero(LaneEmitter emitter, Slot slot) => LoadNumber(emitter, slot, 0);

    private static void LoadNumber(LaneEmitter emitter, Slot slot, float number)
    {
        if (slot == Slot.F32) emitter.Il.Emit(OpCodes.Ldc_R4, number);
        else emitter.Il.Emit(OpCodes.Ldc_R8, (double)number);
        emitter.Call("Create", slot, 1);
    }
}
