using System.Reflection.Emit;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Emit;

/// <summary>Emits moves between a register and the parts of its bits (PTX ISA 9.7.9.4), and between vectors of registers (PTX ISA 6.4.3).</summary>
internal static class VectorEmission
{
    /// <summary>Moves all elements at once: a register may stand on both sides.</summary>
    public static void Copy(ScalarEmitter emitter, Instruction instruction)
    {
        var (results, sources) = ((VectorOperand)instruction.Operands[0], (VectorOperand)instruction.Operands[1]);
        foreach (var source in sources.Elements) emitter.LoadObserved(source, instruction.Type);
        foreach (var result in results.Elements.Reverse()) emitter.StoreTo(result, instruction.Type, copies: true);
    }

    /// <summary>Leaves the parts joined on the stack, the first in the low bits.</summary>
    public static void Pack(ScalarEmitter emitter, Instruction instruction, VectorOperand parts)
    {
        var il = emitter.Il;
        var wide = instruction.Type.Bits == 64;
        var part = Part(instruction, parts);
        for (var i = 0; i < parts.Elements.Count; i++)
        {
            emitter.LoadBits(parts.Elements[i], part);
            if (wide) il.Emit(OpCodes.Conv_U8);
            if (i == 0) continue;
            il.Emit(OpCodes.Ldc_I4, i * part.Bits);
            il.Emit(OpCodes.Shl);
            il.Emit(OpCodes.Or);
        }
    }

    public static void Unpack(ScalarEmitter emitter, Instruction instruction, VectorOperand parts)
    {
        var il = emitter.Il;
        var part = Part(instruction, parts);
        var whole = emitter.Borrow(instruction.Type.Slot);
        emitter.Load(instruction, 1);
        il.Emit(OpCodes.Stloc, whole);
        for (var i = 0; i < parts.Elements.Count; i++)
        {
            if (parts.Elements[i] is SinkOperand) continue;
            il.Emit(OpCodes.Ldloc, whole);
            if (i > 0)
            {
                il.Emit(OpCodes.Ldc_I4, i * part.Bits);
                il.Emit(OpCodes.Shr_Un);
            }

            if (instruction.Type.Bits == 64) il.Emit(OpCodes.Conv_I4);
            emitter.StoreTo(parts.Elements[i], part, copies: true);
        }

        emitter.GiveBack(whole);
    }

    private static ScalarType Part(Instruction instruction, VectorOperand parts) =>
        new(TypeClass.Bits, instruction.Type.Bits / parts.Elements.Count);
}
