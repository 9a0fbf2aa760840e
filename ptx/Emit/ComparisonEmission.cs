using System.Reflection.Emit;
using Broker.Ptx.Arithmetic;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Emit;

/// <summary>Emits comparisons (PTX ISA 9.7.6).</summary>
internal static class ComparisonEmission
{
    private const int HalfOne = 0x3c00, BrainOne = 0x3f80;

    public static void SetPredicate(ScalarEmitter emitter, Instruction instruction)
    {
        Compare(emitter, instruction, 0);
        if (instruction.Operands[0] is not PairOperand pair)
        {
            Combine(emitter, instruction);
            emitter.StorePredicate(instruction.Operands[0]);
            return;
        }

        // The second result is the negated comparison, or that of the upper halves, combined alike. Both are formed first: they may overwrite an operand.
        var (compared, first) = (emitter.Borrow(Slot.I32), emitter.Borrow(Slot.I32));
        emitter.Il.Emit(OpCodes.Stloc, compared);
        emitter.Il.Emit(OpCodes.Ldloc, compared);
        Combine(emitter, instruction);
        emitter.Il.Emit(OpCodes.Stloc, first);
        if (HalfEmission.IsPacked(instruction)) Compare(emitter, instruction, 1);
        else
        {
            emitter.Il.Emit(OpCodes.Ldloc, compared);
            Not(emitter.Il);
        }

        Combine(emitter, instruction);
        emitter.StorePredicate(pair.Second);
        emitter.Il.Emit(OpCodes.Ldloc, first);
        emitter.StorePredicate(pair.First);
        emitter.GiveBack(compared, first);
    }

    public static void Set(ScalarEmitter emitter, Instruction instruction)
    {
        Compare(emitter, instruction, 0);
        Combine(emitter, instruction);
        Widen(emitter.Il, instruction);
        emitter.Store(instruction, 0);
    }

    /// <summary>Leaves two results of 16 bits in one register.</summary>
    public static void SetPacked(ScalarEmitter emitter, Instruction instruction) => HalfEmission.Each(emitter, instruction, lane =>
    {
        Compare(emitter, instruction, lane);
        Combine(emitter, instruction);
        Widen(emitter.Il, instruction);
        emitter.Il.Emit(OpCodes.Conv_U2);
    });

    /// <summary>Makes 0 and 1 what the type of the result has for them: the number one, or all ones.</summary>
    private static void Widen(ILGenerator il, Instruction instruction)
    {
        switch (instruction.Modifiers[^2])
        {
            case "f32": il.Emit(OpCodes.Conv_R4); break;
            case "f16" or "f16x2": Scale(HalfOne); break;
            case "bf16" or "bf16x2": Scale(BrainOne); break;
            default: il.Emit(OpCodes.Neg); break;
        }

        void Scale(int one)
        {
            il.Emit(OpCodes.Ldc_I4, one);
            il.Emit(OpCodes.Mul);
        }
    }

    private static void Compare(ScalarEmitter emitter, Instruction instruction, int lane)
    {
        var type = instruction.OperandTypes[1];
        var comparison = instruction.Modifiers[0];
        if (IsHalf(instruction)) type = ScalarType.F32;
        if (comparison is "num" or "nan")
        {
            LoadOne(emitter, instruction, 1, lane);
            emitter.Call(type.Bits == 32 ? RealTests.IsNumber : RealTests.IsNumberF64);
            LoadOne(emitter, instruction, 2, lane);
            emitter.Call(type.Bits == 32 ? RealTests.IsNumber : RealTests.IsNumberF64);
            emitter.Il.Emit(OpCodes.And);
            if (comparison == "nan") Not(emitter.Il);
            return;
        }

        if (type.IsReal && comparison is "ne" or "equ")
        {
            // ne is false for NaN, and equ its negation: less or greater.
            LoadBoth(emitter, instruction, lane);
            emitter.Il.Emit(OpCodes.Clt);
            LoadBoth(emitter, instruction, lane);
            emitter.Il.Emit(OpCodes.Cgt);
            emitter.Il.Emit(OpCodes.Or);
            if (comparison == "equ") Not(emitter.Il);
            return;
        }

        LoadBoth(emitter, instruction, lane);
        var (opcode, negated) = Opcode(comparison, type);
        emitter.Il.Emit(opcode);
        if (negated) Not(emitter.Il);
    }

    /// <summary>Gives the IL comparison; those that IL lacks are the negation of their opposite.</summary>
    private static (OpCode Opcode, bool Negated) Opcode(string comparison, ScalarType type)
    {
        // On integers .un means unsigned, on floating-point numbers it means true for NaN.
        var unsigned = !type.IsReal && !type.IsSigned;
        var (less, greater) = unsigned ? (OpCodes.Clt_Un, OpCodes.Cgt_Un) : (OpCodes.Clt, OpCodes.Cgt);
        var (lessNegated, greaterNegated) = type.IsReal || unsigned ? (OpCodes.Clt_Un, OpCodes.Cgt_Un) : (OpCodes.Clt, OpCodes.Cgt);
        return comparison switch
        {
            "eq" => (OpCodes.Ceq, false),
            "ne" or "neu" => (OpCodes.Ceq, true),
            "lt" or "lo" => (less, false),
            "le" or "ls" => (greaterNegated, true),
            "gt" or "hi" => (greater, false),
            "ge" or "hs" => (lessNegated, true),
            "ltu" => (OpCodes.Clt_Un, false),
            "leu" => (OpCodes.Cgt, true),
            "gtu" => (OpCodes.Cgt_Un, false),
            _ => (OpCodes.Clt, true),
        };
    }

    private static void Combine(ScalarEmitter emitter, Instruction instruction)
    {
        if (instruction.Operands.Count < 4) return;
        emitter.LoadPredicate(instruction.Operands[3]);
        emitter.Il.Emit(instruction.Has("and") ? OpCodes.And : instruction.Has("or") ? OpCodes.Or : OpCodes.Xor);
    }

    private static void LoadBoth(ScalarEmitter emitter, Instruction instruction, int lane)
    {
        LoadOne(emitter, instruction, 1, lane);
        LoadOne(emitter, instruction, 2, lane);
    }

    private static void LoadOne(ScalarEmitter emitter, Instruction instruction, int operand, int lane)
    {
        if (!IsHalf(instruction))
        {
            emitter.Load(instruction, operand);
            if (instruction.Has("ftz") && instruction.OperandTypes[operand] == ScalarType.F32) emitter.Call(RealMath.Flush);
            return;
        }

        // A float holds each of these, so that comparing floats compares them.
        var brain = instruction.Modifiers[^1].StartsWith('b');
        HalfEmission.LoadLane(emitter, instruction, operand, lane);
        if (instruction.Has("ftz")) emitter.Call(brain ? BrainMath.Flush : HalfMath.Flush);
        emitter.Call(brain ? BrainMath.ToF32 : HalfMath.ToF32);
    }

    private static bool IsHalf(Instruction instruction) => instruction.Modifiers[^1] is "f16" or "f16x2" or "bf16" or "bf16x2";

    private static void Not(ILGenerator il)
    {
        il.Emit(OpCodes.Ldc_I4_0);
        il.Emit(OpCodes.Ceq);
    }
}
