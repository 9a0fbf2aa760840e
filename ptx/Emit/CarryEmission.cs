using System.Reflection.Emit;
using Broker.Ptx.Arithmetic;
using Broker.Ptx.Instructions;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Emit;

/// <summary>Emits sums and differences that read or write the carry flag (PTX ISA 9.7.2).</summary>
internal static class CarryEmission
{
    /// <summary>Adds an operand to the value on the stack, or subtracts it, and stores the result.</summary>
    public static void Combine(ScalarEmitter emitter, Instruction instruction, int operand, bool subtract)
    {
        var il = emitter.Il;
        var wide = instruction.Type.Bits == 64;
        var slot = instruction.Type.Slot;
        var combine = subtract ? OpCodes.Sub : OpCodes.Add;
        var (a, b, result) = (emitter.Borrow(slot), emitter.Borrow(slot), emitter.Borrow(slot));
        il.Emit(OpCodes.Stloc, a);
        emitter.Load(instruction, operand);
        il.Emit(OpCodes.Stloc, b);
        il.Emit(OpCodes.Ldloc, a);
        il.Emit(OpCodes.Ldloc, b);
        il.Emit(combine);
        if (instruction.Form!.Has(Traits.ReadsCarry))
        {
            emitter.LoadCarry();
            if (wide) il.Emit(OpCodes.Conv_U8);
            il.Emit(combine);
        }

        il.Emit(OpCodes.Stloc, result);
        if (instruction.Form.Has(Traits.WritesCarry))
        {
            il.Emit(OpCodes.Ldloc, a);
            il.Emit(OpCodes.Ldloc, b);
            il.Emit(OpCodes.Ldloc, result);
            emitter.Call((subtract, wide) switch
            {
                (false, false) => IntegerMath.Carry32,
                (false, true) => IntegerMath.Carry64,
                (true, false) => IntegerMath.Borrow32,
                (true, true) => (Delegate)IntegerMath.Borrow64,
            });
            emitter.StoreCarry();
        }

        il.Emit(OpCodes.Ldloc, result);
        emitter.Store(instruction, 0);
        emitter.GiveBack(a, b, result);
    }
}
