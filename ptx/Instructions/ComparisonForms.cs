using System.Reflection.Emit;
using Broker.Ptx.Arithmetic;
using Broker.Ptx.Emit;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Instructions;

/// <summary>Lists comparisons and selections (PTX ISA 9.7.5 and 9.7.6).</summary>
internal static class ComparisonForms
{
    private const string Bits = "<eq|ne> {and|or|xor}";
    private const string Signed = "<eq|ne|lt|le|gt|ge> {and|or|xor}";
    private const string Unsigned = "<eq|ne|lt|le|gt|ge|lo|ls|hi|hs> {and|or|xor}";
    private const string Real = "<eq|ne|lt|le|gt|ge|equ|neu|ltu|leu|gtu|geu|num|nan> {and|or|xor}";

    public static IEnumerable<InstructionForm> All =>
    [
        .. SetPredicate($"{Bits} <b16|b32|b64>"),
        .. SetPredicate($"{Signed} <s16|s32|s64>"),
        .. SetPredicate($"{Unsigned} <u16|u32|u64>"),
        .. SetPredicate($"{Real} {{ftz}} <f32|f64>"),
        .. SetPredicate($"{Real} {{ftz}} <f16|f16x2|bf16|bf16x2>"),
        .. Set($"{Bits} <f16|bf16> <b16|b32|b64>"),
        .. Set($"{Signed} <f16|bf16> <s16|s32|s64>"),
        .. Set($"{Unsigned} <f16|bf16> <u16|u32|u64>"),
        .. Set($"{Real} {{ftz}} <f16|bf16> <f32|f64>"),
        .. Set($"{Real} {{ftz}} <u16|s16|u32|s32|f16> f16"),
        .. Set($"{Real} <u16|s16|u32|s32|bf16> bf16"),
        new("set", $"{Real} {{ftz}} <f16x2|u32|s32> f16x2", "d s:1 s:1 p?", ComparisonEmission.SetPacked),
        new("set", $"{Real} <bf16x2|u32|s32> bf16x2", "d s:1 s:1 p?", ComparisonEmission.SetPacked),
        .. Set($"{Bits} <u32|s32|f32> <b16|b32|b64>"),
        .. Set($"{Signed} <u32|s32|f32> <s16|s32|s64>"),
        .. Set($"{Unsigned} <u32|s32|f32> <u16|u32|u64>"),
        .. Set($"{Real} {{ftz}} <u32|s32|f32> <f32|f64>"),
        new("selp", "<b16|u16|s16|b32|u32|s32>", "d s s p", Select(BitMath.Select32), Traits.Copies),
        new("selp", "<b64|u64|s64>", "d s s p", Select(BitMath.Select64), Traits.Copies),
        new("selp", "f32", "d s s p", Select(BitMath.SelectF32), Traits.Copies),
        new("selp", "f64", "d s s p", Select(BitMath.SelectF64), Traits.Copies),
        .. SelectBySign("<b16|u16|s16|b32|u32|s32>", BitMath.Select32),
        .. SelectBySign("<b64|u64|s64>", BitMath.Select64),
        .. SelectBySign("f32", BitMath.SelectF32),
        .. SelectBySign("f64", BitMath.SelectF64),
    ];

    private static IEnumerable<InstructionForm> SetPredicate(string pattern) =>
        [new("setp", pattern, "po s s p?", ComparisonEmission.SetPredicate)];

    private static IEnumerable<InstructionForm> Set(string pattern) =>
        [new("set", pattern, "d s:1 s:1 p?", ComparisonEmission.Set)];

    private static Action<ScalarEmitter, Instruction> Select(Delegate select) => (emitter, instruction) =>
    {
        emitter.Load(instruction, 1);
        emitter.Load(instruction, 2);
        emitter.LoadPredicate(instruction.Operands[3]);
        emitter.Call(select);
        emitter.Store(instruction, 0);
    };

    private static IEnumerable<InstructionForm> SelectBySign(string types, Delegate select) =>
    [
        new("slct", $"{types} s32", "d s s s:1", SelectByComparison(select), Traits.Copies),
        new("slct", $"{{ftz}} {types} f32", "d s s s:1", SelectByComparison(select), Traits.Copies),
    ];

    private static Action<ScalarEmitter, Instruction> SelectByComparison(Delegate select) => (emitter, instruction) =>
    {
        emitter.Load(instruction, 1);
        emitter.Load(instruction, 2);
        emitter.Load(instruction, 3);
        if (instruction.TypeAt(1).IsReal)
        {
            if (instruction.Has("ftz")) emitter.Call(RealMath.Flush);
            emitter.Il.Emit(OpCodes.Ldc_R4, 0f);
        }
        else
            emitter.Il.Emit(OpCodes.Ldc_I4_0);

        // c >= 0, false for NaN: not (c < 0 or unordered).
        emitter.Il.Emit(instruction.TypeAt(1).IsReal ? OpCodes.Clt_Un : OpCodes.Clt);
        emitter.Il.Emit(OpCodes.Ldc_I4_0);
        emitter.Il.Emit(OpCodes.Ceq);
        emitter.Call(select);
        emitter.Store(instruction, 0);
    };
}
