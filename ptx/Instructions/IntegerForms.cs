using System.Reflection.Emit;
using Broker.Ptx.Arithmetic;
using Broker.Ptx.Emit;
using Broker.Ptx.Syntax;
using static Broker.Ptx.Emit.Emissions;

namespace Broker.Ptx.Instructions;

/// <summary>Lists the integer arithmetic of one width (PTX ISA 9.7.1).</summary>
internal static class IntegerForms
{
    private const string Any = "<s16|u16|s32|u32|s64|u64>";

    public static IEnumerable<InstructionForm> All =>
    [
        new("add", Any, "d s s", Apply(OpCodes.Add)),
        new("add", "sat s32", "d s s", Apply(IntegerMath.AddSaturated)),
        new("sub", Any, "d s s", Apply(OpCodes.Sub)),
        new("sub", "sat s32", "d s s", Apply(IntegerMath.SubtractSaturated)),
        new("mul", $"lo {Any}", "d s s", Apply(OpCodes.Mul)),
        new("mad", $"lo {Any}", "d s s s", MultiplyAdd),
        new("add", "<u16x2|s16x2>", "d s s", Apply(IntegerMath.AddHalves)),
        .. Products24("lo s32", IntegerMath.LowS24),
        .. Products24("lo u32", IntegerMath.LowU24),
        .. Products24("hi s32", IntegerMath.HighS24),
        .. Products24("hi u32", IntegerMath.HighU24),
        new("mad24", "hi sat s32", "d s s s", ProductPlus(IntegerMath.HighS24, IntegerMath.AddSaturated)),
        new("mad", "hi sat s32", "d s s s", ProductPlus(IntegerMath.HighS32, IntegerMath.AddSaturated)),
        new("neg", "<s16|s32|s64>", "d s", Apply(OpCodes.Neg)),
        new("abs", "<s16|s32>", "d s", Apply(IntegerMath.AbsS32)),
        new("abs", "s64", "d s", Apply(IntegerMath.AbsS64)),
        .. ByType("min", "d s s", IntegerMath.MinS32, IntegerMath.MinU32, IntegerMath.MinS64, IntegerMath.MinU64),
        .. ByType("max", "d s s", IntegerMath.MaxS32, IntegerMath.MaxU32, IntegerMath.MaxS64, IntegerMath.MaxU64),
        new("min", "relu s32", "d s s", Clamped(IntegerMath.MinS32, IntegerMath.Relu)),
        new("max", "relu s32", "d s s", Clamped(IntegerMath.MaxS32, IntegerMath.Relu)),
        new("min", "s16x2", "d s s", Apply(IntegerMath.MinS16Halves)),
        new("max", "s16x2", "d s s", Apply(IntegerMath.MaxS16Halves)),
        new("min", "u16x2", "d s s", Apply(IntegerMath.MinU16Halves)),
        new("max", "u16x2", "d s s", Apply(IntegerMath.MaxU16Halves)),
        new("min", "relu s16x2", "d s s", Clamped(IntegerMath.MinS16Halves, IntegerMath.ReluHalves)),
        new("max", "relu s16x2", "d s s", Clamped(IntegerMath.MaxS16Halves, IntegerMath.ReluHalves)),
        .. ByType("sad", "d s s s", IntegerMath.DistanceS32, IntegerMath.DistanceU32, IntegerMath.DistanceS64, IntegerMath.DistanceU64),
        .. Division("div", OpCodes.Div, OpCodes.Div_Un, IntegerMath.DivideS32, IntegerMath.DivideU32, IntegerMath.DivideS64, IntegerMath.DivideU64),
        .. Division("rem", OpCodes.Rem, OpCodes.Rem_Un, IntegerMath.RemainderS32, IntegerMath.RemainderU32, IntegerMath.RemainderS64, IntegerMath.RemainderU64),
        new("dp4a", "s32 s32", "d:b32 s:b32 s:b32 s:b32", Apply(IntegerMath.DotS32S32)),
        new("dp4a", "u32 u32", "d:b32 s:b32 s:b32 s:b32", Apply(IntegerMath.DotU32U32)),
        new("dp4a", "s32 u32", "d:b32 s:b32 s:b32 s:b32", Apply(IntegerMath.DotS32U32)),
        new("dp4a", "u32 s32", "d:b32 s:b32 s:b32 s:b32", Apply(IntegerMath.DotU32S32)),
        .. PairProducts("lo", IntegerMath.PairLowS32S32, IntegerMath.PairLowU32U32, IntegerMath.PairLowS32U32, IntegerMath.PairLowU32S32),
        .. PairProducts("hi", IntegerMath.PairHighS32S32, IntegerMath.PairHighU32U32, IntegerMath.PairHighS32U32, IntegerMath.PairHighU32S32),
    ];

    private static IEnumerable<InstructionForm> PairProducts(string half, Delegate s32, Delegate u32, Delegate s32ByU32, Delegate u32ByS32) =>
    [
        new("dp2a", $"{half} s32 s32", "d:b32 s:b32 s:b32 s:b32", Apply(s32)),
        new("dp2a", $"{half} u32 u32", "d:b32 s:b32 s:b32 s:b32", Apply(u32)),
        new("dp2a", $"{half} s32 u32", "d:b32 s:b32 s:b32 s:b32", Apply(s32ByU32)),
        new("dp2a", $"{half} u32 s32", "d:b32 s:b32 s:b32 s:b32", Apply(u32ByS32)),
    ];

    private static IEnumerable<InstructionForm> Products24(string pattern, Delegate multiply) =>
    [
        new("mul24", pattern, "d s s", Apply(multiply)),
        new("mad24", pattern, "d s s s", ProductPlus(multiply, null)),
    ];

    /// <summary>Multiplies by a function and adds the third operand, by a function or as it comes.</summary>
    private static Action<ScalarEmitter, Instruction> ProductPlus(Delegate multiply, Delegate? add) => (emitter, instruction) =>
    {
        emitter.Load(instruction, 1);
        emitter.Load(instruction, 2);
        emitter.Call(multiply);
        emitter.Load(instruction, 3);
        if (add is null) emitter.Il.Emit(OpCodes.Add);
        else emitter.Call(add);
        emitter.Store(instruction, 0);
    };

    private static Action<ScalarEmitter, Instruction> Clamped(Delegate function, Delegate clamp) => (emitter, instruction) =>
    {
        emitter.Load(instruction, 1);
        emitter.Load(instruction, 2);
        emitter.Call(function);
        emitter.Call(clamp);
        emitter.Store(instruction, 0);
    };

    private static IEnumerable<InstructionForm> ByType(string opcode, string operands, Delegate s32, Delegate u32, Delegate s64, Delegate u64) =>
    [
        new(opcode, "<s16|s32>", operands, Apply(s32)),
        new(opcode, "<u16|u32>", operands, Apply(u32)),
        new(opcode, "s64", operands, Apply(s64)),
        new(opcode, "u64", operands, Apply(u64)),
    ];

    private static IEnumerable<InstructionForm> Division(
        string opcode, OpCode signed, OpCode unsigned, Delegate s32, Delegate u32, Delegate s64, Delegate u64) =>
    [
        new(opcode, "<s16|s32>", "d s s", Divide(signed, s32)),
        new(opcode, "<u16|u32>", "d s s", Divide(unsigned, u32)),
        new(opcode, "s64", "d s s", Divide(signed, s64)),
        new(opcode, "u64", "d s s", Divide(unsigned, u64)),
    ];

    /// <summary>Divides directly by a number that is neither 0 nor -1, for which .NET has no exception.</summary>
    private static Action<ScalarEmitter, Instruction> Divide(OpCode direct, Delegate checkedDivide) => (emitter, instruction) =>
    {
        var harmless = instruction.Operands[2] is ImmediateOperand divisor
            && (long)divisor.Value.Bits << (64 - instruction.Type.Bits) >> (64 - instruction.Type.Bits) is not (0 or -1);
        (harmless ? Apply(direct) : Apply(checkedDivide))(emitter, instruction);
    };

    private static void MultiplyAdd(ScalarEmitter emitter, Instruction instruction)
    {
        emitter.Load(instruction, 1);
        emitter.Load(instruction, 2);
        emitter.Il.Emit(OpCodes.Mul);
        emitter.Load(instruction, 3);
        emitter.Il.Emit(OpCodes.Add);
        emitter.Store(instruction, 0);
    }
}
