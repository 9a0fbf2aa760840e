using System.Reflection.Emit;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Emit;

/// <summary>Emits the logic of three operands that a table of eight bits gives (PTX ISA 9.7.8.6).</summary>
internal static class LogicEmission
{
    public static void Lop3(ScalarEmitter emitter, Instruction instruction)
    {
        Combine(emitter, instruction);
        emitter.Store(instruction, 0);
    }

    /// <summary>Tells also whether any bit is set, combined with a predicate.</summary>
    public static void Lop3WithPredicate(ScalarEmitter emitter, Instruction instruction)
    {
        var il = emitter.Il;
        var results = (PairOperand)instruction.Operands[0];
        var value = emitter.Borrow(Slot.I32);
        Combine(emitter, instruction);
        il.Emit(OpCodes.Stloc, value);
        il.Emit(OpCodes.Ldloc, value);
        il.Emit(OpCodes.Ldc_I4_0);
        il.Emit(OpCodes.Cgt_Un);
        emitter.LoadPredicate(instruction.Operands[5]);
        il.Emit(instruction.Has("and") ? OpCodes.And : OpCodes.Or);
        emitter.StorePredicate(results.Second);
        il.Emit(OpCodes.Ldloc, value);
        emitter.StoreTo(results.First, ScalarType.B32, copies: false);
        emitter.GiveBack(value);
    }

    /// <summary>Splits the table by its first operand: (a and f(b, c)) or (not a and g(b, c)).</summary>
    private static void Combine(ScalarEmitter emitter, Instruction instruction)
    {
        var il = emitter.Il;
        var table = (int)((ImmediateOperand)instruction.Operands[4]).Value.Bits & 0xff;
        Pair(emitter, instruction, table >> 4);
        Pair(emitter, instruction, table & 0xf);
        var (whenSet, whenClear) = (emitter.Borrow(Slot.I32), emitter.Borrow(Slot.I32));
        il.Emit(OpCodes.Stloc, whenClear);
        il.Emit(OpCodes.Stloc, whenSet);
        // ((f xor g) and a) xor g picks f where a is set and g where it is clear.
        il.Emit(OpCodes.Ldloc, whenSet);
        il.Emit(OpCodes.Ldloc, whenClear);
        il.Emit(OpCodes.Xor);
        emitter.Load(instruction, 1);
        il.Emit(OpCodes.And);
        il.Emit(OpCodes.Ldloc, whenClear);
        il.Emit(OpCodes.Xor);
        emitter.GiveBack(whenSet, whenClear);
    }

    /// <summary>Pushes the function of b and c with this table of four bits, bit 2b + c.</summary>
    private static void Pair(ScalarEmitter emitter, Instruction instruction, int table)
    {
        if ((table & 8) != 0 && table != 15 && Simple(table) is null)
        {
            Pair(emitter, instruction, ~table & 15);
            emitter.Il.Emit(OpCodes.Not);
            return;
        }

        switch (table)
        {
            case 0: emitter.Il.Emit(OpCodes.Ldc_I4_0); return;
            case 15: emitter.Il.Emit(OpCodes.Ldc_I4_M1); return;
            case 12: emitter.Load(instruction, 2); return;
            case 10: emitter.Load(instruction, 3); return;
            case 3 or 5:
                emitter.Load(instruction, table == 3 ? 2 : 3);
                emitter.Il.Emit(OpCodes.Not);
                return;
        }

        emitter.Load(instruction, 2);
        if (table == 2) emitter.Il.Emit(OpCodes.Not);
        emitter.Load(instruction, 3);
        if (table == 4) emitter.Il.Emit(OpCodes.Not);
        emitter.Il.Emit(Simple(table) ?? OpCodes.And);
        if (table is 1 or 7) emitter.Il.Emit(OpCodes.Not);
    }

    private static OpCode? Simple(int table) => table switch
    {
        8 or 7 => OpCodes.And,
        14 or 1 => OpCodes.Or,
        6 => OpCodes.Xor,
        12 or 10 => OpCodes.Nop,
        _ => null,
    };
}
