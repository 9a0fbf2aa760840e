using System.Reflection.Emit;
using Broker.Ptx.Emit;
using Broker.Ptx.Running;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Instructions;

/// <summary>Lists the functions that CUDA's driver has for every kernel (CUDA, PTX Interoperability, System Calls).</summary>
/// <remarks>No text can name these forms; calls turn into them.</remarks>
internal static class SystemCalls
{
    public const string Print = "vprintf";

    /// <summary>What assert() calls when it fails.</summary>
    public const string FailAssertion = "__assertfail";

    /// <summary>Is a call through a pointer that leads to no function.</summary>
    public const string Nowhere = "nowhere";

    /// <summary>Is what happens where a thread's stack has no room for what is asked of it.</summary>
    public const string Overflow = "overflow";

    public static readonly InstructionForm OverflowForm = ControlForms.Flow(Overflow, "", "s:u64");

    private static readonly InstructionForm PrintForm = new(Print, "", "d:u32 s:u64 s:u64", EmitPrint);

    private static readonly InstructionForm FailAssertionForm = ControlForms.Flow(FailAssertion, "", "s:u64 s:u64 s:u32 s:u64");

    private static readonly InstructionForm NowhereForm = ControlForms.Flow(Nowhere, "", "s:u64");

    /// <summary>Gives the types of what is read of a call's arguments, or null where the function is none of these.</summary>
    /// <remarks>The last argument of an assertion, the size of a character, says nothing and is declared in several ways.</remarks>
    public static IReadOnlyList<ScalarType>? FindParameters(string name) => name switch
    {
        Print => [ScalarType.U64, ScalarType.U64],
        FailAssertion => [ScalarType.U64, ScalarType.U64, ScalarType.U32, ScalarType.U64],
        _ => null,
    };

    public static Instruction CallPrint(Instruction call, Operand result, IReadOnlyList<Operand> arguments) =>
        Make(call, PrintForm, [result, .. arguments], [ScalarType.U32, ScalarType.U64, ScalarType.U64]);

    public static Instruction CallFailAssertion(Instruction call, IReadOnlyList<Operand> arguments) =>
        Make(call, FailAssertionForm, arguments, [ScalarType.U64, ScalarType.U64, ScalarType.U32, ScalarType.U64]);

    /// <summary>Makes the end of a call through a pointer that leads to no function.</summary>
    public static Instruction CallNowhere(Instruction call, RegisterOperand pointer) =>
        pointer.Register.Type.Bits == 64
            ? Make(call, NowhereForm, [pointer], [ScalarType.U64])
            : throw new PtxException(InstructionTable.Malformed(call, $"cannot take {pointer.Register} as a pointer"));

    private static Instruction Make(Instruction call, InstructionForm form, IReadOnlyList<Operand> operands, IReadOnlyList<ScalarType> types) =>
        new(form.Opcode, [], operands, call.Line, call.Column) { Form = form, OperandTypes = types };

    private static void EmitPrint(ScalarEmitter emitter, Instruction instruction)
    {
        var il = emitter.Il;
        var result = emitter.Borrow(Slot.I32);
        il.Emit(OpCodes.Ldarg_0);
        emitter.Load(instruction, 1);
        emitter.Load(instruction, 2);
        il.Emit(OpCodes.Ldc_I4, instruction.Line);
        emitter.Call(typeof(BlockState), nameof(BlockState.Print));
        il.Emit(OpCodes.Stloc, result);
        il.Emit(OpCodes.Ldloc, result);
        il.Emit(OpCodes.Ldc_I4, BlockState.PrintFailed);
        il.Emit(OpCodes.Beq, emitter.Fault);
        il.Emit(OpCodes.Ldloc, result);
        emitter.Store(instruction, 0);
        emitter.GiveBack(result);
    }
}
