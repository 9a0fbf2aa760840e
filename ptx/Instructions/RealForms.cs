using System.Reflection.Emit;
using Broker.Ptx.Arithmetic;
using Broker.Ptx.Emit;
using static Broker.Ptx.Emit.Emissions;

namespace Broker.Ptx.Instructions;

/// <summary>Lists the arithmetic of f32 and f64 (PTX ISA 9.7.3).</summary>
/// <remarks>Directed roundings of f64 are not supported yet; those of f32 go through double precision.</remarks>
internal static class RealForms
{
    public static IEnumerable<InstructionForm> All =>
    [
        .. Sum("add", OpCodes.Add, RealMath.AddZero, RealMath.AddDown, RealMath.AddUp),
        .. Sum("sub", OpCodes.Sub, RealMath.SubtractZero, RealMath.SubtractDown, RealMath.SubtractUp),
        .. Sum("mul", OpCodes.Mul, RealMath.MultiplyZero, RealMath.MultiplyDown, RealMath.MultiplyUp),
        .. Fused("fma", "rn"),
        .. Fused("mad", "{rn}"),
        .. Division,
        .. Unary("rcp", RealMath.Reciprocal, RealMath.ReciprocalF64, RealMath.ReciprocalZero, RealMath.ReciprocalDown, RealMath.ReciprocalUp),
        .. Unary("sqrt", RealMath.SquareRoot, RealMath.SquareRootF64, RealMath.SquareRootZero, RealMath.SquareRootDown, RealMath.SquareRootUp),
        .. Approximate,
        .. Signs,
        .. Extremes("min", RealMath.Min, RealMath.MinF64, RealMath.MinNaN),
        .. Extremes("max", RealMath.Max, RealMath.MaxF64, RealMath.MaxNaN),
    ];

    private static IEnumerable<InstructionForm> Sum(string opcode, OpCode nearest, Delegate zero, Delegate down, Delegate up) =>
    [
        new(opcode, "{rn} {ftz} {sat} f32", "d s s", ApplyReal(nearest)),
        new(opcode, "rz {ftz} {sat} f32", "d s s", ApplyReal(zero)),
        new(opcode, "rm {ftz} {sat} f32", "d s s", ApplyReal(down)),
        new(opcode, "rp {ftz} {sat} f32", "d s s", ApplyReal(up)),
        new(opcode, "{rn} f64", "d s s", ApplyReal(nearest)),
    ];

    // mad.f32 is fused since sm_20 (PTX ISA 9.7.3.7).
    private static IEnumerable<InstructionForm> Fused(string opcode, string nearest) =>
    [
        new(opcode, $"{nearest} {{ftz}} {{sat}} f32", "d s s s", ApplyReal(RealMath.Fma)),
        new(opcode, "rz {ftz} {sat} f32", "d s s s", ApplyReal(RealMath.FmaZero)),
        new(opcode, "rm {ftz} {sat} f32", "d s s s", ApplyReal(RealMath.FmaDown)),
        new(opcode, "rp {ftz} {sat} f32", "d s s s", ApplyReal(RealMath.FmaUp)),
        new(opcode, $"{nearest} f64", "d s s s", ApplyReal(RealMath.FmaF64)),
    ];

    private static IEnumerable<InstructionForm> Division =>
    [
        new("div", "<rn|approx|full> {ftz} f32", "d s s", ApplyReal(OpCodes.Div)),
        new("div", "rz {ftz} f32", "d s s", ApplyReal(RealMath.DivideZero)),
        new("div", "rm {ftz} f32", "d s s", ApplyReal(RealMath.DivideDown)),
        new("div", "rp {ftz} f32", "d s s", ApplyReal(RealMath.DivideUp)),
        new("div", "rn f64", "d s s", ApplyReal(OpCodes.Div)),
    ];

    private static IEnumerable<InstructionForm> Unary(string opcode, Delegate f32, Delegate f64, Delegate zero, Delegate down, Delegate up) =>
    [
        new(opcode, "<rn|approx> {ftz} f32", "d s", ApplyReal(f32)),
        new(opcode, "rz {ftz} f32", "d s", ApplyReal(zero)),
        new(opcode, "rm {ftz} f32", "d s", ApplyReal(down)),
        new(opcode, "rp {ftz} f32", "d s", ApplyReal(up)),
        new(opcode, "rn f64", "d s", ApplyReal(f64)),
    ];

    private static IEnumerable<InstructionForm> Approximate =>
    [
        new("rsqrt", "approx {ftz} f32", "d s", ApplyReal(RealMath.ReciprocalSquareRoot)),
        new("rsqrt", "approx f64", "d s", ApplyReal(RealMath.ReciprocalSquareRootF64)),
        new("sin", "approx {ftz} f32", "d s", ApplyReal(RealMath.Sine)),
        new("cos", "approx {ftz} f32", "d s", ApplyReal(RealMath.Cosine)),
        new("lg2", "approx {ftz} f32", "d s", ApplyReal(RealMath.Logarithm2)),
        new("ex2", "approx {ftz} f32", "d s", ApplyReal(RealMath.Exponential2)),
        new("tanh", "approx f32", "d s", ApplyReal(RealMath.HyperbolicTangent)),
    ];

    private static IEnumerable<InstructionForm> Signs =>
    [
        new("neg", "{ftz} f32", "d s", ApplyReal(OpCodes.Neg)),
        new("neg", "f64", "d s", ApplyReal(OpCodes.Neg)),
        new("abs", "{ftz} f32", "d s", ApplyReal((Func<float, float>)MathF.Abs)),
        new("abs", "f64", "d s", ApplyReal((Func<double, double>)Math.Abs)),
        new("copysign", "f32", "d s s", ApplyReal(RealMath.CopySign), Traits.Copies),
        new("copysign", "f64", "d s s", ApplyReal(RealMath.CopySignF64), Traits.Copies),
        new("testp", "<finite|infinite|number|notanumber|normal|subnormal> <f32|f64>", "po s", RealTests.Emit, Traits.Copies),
    ];

    private static IEnumerable<InstructionForm> Extremes(string opcode, Delegate f32, Delegate f64, Delegate nan) =>
    [
        new(opcode, "{ftz} f32", "d s s", ApplyReal(f32)),
        new(opcode, "{ftz} NaN f32", "d s s", ApplyReal(nan)),
        new(opcode, "f64", "d s s", ApplyReal(f64)),
    ];
}
