using System.Reflection.Emit;
using Broker.Ptx.Emit;
using Broker.Ptx.Running;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Instructions;

/// <summary>Lists moves, packing, and conversions between address spaces (PTX ISA 9.7.9).</summary>
internal static class MoveForms
{
    private const string Sizes = "<u32|u64>";

    public static IEnumerable<InstructionForm> All =>
    [
        new("mov", "pred", "d s", Move, Traits.Copies),
        new("mov", "<b16|b32|b64>", "dP sP", Move, Traits.Copies),
        new("mov", "<u16|s16|u32|s32|u64|s64|f32|f64>", "d s", Move, Traits.Copies),
        new("mov", "<v2|v4> <b16|u16|s16|b32|u32|s32|b64|u64|s64|f32|f64>", "dV sV", VectorEmission.Copy, Traits.Copies),
        new("cvta", $"{{to}} <global|const|param|param::entry> {Sizes}", "d s", Move, Traits.Copies),
        .. Window("shared", AddressMap.SharedWindow),
        .. Window("shared::cta", AddressMap.SharedWindow),
        .. Window("local", AddressMap.LocalWindow),
        .. IsIn("shared", AddressMap.SharedWindow, AddressMap.WindowBytes),
        .. IsIn("shared::cta", AddressMap.SharedWindow, AddressMap.WindowBytes),
        .. IsIn("local", AddressMap.LocalWindow, AddressMap.WindowBytes),
        .. IsIn("param", AddressMap.ParameterWindow, AddressMap.WindowBytes),
        .. IsIn("const", AddressMap.ConstantWindow, AddressMap.ModuleBytes),
        .. IsIn("global", AddressMap.GlobalWindow, AddressMap.GlobalBytes),
    ];

    private static void Move(ScalarEmitter emitter, Instruction instruction)
    {
        if (instruction.Operands[0] is VectorOperand results)
        {
            VectorEmission.Unpack(emitter, instruction, results);
            return;
        }

        if (instruction.Operands[1] is VectorOperand parts) VectorEmission.Pack(emitter, instruction, parts);
        else emitter.Load(instruction, 1);
        emitter.Store(instruction, 0);
    }

    // A generic address is the address in its own space, moved into a window that no buffer overlaps.
    private static IEnumerable<InstructionForm> Window(string space, ulong window) =>
    [
        new("cvta", $"{space} {Sizes}", "d s", (e, i) => Shift(e, i, window, OpCodes.Add)),
        new("cvta", $"to {space} {Sizes}", "d s", (e, i) => Shift(e, i, window, OpCodes.Sub)),
    ];

    private static void Shift(ScalarEmitter emitter, Instruction instruction, ulong window, OpCode opcode)
    {
        emitter.Load(instruction, 1);
        emitter.Il.Emit(OpCodes.Ldc_I8, (long)window);
        if (instruction.Type.Bits == 32) emitter.Il.Emit(OpCodes.Conv_I4);
        emitter.Il.Emit(opcode);
        emitter.Store(instruction, 0);
    }

    private static IEnumerable<InstructionForm> IsIn(string space, ulong window, ulong bytes) =>
    [
        new("isspacep", space, "po s:u64", (emitter, instruction) =>
        {
            emitter.Load(instruction, 1);
            emitter.Il.Emit(OpCodes.Ldc_I8, (long)window);
            emitter.Il.Emit(OpCodes.Sub);
            emitter.Il.Emit(OpCodes.Ldc_I8, (long)bytes);
            emitter.Il.Emit(OpCodes.Clt_Un);
            emitter.StorePredicate(instruction.Operands[0]);
        }),
    ];
}
