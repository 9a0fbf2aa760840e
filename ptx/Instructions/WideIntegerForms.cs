using System.Reflection.Emit;
using Broker.Ptx.Arithmetic;
using Broker.Ptx.Emit;
using Broker.Ptx.Syntax;
using static Broker.Ptx.Emit.Emissions;

namespace Broker.Ptx.Instructions;

/// <summary>Lists the integer arithmetic whose results are wider than its operands: high halves, wide products, carries (PTX ISA 9.7.1 and 9.7.2).</summary>
internal static class WideIntegerForms
{
    public static IEnumerable<InstructionForm> All =>
    [
        .. High("s16", IntegerMath.HighS16),
        .. High("u16", IntegerMath.HighU16),
        .. High("s32", IntegerMath.HighS32),
        .. High("u32", IntegerMath.HighU32),
        .. High("s64", IntegerMath.HighS64),
        .. High("u64", IntegerMath.HighU64),
        new("mul", "wide <s16|u16|s32|u32>", "d:2x s s", (e, i) => Multiply(e, i, false)),
        new("mad", "wide <s16|u16|s32|u32>", "d:2x s s s:2x", (e, i) => Multiply(e, i, true)),
        .. Carry("add", Traits.None),
        .. Carry("addc", Traits.ReadsCarry),
        .. Carry("sub", Traits.None),
        .. Carry("subc", Traits.ReadsCarry),
        .. CarryProduct("mad", "cc", Traits.WritesCarry),
        .. CarryProduct("madc", "", Traits.ReadsCarry),
        .. CarryProduct("madc", "cc", Traits.ReadsCarry | Traits.WritesCarry),
    ];

    private static IEnumerable<InstructionForm> High(string type, Delegate multiply) =>
    [
        new("mul", $"hi {type}", "d s s", Apply(multiply)),
        new("mad", $"hi {type}", "d s s s", (emitter, instruction) =>
        {
            emitter.Load(instruction, 1);
            emitter.Load(instruction, 2);
            emitter.Call(multiply);
            emitter.Load(instruction, 3);
            emitter.Il.Emit(OpCodes.Add);
            emitter.Store(instruction, 0);
        }),
    ];

    private static void Multiply(ScalarEmitter emitter, Instruction instruction, bool add)
    {
        for (var operand = 1; operand <= 2; operand++)
        {
            emitter.Load(instruction, operand);
            if (instruction.Type.Bits == 32) emitter.Il.Emit(instruction.Type.IsSigned ? OpCodes.Conv_I8 : OpCodes.Conv_U8);
        }

        emitter.Il.Emit(OpCodes.Mul);
        if (add)
        {
            emitter.Load(instruction, 3);
            emitter.Il.Emit(OpCodes.Add);
        }

        emitter.Store(instruction, 0);
    }

    private static IEnumerable<InstructionForm> Carry(string opcode, Traits traits)
    {
        const string Types = "<s32|u32|s64|u64>";
        var subtract = opcode is "sub" or "subc";
        Action<ScalarEmitter, Instruction> emission = (emitter, instruction) =>
        {
            emitter.Load(instruction, 1);
            CarryEmission.Combine(emitter, instruction, 2, subtract);
        };
        if (traits != Traits.None) yield return new(opcode, Types, "d s s", emission, traits);
        yield return new(opcode, $"cc {Types}", "d s s", emission, traits | Traits.WritesCarry);
    }

    private static IEnumerable<InstructionForm> CarryProduct(string opcode, string cc, Traits traits)
    {
        var high = new Dictionary<string, Delegate>
        {
            ["s32"] = IntegerMath.HighS32,
            ["u32"] = IntegerMath.HighU32,
            ["s64"] = IntegerMath.HighS64,
            ["u64"] = IntegerMath.HighU64,
        };
        yield return new(opcode, $"lo {cc} <s32|u32|s64|u64>", "d s s s", (e, i) => Product(e, i, () => e.Il.Emit(OpCodes.Mul)), traits);
        foreach (var (type, multiply) in high)
            yield return new(opcode, $"hi {cc} {type}", "d s s s", (e, i) => Product(e, i, () => e.Call(multiply)), traits);
    }

    private static void Product(ScalarEmitter emitter, Instruction instruction, Action multiply)
    {
        emitter.Load(instruction, 1);
        emitter.Load(instruction, 2);
        multiply();
        CarryEmission.Combine(emitter, instruction, 3, false);
    }
}
