using System.Reflection.Emit;
using Broker.Ptx.Arithmetic;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Emit;

/// <summary>Emits comparisons (PTX ISA 9.7.6).</summary>
internal static class ComparisonEmission
{
    public static void SetPredicate(ScalarEmitter emitter, Instruction instruction)
    {
        Compare(emitter, instruction);
        if (instruction.Operands[0] is not PairOperand pair)
        {
            Combine(emitter, instruction);
            emitter.StorePredicate(instruction.Operands[0]);
            return;
        }

        // The second result is the negated comparison, combined alike. Both are formed first: they may overwrite an operand.
        var (compared, first) = (emitter.Borrow(Slot.I32), emitter.Borrow(Slot.I32));
        emitter.Il.Emit(OpCodes.Stloc, compared);
        emitter.Il.Emit(OpCodes.Ldloc, compared);
        Combine(emitter, instruction);
        emitter.Il.Emit(OpCodes.Stloc, first);
        emitter.Il.Emit(OpCodes.Ldloc, compared);
        Not(emitter.Il);
        Combine(emitter, instruction);
        emitter.StorePredicate(pair.Second);
        emitter.Il.Emit(OpCodes.Ldloc, first);
        emitter.StorePredicate(pair.First);
        emitter.GiveBack(compared, first);
    }

    public static void Set(ScalarEmitter emitter, Instruction instruction)
    {
        Compare(emitter, instruction);
        Combine(emitter, instruction);
        emitter.Il.Emit(instruction.Type.IsReal ? OpCodes.Conv_R4 : OpCodes.Neg);
        emitter.Store(instruction, 0);
    }

    private static void Compare(ScalarEmitter emitter, Instruction instruction)
    {
        var type = instruction.OperandTypes[1];
        var comparison = instruction.Modifiers[0];
        if (comparison is "num" or "nan")
        {
            LoadOne(emitter, instruction, 1);
            emitter.Call(type.Bits == 32 ? RealTests.IsNumber : RealTests.IsNumberF64);
            LoadOne(emitter, instruction, 2);
            emitter.Call(type.Bits == 32 ? RealTests.IsNumber : RealTests.IsNumberF64);
            emitter.Il.Emit(OpCodes.And);
            if (comparison == "nan") Not(emitter.Il);
            return;
        }

        if (type.IsReal && comparison is "ne" or "equ")
        {
            // ne is false for NaN, and equ its negation: less or greater.
            LoadBoth(emitter, instruction);
            emitter.Il.Emit(OpCodes.Clt);
            LoadBoth(emitter, instruction);
            emitter.Il.Emit(OpCodes.Cgt);
            emitter.Il.Emit(OpCodes.Or);
            if (comparison == "equ") Not(emitter.Il);
            return;
        }

        LoadBoth(emitter, instruction);
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

    private static void LoadBoth(ScalarEmitter emitter, Instruction instruction)
    {
        LoadOne(emitter, instruction, 1);
        LoadOne(emitter, instruction, 2);
    }

    private static void LoadOne(ScalarEmitter emitter, Instruction instruction, int operand)
    {
        emitter.Load(instruction, operand);
        if (instruction.Has("ftz")) emitter.Call(RealMath.Flush);
    }

    private static void Not(ILGenerator il)
    {
        il.Emit(OpCodes.Ldc_I4_0);
        il.Emit(OpCodes.Ceq);
    }
}
