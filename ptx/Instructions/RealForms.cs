using System.Reflection.Emit;
using Broker.Ptx.Arithmetic;
using Broker.Ptx.Emit;
using Broker.Ptx.Syntax;
using static Broker.Ptx.Emit.Emissions;

namespace Broker.Ptx.Instructions;

/// <summary>Lists the arithmetic of f32 and f64 (PTX ISA 9.7.3).</summary>
internal static class RealForms
{
    public static IEnumerable<InstructionForm> All =>
    [
        .. Sum("add", OpCodes.Add, RealMath.AddZero, RealMath.AddDown, RealMath.AddUp),
        .. DirectedF64Rows("add", "d s s", DirectedF64.AddZero, DirectedF64.AddDown, DirectedF64.AddUp),
        .. Sum("sub", OpCodes.Sub, RealMath.SubtractZero, RealMath.SubtractDown, RealMath.SubtractUp),
        .. DirectedF64Rows("sub", "d s s", DirectedF64.SubtractZero, DirectedF64.SubtractDown, DirectedF64.SubtractUp),
        .. Sum("mul", OpCodes.Mul, RealMath.MultiplyZero, RealMath.MultiplyDown, RealMath.MultiplyUp),
        .. DirectedF64Rows("mul", "d s s", DirectedF64.MultiplyZero, DirectedF64.MultiplyDown, DirectedF64.MultiplyUp),
        .. Fused("fma", "rn"),
        .. Fused("mad", "{rn}"),
        .. Division,
        .. DirectedF64Rows("fma", "d s s s", DirectedF64.FmaZero, DirectedF64.FmaDown, DirectedF64.FmaUp),
        .. DirectedF64Rows("mad", "d s s s", DirectedF64.FmaZero, DirectedF64.FmaDown, DirectedF64.FmaUp),
        .. DirectedF64Rows("div", "d s s", DirectedF64.DivideZero, DirectedF64.DivideDown, DirectedF64.DivideUp),
        .. DirectedF64Rows("rcp", "d s", DirectedF64.ReciprocalZero, DirectedF64.ReciprocalDown, DirectedF64.ReciprocalUp),
        .. DirectedF64Rows("sqrt", "d s", DirectedF64.SquareRootZero, DirectedF64.SquareRootDown, DirectedF64.SquareRootUp),
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

    private static IEnumerable<InstructionForm> DirectedF64Rows(string opcode, string operands, Delegate zero, Delegate down, Delegate up) =>
    [
        new(opcode, "rz f64", operands, ApplyReal(zero)),
        new(opcode, "rm f64", operands, ApplyReal(down)),
        new(opcode, "rp f64", operands, ApplyReal(up)),
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
        new("div", "<rn|full> {ftz} f32", "d s s", ApplyReal(OpCodes.Div)),
        new("div", "approx {ftz} f32", "d s s", ApplyReal(RealMath.DivideApproximately)),
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
        new("rcp", "approx ftz f64", "d s", ApplyReal(RealMath.ReciprocalOfUpperHalf)),
        new("rsqrt", "approx ftz f64", "d s", ApplyReal(RealMath.ReciprocalSquareRootOfUpperHalf)),
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

    private static IEnumerable<InstructionForm> Extremes(string opcode, Func<float, float, float> f32, Delegate f64, Func<float, float, float> nan) =>
    [
        new(opcode, "{ftz} f32", "d s s", ApplyReal(f32)),
        new(opcode, "{ftz} NaN f32", "d s s", ApplyReal(nan)),
        new(opcode, "f64", "d s s", ApplyReal(f64)),
        new(opcode, "{ftz} {NaN} {abs} f32", "d s s s", (e, i) => ExtremeOfThree(e, i, i.Has("NaN") ? nan : f32)),
        new(opcode, "{ftz} {NaN} xorsign abs f32", "d s s", (e, i) => ExtremeWithXorSign(e, i, i.Has("NaN") ? nan : f32)),
    ];

    private static void ExtremeOfThree(ScalarEmitter emitter, Instruction instruction, Delegate extreme)
    {
        for (var i = 1; i <= 3; i++)
        {
            LoadReal(emitter, instruction, i);
            if (i > 1) emitter.Call(extreme);
        }

        emitter.Store(instruction, 0);
    }

    private static void ExtremeWithXorSign(ScalarEmitter emitter, Instruction instruction, Delegate extreme)
    {
        LoadReal(emitter, instruction, 1);
        LoadReal(emitter, instruction, 2);
        emitter.Call(extreme);
        emitter.Load(instruction, 1);
        emitter.Load(instruction, 2);
        emitter.Call(RealMath.XorSign);
        emitter.Store(instruction, 0);
    }

    private static void LoadReal(ScalarEmitter emitter, Instruction instruction, int operand)
    {
        emitter.Load(instruction, operand);
        if (instruction.Has("ftz")) emitter.Call(RealMath.Flush);
        if (instruction.Has("abs")) emitter.Call((Func<float, float>)MathF.Abs);
    }
}
