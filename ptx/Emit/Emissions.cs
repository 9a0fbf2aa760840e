using System.Reflection.Emit;
using Broker.Ptx.Arithmetic;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Emit;

/// <summary>Makes the emissions that most rows of the table share.</summary>
internal static class Emissions
{
    /// <summary>Loads all operands but the first, applies an opcode of IL, and stores to the first.</summary>
    public static Action<ScalarEmitter, Instruction> Apply(OpCode opcode) => (emitter, instruction) =>
    {
        LoadSources(emitter, instruction);
        emitter.Il.Emit(opcode);
        emitter.Store(instruction, 0);
    };

    /// <summary>Loads all operands but the first, calls a function that the JIT inlines, and stores to the first.</summary>
    public static Action<ScalarEmitter, Instruction> Apply(Delegate function) => (emitter, instruction) =>
    {
        LoadSources(emitter, instruction);
        emitter.Call(function);
        emitter.Store(instruction, 0);
    };

    /// <summary>Does the same for floating-point numbers, honouring <c>.ftz</c> and <c>.sat</c>.</summary>
    public static Action<ScalarEmitter, Instruction> ApplyReal(OpCode opcode) => Real(emitter => emitter.Il.Emit(opcode));

    public static Action<ScalarEmitter, Instruction> ApplyReal(Delegate function) => Real(emitter => emitter.Call(function));

    private static Action<ScalarEmitter, Instruction> Real(Action<ScalarEmitter> operation) => (emitter, instruction) =>
    {
        var flush = instruction.Has("ftz");
        for (var i = 1; i < instruction.Operands.Count; i++)
        {
            emitter.Load(instruction, i);
            if (flush && instruction.OperandTypes[i] == ScalarType.F32) emitter.Call(RealMath.Flush);
        }

        operation(emitter);
        if (flush && instruction.OperandTypes[0] == ScalarType.F32) emitter.Call(RealMath.Flush);
        if (instruction.Has("sat")) emitter.Call(instruction.Type.Bits == 64 ? RealMath.SaturateF64 : RealMath.Saturate);
        emitter.Store(instruction, 0);
    };

    private static void LoadSources(ScalarEmitter emitter, Instruction instruction)
    {
        for (var i = 1; i < instruction.Operands.Count; i++)
            if (instruction.Form!.Shapes[i].Role == Instructions.OperandRole.Source)
                emitter.Load(instruction, i);
    }
}
