using System.Reflection.Emit;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Emit;

/// <summary>Emits loads and stores (PTX ISA 9.7.9.8 and 9.7.9.11).</summary>
internal static class MemoryEmission
{
    public static void Load(ScalarEmitter emitter, Instruction instruction)
    {
        var type = instruction.OperandTypes[0];
        emitter.LoadHostAddress(instruction, (AddressOperand)instruction.Operands[1]);
        if (instruction.Operands[0] is not VectorOperand vector)
        {
            LoadIndirect(emitter.Il, instruction, type);
            emitter.Store(instruction, 0);
            return;
        }

        var place = emitter.Borrow(typeof(nint));
        emitter.Il.Emit(OpCodes.Stloc, place);
        for (var i = 0; i < vector.Elements.Count; i++)
        {
            LoadElement(emitter.Il, place, i * type.Bytes);
            LoadIndirect(emitter.Il, instruction, type);
            emitter.StoreTo(vector.Elements[i], type, copies: true);
        }

        emitter.GiveBack(place);
    }

    public static void Store(ScalarEmitter emitter, Instruction instruction)
    {
        var type = instruction.OperandTypes[1];
        emitter.LoadHostAddress(instruction, (AddressOperand)instruction.Operands[0]);
        if (instruction.Operands[1] is not VectorOperand vector)
        {
            emitter.Load(instruction, 1);
            StoreIndirect(emitter.Il, instruction, type);
            return;
        }

        var place = emitter.Borrow(typeof(nint));
        emitter.Il.Emit(OpCodes.Stloc, place);
        for (var i = 0; i < vector.Elements.Count; i++)
        {
            LoadElement(emitter.Il, place, i * type.Bytes);
            emitter.LoadObserved(vector.Elements[i], type);
            StoreIndirect(emitter.Il, instruction, type);
        }

        emitter.GiveBack(place);
    }

    public static void LoadElement(ILGenerator il, LocalBuilder place, int offset)
    {
        il.Emit(OpCodes.Ldloc, place);
        if (offset == 0) return;
        il.Emit(OpCodes.Ldc_I4, offset);
        il.Emit(OpCodes.Add);
    }

    public static void LoadIndirect(ILGenerator il, Instruction instruction, ScalarType type)
    {
        if (IsVolatile(instruction)) il.Emit(OpCodes.Volatile);
        il.Emit((type.Slot, type.Bits, type.IsSigned) switch
        {
            (Slot.F32, _, _) => OpCodes.Ldind_R4,
            (Slot.F64, _, _) => OpCodes.Ldind_R8,
            (Slot.I64, _, _) => OpCodes.Ldind_I8,
            (_, 8, true) => OpCodes.Ldind_I1,
            (_, 8, false) => OpCodes.Ldind_U1,
            (_, 16, true) => OpCodes.Ldind_I2,
            (_, 16, false) => OpCodes.Ldind_U2,
            _ => OpCodes.Ldind_I4,
        });
    }

    public static void StoreIndirect(ILGenerator il, Instruction instruction, ScalarType type)
    {
        if (IsVolatile(instruction)) il.Emit(OpCodes.Volatile);
        il.Emit((type.Slot, type.Bits) switch
        {
            (Slot.F32, _) => OpCodes.Stind_R4,
            (Slot.F64, _) => OpCodes.Stind_R8,
            (Slot.I64, _) => OpCodes.Stind_I8,
            (_, 8) => OpCodes.Stind_I1,
            (_, 16) => OpCodes.Stind_I2,
            _ => OpCodes.Stind_I4,
        });
    }

    public static bool IsVolatile(Instruction instruction) =>
        instruction.Modifiers.Any(m => m is "volatile" or "relaxed" or "acquire" or "release" or "cv" or "wt");
}
