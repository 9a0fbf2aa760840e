using System.Reflection.Emit;
using Broker.Ptx.Arithmetic;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Emit;

/// <summary>Emits arithmetic on numbers of 16 bits, alone or two in a register (PTX ISA 9.7.4).</summary>
internal static class HalfEmission
{
    /// <summary>Calls a function of bits for each number, honouring <c>.ftz</c>, <c>.sat</c> and <c>.relu</c>.</summary>
    public static Action<ScalarEmitter, Instruction> Apply(Delegate half, Delegate brain) => (emitter, instruction) =>
    {
        var isBrain = instruction.Modifiers[^1] is "bf16" or "bf16x2";
        Each(emitter, instruction, lane =>
        {
            for (var i = 1; i < instruction.Operands.Count; i++)
            {
                LoadLane(emitter, instruction, i, lane);
                Flush(emitter, instruction, isBrain);
            }

            emitter.Call(isBrain ? brain : half);
            Flush(emitter, instruction, isBrain);
            if (instruction.Has("sat")) emitter.Call(HalfMath.Saturate);
            if (instruction.Has("relu")) emitter.Call(isBrain ? BrainMath.Relu : HalfMath.Relu);
        });
    };

    /// <summary>Applies an emission that leaves 16 bits to the one number of a register, or to each of two.</summary>
    public static void Each(ScalarEmitter emitter, Instruction instruction, Action<int> emit)
    {
        emit(0);
        if (IsPacked(instruction)) JoinSecond(emitter, () => emit(1));
        emitter.Store(instruction, 0);
    }

    /// <summary>Puts what an emission leaves above the 16 bits on the stack.</summary>
    public static void JoinSecond(ScalarEmitter emitter, Action emitUpper)
    {
        emitUpper();
        emitter.Il.Emit(OpCodes.Ldc_I4, 16);
        emitter.Il.Emit(OpCodes.Shl);
        emitter.Il.Emit(OpCodes.Or);
    }

    /// <summary>Pushes one number of an operand.</summary>
    public static void LoadLane(ScalarEmitter emitter, Instruction instruction, int operand, int lane)
    {
        emitter.Load(instruction, operand);
        if (!IsPacked(instruction)) return;
        if (lane == 0)
        {
            emitter.Il.Emit(OpCodes.Conv_U2);
            return;
        }

        emitter.Il.Emit(OpCodes.Ldc_I4, 16);
        emitter.Il.Emit(OpCodes.Shr_Un);
    }

    public static bool IsPacked(Instruction instruction) => instruction.Modifiers[^1].EndsWith("x2", StringComparison.Ordinal);

    private static void Flush(ScalarEmitter emitter, Instruction instruction, bool isBrain)
    {
        if (instruction.Has("ftz")) emitter.Call(isBrain ? BrainMath.Flush : HalfMath.Flush);
    }
}
