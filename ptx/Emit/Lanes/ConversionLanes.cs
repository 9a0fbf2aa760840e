using System.Runtime.Intrinsics.X86;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Emit.Lanes;

/// <summary>Emits conversions for all lanes (PTX ISA 9.7.9.21): those of .NET saturate, and take NaN for 0, as PTX does for 32 bits.</summary>
internal static class ConversionLanes
{
    public static LaneForm? Find(Instruction instruction, LaneShape shape)
    {
        if (instruction.Has("sat") || instruction.Modifiers.Count(m => ScalarType.Find(m) is not null) != 2) return null;
        var (to, from) = (instruction.TypeAt(0), instruction.TypeAt(1));
        if (IsInteger(to) && IsInteger(from)) return BetweenIntegers;
        if (from == ScalarType.F32 && to.Bits == 32 && IsInteger(to)) return RealToInteger;
        if (to == ScalarType.F32 && from.Bits == 32 && IsInteger(from) && instruction.Has("rn") && (from.IsSigned || HasUnsigned(shape))) return IntegerToReal;
        if (to == ScalarType.F32 && from == ScalarType.F32) return Round;
        if (to == ScalarType.F64 && from == ScalarType.F32 && !instruction.Has("ftz")) return Widen;
        return to == ScalarType.F32 && from == ScalarType.F64 && instruction.Has("rn") && !instruction.Has("ftz") ? Narrow : null;
    }

    private static bool IsInteger(ScalarType type) => type.Class is TypeClass.Signed or TypeClass.Unsigned;

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
        RoundToInteger(emitter, instruction.Modifiers[0]);
        emitter.Call(signed ? "ConvertToInt32" : "ConvertToUInt32", typeof(float), 1);
        if (!signed) emitter.Reinterpret(typeof(uint), typeof(int));
        emitter.Store(instruction, 0, 0);
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
        RoundToInteger(emitter, instruction.Modifiers[0]);
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

    private static void RoundToInteger(LaneEmitter emitter, string rounding)
    {
        switch (rounding)
        {
            case "rni": emitter.Call("Round", typeof(float), 1); break;
            case "rzi": emitter.Call("Truncate", typeof(float), 1); break;
            case "rmi": emitter.Call("Floor", typeof(float), 1); break;
            case "rpi": emitter.Call("Ceiling", typeof(float), 1); break;
        }
    }
}
