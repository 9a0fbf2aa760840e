using System.Reflection.Emit;
using Broker.Ptx.Arithmetic;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Emit;

/// <summary>Emits conversions between types (PTX ISA 9.7.9.21).</summary>
internal static class ConversionEmission
{
    public static void BetweenIntegers(ScalarEmitter emitter, Instruction instruction)
    {
        var (to, from) = (instruction.TypeAt(0), instruction.TypeAt(1));
        emitter.Load(instruction, 1);
        if (instruction.Has("sat")) Saturate(emitter, to, from);
        else if (to.Slot == Slot.I64 && from.Slot == Slot.I32) emitter.Il.Emit(from.IsSigned ? OpCodes.Conv_I8 : OpCodes.Conv_U8);
        else if (to.Slot == Slot.I32 && from.Slot == Slot.I64) emitter.Il.Emit(OpCodes.Conv_I4);
        emitter.Store(instruction, 0);
    }

    private static void Saturate(ScalarEmitter emitter, ScalarType to, ScalarType from)
    {
        if (from.Slot == Slot.I32) emitter.Il.Emit(from.IsSigned ? OpCodes.Conv_I8 : OpCodes.Conv_U8);
        else if (!from.IsSigned)
        {
            if (to == ScalarType.U64) return;
            emitter.Call(Conversions.ClampUnsigned);
        }

        if (to is { IsSigned: true, Bits: 64 }) return;
        emitter.Call((to.IsSigned, to.Bits) switch
        {
            (true, 8) => Conversions.ClampToS8,
            (true, 16) => Conversions.ClampToS16,
            (true, _) => Conversions.ClampToS32,
            (false, 8) => Conversions.ClampToU8,
            (false, 16) => Conversions.ClampToU16,
            (false, 32) => Conversions.ClampToU32,
            _ => (Delegate)Conversions.ClampToU64,
        });
    }

    public static void RealToInteger(ScalarEmitter emitter, Instruction instruction)
    {
        var (to, from) = (instruction.TypeAt(0), instruction.TypeAt(1));
        from = LoadReal(emitter, instruction, from, to);
        // The casts truncate by themselves.
        if (!instruction.Has("rzi")) RoundToInteger(emitter, instruction.Modifiers[0], from);
        emitter.Call(from.Bits == 32 ? FromF32(to) : FromF64(to));
        emitter.Store(instruction, 0);
    }

    private static Delegate FromF32(ScalarType to) => (to.IsSigned, to.Bits) switch
    {
        (true, 8) => Conversions.F32ToS8,
        (true, 16) => Conversions.F32ToS16,
        (true, 32) => Conversions.F32ToS32,
        (true, _) => Conversions.F32ToS64,
        (false, 8) => Conversions.F32ToU8,
        (false, 16) => Conversions.F32ToU16,
        (false, 32) => Conversions.F32ToU32,
        _ => Conversions.F32ToU64,
    };

    private static Delegate FromF64(ScalarType to) => (to.IsSigned, to.Bits) switch
    {
        (true, 8) => Conversions.F64ToS8,
        (true, 16) => Conversions.F64ToS16,
        (true, 32) => Conversions.F64ToS32,
        (true, _) => Conversions.F64ToS64,
        (false, 8) => Conversions.F64ToU8,
        (false, 16) => Conversions.F64ToU16,
        (false, 32) => Conversions.F64ToU32,
        _ => Conversions.F64ToU64,
    };

    public static void IntegerToReal(ScalarEmitter emitter, Instruction instruction)
    {
        var (to, from) = (instruction.TypeAt(0), instruction.TypeAt(1));
        emitter.Load(instruction, 1);
        var rounding = instruction.Modifiers[0];
        if (to.Bits == 16)
        {
            emitter.Call(from == ScalarType.U64 ? Conversions.U64ToOdd : from.Slot == Slot.I64 ? Conversions.S64ToOdd : NearestF64(from));
            if (instruction.Has("sat")) emitter.Call(RealMath.SaturateF64);
            NarrowEmission.FromF64(emitter, to, rounding);
            emitter.Store(instruction, 0);
            return;
        }

        if (rounding != "rn")
        {
            if (from.Slot == Slot.I32) emitter.Il.Emit(from.IsSigned ? OpCodes.Conv_I8 : OpCodes.Conv_U8);
            emitter.Call(DirectedFrom(from.IsSigned, rounding, to.Bits == 32));
        }
        else
            emitter.Call(to.Bits == 64 ? NearestF64(from) : NearestF32(from));

        Finish(emitter, instruction, to);
    }

    private static Delegate NearestF32(ScalarType from) => (from.IsSigned, from.Slot) switch
    {
        (true, Slot.I32) => Conversions.S32ToF32,
        (true, _) => Conversions.S64ToF32,
        (false, Slot.I32) => Conversions.U32ToF32,
        _ => Conversions.U64ToF32,
    };

    private static Delegate NearestF64(ScalarType from) => (from.IsSigned, from.Slot) switch
    {
        (true, Slot.I32) => Conversions.S32ToF64,
        (true, _) => Conversions.S64ToF64,
        (false, Slot.I32) => Conversions.U32ToF64,
        _ => Conversions.U64ToF64,
    };

    private static Delegate DirectedFrom(bool signed, string rounding, bool single) => (signed, rounding, single) switch
    {
        (true, "rz", true) => Conversions.S64ToF32Zero,
        (true, "rm", true) => Conversions.S64ToF32Down,
        (true, _, true) => Conversions.S64ToF32Up,
        (false, "rp", true) => Conversions.U64ToF32Up,
        (false, _, true) => Conversions.U64ToF32Zero,
        (true, "rz", _) => Conversions.S64ToF64Zero,
        (true, "rm", _) => Conversions.S64ToF64Down,
        (true, _, _) => Conversions.S64ToF64Up,
        (false, "rp", _) => Conversions.U64ToF64Up,
        _ => Conversions.U64ToF64Zero,
    };

    public static void BetweenReals(ScalarEmitter emitter, Instruction instruction)
    {
        var (to, from) = (instruction.TypeAt(0), instruction.TypeAt(1));
        var held = LoadReal(emitter, instruction, from, to);
        RoundToInteger(emitter, instruction.Modifiers[0], held);
        if (to.Bits == 16)
        {
            if (instruction.Has("sat")) emitter.Call(held.Bits == 64 ? RealMath.SaturateF64 : RealMath.Saturate);
            NarrowEmission.From(emitter, instruction, to, held);
            emitter.Store(instruction, 0);
            return;
        }

        if (held.Bits < to.Bits) emitter.Il.Emit(OpCodes.Conv_R8);
        if (held.Bits > to.Bits) Narrow(emitter, instruction.Modifiers[0]);
        Finish(emitter, instruction, to);
    }

    private static void Narrow(ScalarEmitter emitter, string rounding)
    {
        switch (rounding)
        {
            case "rz": emitter.Call(Rounding.Zero); break;
            case "rm": emitter.Call(Rounding.Down); break;
            case "rp": emitter.Call(Rounding.Up); break;
            default: emitter.Il.Emit(OpCodes.Conv_R4); break;
        }
    }

    /// <summary>Leaves the source on the stack as a float, or as a double where that is what it becomes, and says which.</summary>
    private static ScalarType LoadReal(ScalarEmitter emitter, Instruction instruction, ScalarType from, ScalarType to)
    {
        emitter.Load(instruction, 1);
        if (from.Bits != 16)
        {
            if (from.Bits == 32 && instruction.Has("ftz")) emitter.Call(RealMath.Flush);
            return from;
        }

        var brain = from.Class == TypeClass.Brain;
        if (to == ScalarType.F64) emitter.Call(brain ? BrainMath.ToF64 : HalfMath.ToF64);
        else emitter.Call(brain ? BrainMath.ToF32 : HalfMath.ToF32);
        return to == ScalarType.F64 ? to : ScalarType.F32;
    }

    private static void RoundToInteger(ScalarEmitter emitter, string rounding, ScalarType type)
    {
        var single = type.Bits == 32;
        switch (rounding)
        {
            case "rni": emitter.Call(single ? Conversions.RoundEven : Conversions.RoundEvenF64); break;
            case "rzi": emitter.Call(single ? Conversions.Truncate : Conversions.TruncateF64); break;
            case "rmi": emitter.Call(single ? Conversions.Floor : Conversions.FloorF64); break;
            case "rpi": emitter.Call(single ? Conversions.Ceiling : Conversions.CeilingF64); break;
        }
    }

    private static void Finish(ScalarEmitter emitter, Instruction instruction, ScalarType to)
    {
        if (to == ScalarType.F32 && instruction.Has("ftz")) emitter.Call(RealMath.Flush);
        if (instruction.Has("sat")) emitter.Call(to.Bits == 64 ? RealMath.SaturateF64 : RealMath.Saturate);
        emitter.Store(instruction, 0);
    }
}
