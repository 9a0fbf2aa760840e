using Broker.Ptx.Arithmetic;
using static Broker.Ptx.Emit.HalfEmission;

namespace Broker.Ptx.Instructions;

/// <summary>Lists the arithmetic of f16 and bf16 numbers, alone and in pairs (PTX ISA 9.7.4).</summary>
internal static class HalfForms
{
    public static IEnumerable<InstructionForm> All =>
    [
        .. Sum("add", HalfMath.Add, BrainMath.Add),
        .. Sum("sub", HalfMath.Subtract, BrainMath.Subtract),
        .. Sum("mul", HalfMath.Multiply, BrainMath.Multiply),
        new("fma", "rn {ftz} {sat} <f16|f16x2>", "d s s s", Apply(HalfMath.Fma, BrainMath.Fma)),
        new("fma", "rn {ftz} relu <f16|f16x2>", "d s s s", Apply(HalfMath.Fma, BrainMath.Fma)),
        new("fma", "rn {relu} <bf16|bf16x2>", "d s s s", Apply(HalfMath.Fma, BrainMath.Fma)),
        .. Signs("abs", HalfMath.Abs),
        .. Signs("neg", HalfMath.Negate),
        .. Extremes("min", HalfMath.Min, BrainMath.Min, HalfMath.MinNaN, BrainMath.MinNaN),
        .. Extremes("max", HalfMath.Max, BrainMath.Max, HalfMath.MaxNaN, BrainMath.MaxNaN),
        .. Magnitudes("min", HalfMath.MinXorSign, BrainMath.MinXorSign, HalfMath.MinNaNXorSign, BrainMath.MinNaNXorSign),
        .. Magnitudes("max", HalfMath.MaxXorSign, BrainMath.MaxXorSign, HalfMath.MaxNaNXorSign, BrainMath.MaxNaNXorSign),
        new("ex2", "approx <f16|f16x2>", "d s", Apply(HalfMath.Exponential2, BrainMath.Exponential2)),
        new("ex2", "approx ftz <bf16|bf16x2>", "d s", Apply(HalfMath.Exponential2, BrainMath.Exponential2)),
        new("tanh", "approx <f16|f16x2|bf16|bf16x2>", "d s", Apply(HalfMath.HyperbolicTangent, BrainMath.HyperbolicTangent)),
    ];

    private static IEnumerable<InstructionForm> Sum(string opcode, Delegate half, Delegate brain) =>
    [
        new(opcode, "{rn} {ftz} {sat} <f16|f16x2>", "d s s", Apply(half, brain)),
        new(opcode, "{rn} <bf16|bf16x2>", "d s s", Apply(half, brain)),
    ];

    private static IEnumerable<InstructionForm> Signs(string opcode, Delegate function) =>
    [
        new(opcode, "{ftz} <f16|f16x2>", "d s", Apply(function, function)),
        new(opcode, "<bf16|bf16x2>", "d s", Apply(function, function)),
    ];

    private static IEnumerable<InstructionForm> Extremes(string opcode, Delegate half, Delegate brain, Delegate halfNaN, Delegate brainNaN) =>
    [
        new(opcode, "{ftz} <f16|f16x2>", "d s s", Apply(half, brain)),
        new(opcode, "{ftz} NaN <f16|f16x2>", "d s s", Apply(halfNaN, brainNaN)),
        new(opcode, "<bf16|bf16x2>", "d s s", Apply(half, brain)),
        new(opcode, "NaN <bf16|bf16x2>", "d s s", Apply(halfNaN, brainNaN)),
    ];

    private static IEnumerable<InstructionForm> Magnitudes(string opcode, Delegate half, Delegate brain, Delegate halfNaN, Delegate brainNaN) =>
    [
        new(opcode, "{ftz} xorsign abs <f16|f16x2>", "d s s", Apply(half, brain)),
        new(opcode, "{ftz} NaN xorsign abs <f16|f16x2>", "d s s", Apply(halfNaN, brainNaN)),
        new(opcode, "xorsign abs <bf16|bf16x2>", "d s s", Apply(half, brain)),
        new(opcode, "NaN xorsign abs <bf16|bf16x2>", "d s s", Apply(halfNaN, brainNaN)),
    ];
}
