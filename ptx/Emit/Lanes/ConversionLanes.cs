using System.Reflection.Emit;
using System.Runtime.Intrinsics.X86;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Emit.Lanes;

/// <summary>Emits conversions for all lanes (PTX ISA 9.7.9.21).</summary>
/// <remarks>Those of .NET saturate, and take NaN for 0, as PTX does where a number of 32 bits becomes an integer of 32.</remarks>
internal static class ConversionLanes
{
    public static LaneForm? Find(Instruction instruction, LaneShape shape)
    {
        if (instruction.Has("sat") || instruction.Modifiers.Count(m => ScalarType.Find(m) is not null) != 2) return null;
        var (to, from) = (instruction.TypeAt(0), instruction.TypeAt(1));
        if (IsInteger(to) && IsInteger(from)) return BetweenIntegers;
        if (from == ScalarType.F32 && to.Bits == 32 && IsInteger(to)) return RealToInteger;
        if (to == ScalarType.F32 && from.Bits == 32 && IsInteger(from) && instruction.Has("rn") && (from.IsSigned || HasUnsigned(shape))) return IntegerToReal;
        if (from.IsReal && from.Bits >= 32 && IsInteger(to) && to.Bits >= 32 && HasWide(shape)) return RealToIntegerByWide;
        if (to == ScalarType.F64 && IsInteger(from) && from.Bits >= 32 && instruction.Has("rn") && HasWide(shape)) return IntegerToF64;
        if (to == ScalarType.F32 && from == ScalarType.F32) return Round;
        if (to == ScalarType.F64 && from == ScalarType.F32 && !instruction.Has("ftz")) return Widen;
        return to == ScalarType.F32 && from == ScalarType.F64 && instruction.Has("rn") && !instruction.Has("ftz") ? Narrow : null;
    }

    private static bool IsInteger(ScalarType type) => type.Class is TypeClass.Signed or TypeClass.Unsigned;

    /// <summary>Says whether integers of 64 bits are converted by an instruction.</summary>
    private static bool HasWide(LaneShape shape) => shape.Is512 ? Avx512DQ.IsSupported : Avx512DQ.VL.IsSupported;

    private static bool HasUnsigned(LaneShape shape) => shape.Is512 || Avx512F.VL.IsSupported;

    private static void BetweenIntegers(LaneEmitter emitter, Instruction instruction)
    {
        var (to, from) = (instruction.TypeAt(0), instruction.TypeAt(1));
        // The registers decide how many vectors there are; the types, what of them counts.
        var wideFrom = instruction.OperandTypes[1].Bits == 64;
        var wideTo = instruction.OperandTypes[0].Bits == 64;
        if (wideFrom && wideTo)
        {
            for (var part = 0; part < 2; part++)
            {
                emitter.Load(instruction, 1, part);
                emitter.Store(instruction, 0, part);
            }

            return;
        }

        if (wideTo)
        {
            for (var part = 0; part < 2; part++)
            {
                emitter.Load(instruction, 1, 0);
                IntegerLanes.Widen(emitter, from.IsSigned, part);
                emitter.Store(instruction, 0, part);
            }

            return;
        }

        emitter.Load(instruction, 1, 0);
        if (wideFrom)
        {
            emitter.Load(instruction, 1, 1);
            emitter.Call("Narrow", typeof(long), 2);
        }

        if (to.Bits < 32 && to.Bits < from.Bits) emitter.Narrow(to);
        emitter.Store(instruction, 0, 0);
    }

    private static void RealToInteger(LaneEmitter emitter, Instruction instruction)
    {
        var signed = instruction.TypeAt(0).IsSigned;
        LoadReal(emitter, instruction);
        RoundToInteger(emitter, instruction.Modifiers[0], typeof(float));
        emitter.Call(signed ? "ConvertToInt32" : "ConvertToUInt32", typeof(float), 1);
        if (!signed) emitter.Reinterpret(typeof(uint), typeof(int));
        emitter.Store(instruction, 0, 0);
    }

    /// <summary>Converts by way of f64 and integers of 64 bits. A NaN becomes the top bit of the target alone.</summary>
    private static void RealToIntegerByWide(LaneEmitter emitter, Instruction instruction)
    {
        var (to, from) = (instruction.TypeAt(0), instruction.TypeAt(1));
        for (var part = 0; part < 2; part++)
        {
            if (from.Bits == 64) emitter.Load(instruction, 1, part);
            else LoadReal(emitter, instruction);
            RoundToInteger(emitter, instruction.Modifiers[0], LaneShape.Element(from.Slot));
            if (from.Bits == 32) emitter.Call(part == 0 ? "WidenLower" : "WidenUpper", typeof(float), 1);
            ToWideInteger(emitter, to);
            if (to.Bits == 64) emitter.Store(instruction, 0, part);
        }

        if (to.Bits == 64) return;
        emitter.Call("Narrow", typeof(long), 2);
        emitter.Store(instruction, 0, 0);
    }

    private static void ToWideInteger(LaneEmitter emitter, ScalarType to)
    {
        var il = emitter.Il;
        var number = emitter.Scalar.Borrow(emitter.Shape.Vector(Slot.F64));
        il.Emit(OpCodes.Stloc, number);
        il.Emit(OpCodes.Ldloc, number);
        il.Emit(OpCodes.Ldloc, number);
        emitter.Call("Equals", typeof(double), 2);
        emitter.Reinterpret(Slot.F64, Slot.I64);
        il.Emit(OpCodes.Ldloc, number);
        if (to is { Bits: 64, IsSigned: false })
        {
            emitter.Call("ConvertToUInt64", typeof(double), 1);
            emitter.Reinterpret(typeof(ulong), typeof(long));
        }
        else
            emitter.Call("ConvertToInt64", typeof(double), 1);

        if (to.Bits == 32)
        {
            Clamp("Min", to.IsSigned ? int.MaxValue : uint.MaxValue);
            Clamp("Max", to.IsSigned ? int.MinValue : 0);
        }

        il.Emit(OpCodes.Ldc_I8, 1L << (to.Bits - 1));
        emitter.Call("Create", typeof(long), 1);
        emitter.Call("ConditionalSelect", typeof(long), 3);
        emitter.Scalar.GiveBack(number);

        void Clamp(string function, long bound)
        {
            il.Emit(OpCodes.Ldc_I8, bound);
            emitter.Call("Create", typeof(long), 1);
            emitter.Call(function, typeof(long), 2);
        }
    }

    private static void IntegerToF64(LaneEmitter emitter, Instruction instruction)
    {
        var from = instruction.TypeAt(1);
        var element = from.IsSigned || from.Bits == 32 ? typeof(long) : typeof(ulong);
        for (var part = 0; part < 2; part++)
        {
            emitter.Load(instruction, 1, from.Bits == 64 ? part : 0);
            if (from.Bits == 32) IntegerLanes.Widen(emitter, from.IsSigned, part);
            if (element == typeof(ulong)) emitter.Reinterpret(typeof(long), element);
            emitter.Call("ConvertToDouble", element, 1);
            emitter.Store(instruction, 0, part);
        }
    }

    private static void IntegerToReal(LaneEmitter emitter, Instruction instruction)
    {
        var signed = instruction.TypeAt(1).IsSigned;
        emitter.Load(instruction, 1, 0);
        if (!signed) emitter.Reinterpret(typeof(int), typeof(uint));
        emitter.Call("ConvertToSingle", signed ? typeof(int) : typeof(uint), 1);
        emitter.Store(instruction, 0, 0);
    }

    private static void Round(LaneEmitter emitter, Instruction instruction)
    {
        LoadReal(emitter, instruction);
        RoundToInteger(emitter, instruction.Modifiers[0], typeof(float));
        if (instruction.Has("ftz")) RealLanes.Flush(emitter);
        emitter.Store(instruction, 0, 0);
    }

    private static void Widen(LaneEmitter emitter, Instruction instruction)
    {
        for (var part = 0; part < 2; part++)
        {
            emitter.Load(instruction, 1, 0);
            emitter.Call(part == 0 ? "WidenLower" : "WidenUpper", typeof(float), 1);
            emitter.Store(instruction, 0, part);
        }
    }

    private static void Narrow(LaneEmitter emitter, Instruction instruction)
    {
        emitter.Load(instruction, 1, 0);
        emitter.Load(instruction, 1, 1);
        emitter.Call("Narrow", typeof(double), 2);
        emitter.Store(instruction, 0, 0);
    }

    private static void LoadReal(LaneEmitter emitter, Instruction instruction)
    {
        emitter.Load(instruction, 1, 0);
        if (instruction.Has("ftz")) RealLanes.Flush(emitter);
    }

    private static void RoundToInteger(LaneEmitter emitter, string rounding, Type element)
    {
        switch (rounding)
        {
            case "rni": emitter.Call("Round", element, 1); break;
            case "rzi": emitter.Call("Truncate", element, 1); break;
            case "rmi": emitter.Call("Floor", element, 1); break;
            case "rpi": emitter.Call("Ceiling", element, 1); break;
        }
    }
}
