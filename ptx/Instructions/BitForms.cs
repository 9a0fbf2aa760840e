using System.Reflection.Emit;
using Broker.Ptx.Arithmetic;
using Broker.Ptx.Emit;
using Broker.Ptx.Syntax;
using static Broker.Ptx.Emit.Emissions;

namespace Broker.Ptx.Instructions;

/// <summary>Lists logic, shifts and bit fields (PTX ISA 9.7.1 and 9.7.8).</summary>
internal static class BitForms
{
    private const string Words = "<b16|b32|b64>";

    public static IEnumerable<InstructionForm> All =>
    [
        .. Logic,
        .. Shifts,
        .. Counts,
        .. Fields,
        .. Permutations,
    ];

    private static IEnumerable<InstructionForm> Logic =>
    [
        new("and", "<pred|b16|b32|b64>", "d s s", Apply(OpCodes.And)),
        new("or", "<pred|b16|b32|b64>", "d s s", Apply(OpCodes.Or)),
        new("xor", "<pred|b16|b32|b64>", "d s s", Apply(OpCodes.Xor)),
        new("not", "pred", "d s", (e, i) => IsZero(e, i, 1)),
        new("not", Words, "d s", Apply(OpCodes.Not)),
        new("cnot", Words, "d s", (e, i) => IsZero(e, i, 1)),
        new("lop3", "b32", "d s s s number", LogicEmission.Lop3),
        new("lop3", "<and|or> b32", "dq s s s number p", LogicEmission.Lop3WithPredicate),
    ];

    private static IEnumerable<InstructionForm> Shifts =>
    [
        new("shl", "b16", "d s s:u32", Shift(OpCodes.Shl, BitMath.ShiftLeft16)),
        new("shl", "b32", "d s s:u32", Shift(OpCodes.Shl, BitMath.ShiftLeft32)),
        new("shl", "b64", "d s s:u32", Shift(OpCodes.Shl, BitMath.ShiftLeft64)),
        new("shr", "<b16|u16>", "d s s:u32", Shift(OpCodes.Shr_Un, BitMath.ShiftRightU16)),
        new("shr", "<b32|u32>", "d s s:u32", Shift(OpCodes.Shr_Un, BitMath.ShiftRightU32)),
        new("shr", "<b64|u64>", "d s s:u32", Shift(OpCodes.Shr_Un, BitMath.ShiftRightU64)),
        new("shr", "<s16|s32>", "d s s:u32", Shift(OpCodes.Shr, BitMath.ShiftRightS32)),
        new("shr", "s64", "d s s:u32", Shift(OpCodes.Shr, BitMath.ShiftRightS64)),
        new("shf", "l clamp b32", "d:b32 s:b32 s:b32 s:u32", Apply(BitMath.FunnelLeftClamp)),
        new("shf", "l wrap b32", "d:b32 s:b32 s:b32 s:u32", Apply(BitMath.FunnelLeftWrap)),
        new("shf", "r clamp b32", "d:b32 s:b32 s:b32 s:u32", Apply(BitMath.FunnelRightClamp)),
        new("shf", "r wrap b32", "d:b32 s:b32 s:b32 s:u32", Apply(BitMath.FunnelRightWrap)),
    ];

    private static IEnumerable<InstructionForm> Counts =>
    [
        new("clz", "b32", "d:u32 s", Apply(BitMath.LeadingZeros32)),
        new("clz", "b64", "d:u32 s", Apply(BitMath.LeadingZeros64)),
        new("popc", "b32", "d:u32 s", Apply(BitMath.Population32)),
        new("popc", "b64", "d:u32 s", Apply(BitMath.Population64)),
        new("brev", "b32", "d s", Apply(BitMath.Reverse32)),
        new("brev", "b64", "d s", Apply(BitMath.Reverse64)),
        new("bfind", "u32", "d:u32 s", Apply(BitMath.FindU32)),
        new("bfind", "u64", "d:u32 s", Apply(BitMath.FindU64)),
        new("bfind", "s32", "d:u32 s", Apply(BitMath.FindS32)),
        new("bfind", "s64", "d:u32 s", Apply(BitMath.FindS64)),
        new("bfind", "shiftamt u32", "d:u32 s", Apply(BitMath.FindShiftU32)),
        new("bfind", "shiftamt u64", "d:u32 s", Apply(BitMath.FindShiftU64)),
        new("bfind", "shiftamt s32", "d:u32 s", Apply(BitMath.FindShiftS32)),
        new("bfind", "shiftamt s64", "d:u32 s", Apply(BitMath.FindShiftS64)),
    ];

    private static IEnumerable<InstructionForm> Fields =>
    [
        new("bfe", "u32", "d s s:u32 s:u32", Apply(BitMath.ExtractU32)),
        new("bfe", "u64", "d s s:u32 s:u32", Apply(BitMath.ExtractU64)),
        new("bfe", "s32", "d s s:u32 s:u32", Apply(BitMath.ExtractS32)),
        new("bfe", "s64", "d s s:u32 s:u32", Apply(BitMath.ExtractS64)),
        new("bmsk", "clamp b32", "d:b32 s:b32 s:b32", Apply(BitMath.MaskClamp)),
        new("bmsk", "wrap b32", "d:b32 s:b32 s:b32", Apply(BitMath.MaskWrap)),
        new("szext", "clamp u32", "d s s:u32", Apply(BitMath.ExtendU32Clamp)),
        new("szext", "wrap u32", "d s s:u32", Apply(BitMath.ExtendU32Wrap)),
        new("szext", "clamp s32", "d s s:u32", Apply(BitMath.ExtendS32Clamp)),
        new("szext", "wrap s32", "d s s:u32", Apply(BitMath.ExtendS32Wrap)),
        new("fns", "b32", "d:b32 s:b32 s:b32 s:s32", Apply(BitMath.FindNthSet)),
        new("bfi", "b32", "d s s s:u32 s:u32", Apply(BitMath.Insert32)),
        new("bfi", "b64", "d s s s:u32 s:u32", Apply(BitMath.Insert64)),
    ];

    private static IEnumerable<InstructionForm> Permutations =>
    [
        new("prmt", "b32", "d s s s", Apply(BitMath.Permute)),
        new("prmt", "b32 f4e", "d s s s", Apply(BitMath.PermuteForward)),
        new("prmt", "b32 b4e", "d s s s", Apply(BitMath.PermuteBackward)),
        new("prmt", "b32 rc8", "d s s s", Apply(BitMath.PermuteReplicate)),
        new("prmt", "b32 ecl", "d s s s", Apply(BitMath.PermuteClampLeft)),
        new("prmt", "b32 ecr", "d s s s", Apply(BitMath.PermuteClampRight)),
        new("prmt", "b32 rc16", "d s s s", Apply(BitMath.PermuteHalves)),
    ];

    /// <summary>Shifts directly by a number that is less than the width, for which .NET and PTX agree.</summary>
    private static Action<ScalarEmitter, Instruction> Shift(OpCode direct, Delegate clamped) => (emitter, instruction) =>
    {
        var small = instruction.Operands[2] is ImmediateOperand count && (uint)count.Value.Bits < instruction.Type.Bits;
        (small ? Apply(direct) : Apply(clamped))(emitter, instruction);
    };

    private static void IsZero(ScalarEmitter emitter, Instruction instruction, int operand)
    {
        emitter.Load(instruction, operand);
        emitter.Il.Emit(OpCodes.Ldc_I4_0);
        if (instruction.Type.Bits == 64) emitter.Il.Emit(OpCodes.Conv_I8);
        emitter.Il.Emit(OpCodes.Ceq);
        if (instruction.Type.Bits == 64) emitter.Il.Emit(OpCodes.Conv_U8);
        emitter.Store(instruction, 0);
    }
}
