using System.Reflection.Emit;
using System.Runtime.Intrinsics.X86;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Emit.Lanes;

/// <summary>Emits loads and stores of lanes whose places lie side by side.</summary>
internal static class LaneMemory
{
    /// <returns>False where the lanes have to take turns, or where all of them touch the same place.</returns>
    public static bool Emit(LaneEmitter emitter, Instruction instruction)
    {
        switch (instruction.Opcode)
        {
            case "ld" or "ldu" when emitter.IsSideBySide(instruction): Load(emitter, instruction); return true;
            case "st" when emitter.IsSideBySide(instruction): Store(emitter, instruction); return true;
            case "st" when instruction.Operands.All(o => emitter.ClassOf(o).IsUniform): emitter.Scalar.Emit(instruction); return true;
            case "ld" or "ldu" when emitter.ClassOf(instruction.Operands[1]).IsUniform: return false;
            default: return ScatteredLanes.TryEmit(emitter, instruction);
        }
    }

    private static void Load(LaneEmitter emitter, Instruction instruction)
    {
        var type = instruction.OperandTypes[0];
        var place = emitter.Scalar.Borrow(typeof(nint));
        emitter.LoadSideBySide(instruction, (AddressOperand)instruction.Operands[1]);
        emitter.Il.Emit(OpCodes.Stloc, place);
        LaneMarks.MarkSideBySide(emitter, instruction, type, place);
        for (var part = 0; part < LaneShape.Parts(type.Slot); part++)
        {
            LoadPart(emitter, place, part);
            if (!emitter.Masked) emitter.Il.Emit(OpCodes.Call, emitter.Shape.Load(LaneShape.Element(type.Slot)));
            else LoadMasked(emitter, type.Slot, part);
            emitter.Store(instruction, 0, part);
        }

        emitter.Scalar.GiveBack(place);
    }

    private static void Store(LaneEmitter emitter, Instruction instruction)
    {
        var type = instruction.OperandTypes[1];
        var place = emitter.Scalar.Borrow(typeof(nint));
        emitter.LoadSideBySide(instruction, (AddressOperand)instruction.Operands[0]);
        emitter.Il.Emit(OpCodes.Stloc, place);
        LaneMarks.MarkSideBySide(emitter, instruction, type, place);
        for (var part = 0; part < LaneShape.Parts(type.Slot); part++)
        {
            if (emitter.Masked)
            {
                LoadPart(emitter, place, part);
                emitter.LoadActive(type.Slot, part);
                emitter.Load(instruction, 1, part);
                emitter.Il.Emit(OpCodes.Call, Masked("MaskStore", emitter.Shape, type.Slot));
                continue;
            }

            emitter.Load(instruction, 1, part);
            LoadPart(emitter, place, part);
            emitter.Il.Emit(OpCodes.Call, emitter.Shape.Store(LaneShape.Element(type.Slot)));
        }

        emitter.Scalar.GiveBack(place);
    }

    public static void LoadPart(LaneEmitter emitter, LocalBuilder place, int part)
    {
        emitter.Il.Emit(OpCodes.Ldloc, place);
        if (part == 0) return;
        emitter.Il.Emit(OpCodes.Ldc_I4, emitter.Shape.VectorBytes);
        emitter.Il.Emit(OpCodes.Add);
    }

    private static void LoadMasked(LaneEmitter emitter, Slot slot, int part)
    {
        emitter.LoadActive(slot, part);
        if (emitter.Shape.Is512)
        {
            if (slot is Slot.F32) emitter.Il.Emit(OpCodes.Ldc_R4, 0f);
            else if (slot is Slot.F64) emitter.Il.Emit(OpCodes.Ldc_R8, 0d);
            else if (slot is Slot.I64) emitter.Il.Emit(OpCodes.Ldc_I8, 0L);
            else emitter.Il.Emit(OpCodes.Ldc_I4_0);
            emitter.Call("Create", slot, 1);
        }

        emitter.Il.Emit(OpCodes.Call, Masked("MaskLoad", emitter.Shape, slot));
    }

    public static System.Reflection.MethodInfo Masked(string name, LaneShape shape, Slot slot)
    {
        var owner = shape.Is512 ? typeof(Avx512F) : slot is Slot.F32 or Slot.F64 ? typeof(Avx) : typeof(Avx2);
        return owner.GetMethods().First(m => m.Name == name
            && m.GetParameters()[0].ParameterType == LaneShape.Element(slot).MakePointerType()
            && m.GetParameters()[1].ParameterType == shape.Vector(slot));
    }
}
