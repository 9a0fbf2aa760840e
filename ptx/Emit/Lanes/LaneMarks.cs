using System.Numerics;
using System.Reflection.Emit;
using Broker.Ptx.Audit;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Emit.Lanes;

/// <summary>Emits what an audited block notes where its threads run as lanes: <see cref="AccessMarks"/> for vectors.</summary>
internal static class LaneMarks
{
    /// <summary>Notes an access of lanes whose places lie side by side.</summary>
    /// <param name="place">The local with where the first lane's place lies, whether that lane runs or not.</param>
    public static void MarkSideBySide(LaneEmitter emitter, Instruction instruction, ScalarType type, LocalBuilder place)
    {
        if (emitter.Marks is not { } marks) return;
        var (first, last) = (emitter.Scalar.Borrow(typeof(nint)), emitter.Scalar.Borrow(typeof(nint)));
        LoadLanePlace(emitter, place, type, ((Func<int, int>)BitOperations.TrailingZeroCount).Method);
        emitter.Il.Emit(OpCodes.Stloc, first);
        LoadLanePlace(emitter, place, type, ((Func<uint, int>)BitOperations.Log2).Method);
        emitter.Il.Emit(OpCodes.Stloc, last);
        marks.MarkAccess(emitter.Scalar, instruction, [first, last], mark => MarkBytes(emitter, type, place, mark));
        emitter.Scalar.GiveBack(first, last);
    }

    /// <summary>Notes what an instruction looks at before it runs.</summary>
    public static void MarkOperands(LaneEmitter emitter, Instruction instruction)
    {
        if (emitter.Marks is not { } marks) return;
        foreach (var register in marks.ObservedBy(instruction))
        {
            if (emitter.IsVector(register)) CheckBits(emitter, marks, register, instruction.Line);
            else marks.CheckBits(emitter.Scalar, register, instruction.Line);
        }
    }

    private static void LoadLanePlace(LaneEmitter emitter, LocalBuilder place, ScalarType type, System.Reflection.MethodInfo laneOf)
    {
        emitter.Il.Emit(OpCodes.Ldloc, place);
        emitter.LoadBits();
        emitter.Il.Emit(OpCodes.Call, laneOf);
        emitter.Il.Emit(OpCodes.Ldc_I4, type.Bytes);
        emitter.Il.Emit(OpCodes.Mul);
        emitter.Il.Emit(OpCodes.Conv_I);
        emitter.Il.Emit(OpCodes.Add);
    }

    private static void MarkBytes(LaneEmitter emitter, ScalarType type, LocalBuilder place, byte mark)
    {
        var slot = LaneShape.Parts(type.Slot) == 2 ? Slot.I64 : Slot.I32;
        for (var part = 0; part < LaneShape.Parts(slot); part++)
        {
            if (!emitter.Masked) LoadMarks();
            LaneMemory.LoadPart(emitter, place, part);
            AccessMarks.LoadShadow(emitter.Il);
            if (!emitter.Masked)
            {
                emitter.Il.Emit(OpCodes.Call, emitter.Shape.Store(LaneShape.Element(slot)));
                continue;
            }

            emitter.LoadActive(slot, part);
            LoadMarks();
            emitter.Il.Emit(OpCodes.Call, LaneMemory.Masked("MaskStore", emitter.Shape, slot));
        }

        void LoadMarks()
        {
            emitter.Il.Emit(OpCodes.Ldc_I4, mark * 0x0101_0101);
            emitter.Call("Create", typeof(int), 1);
            emitter.Reinterpret(Slot.I32, slot);
        }
    }

    /// <summary>Looks at all lanes at once, and at each only where one may hold bits of a NaN.</summary>
    private static void CheckBits(LaneEmitter emitter, AccessMarks marks, Register register, int line)
    {
        var il = emitter.Il;
        var (checkEach, none) = (il.DefineLabel(), il.DefineLabel());
        var bits = new ScalarType(TypeClass.Bits, register.Type.Bits);
        var kinds = marks.KindsOf(register);
        for (var part = 0; part < LaneShape.Parts(bits.Slot); part++)
        {
            if (kinds.HasFlag(RealBits.F32)) BranchIfAny(part, typeof(int), () => il.Emit(OpCodes.Ldc_I4, NaN.F32));
            if (kinds.HasFlag(RealBits.F64) && bits.Bits == 64) BranchIfAny(part, typeof(long), () => il.Emit(OpCodes.Ldc_I8, NaN.F64));
            if (kinds.HasFlag(RealBits.Half)) BranchIfAny(part, typeof(short), () => il.Emit(OpCodes.Ldc_I4, (int)NaN.Half));
        }

        il.Emit(OpCodes.Br, none);
        il.MarkLabel(checkEach);
        emitter.TakeTurns([register], [], true, () => marks.CheckBits(emitter.Scalar, register, line));
        il.MarkLabel(none);

        void BranchIfAny(int part, Type element, Action loadNaN)
        {
            emitter.LoadObserved(new RegisterOperand(register), bits, part);
            emitter.Reinterpret(LaneShape.Element(bits.Slot), element);
            loadNaN();
            emitter.Call("Create", element, 1);
            emitter.Call("EqualsAny", element, 2);
            il.Emit(OpCodes.Brtrue, checkEach);
        }
    }
}
