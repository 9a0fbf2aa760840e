using Broker.Ptx.Syntax;

namespace Broker.Ptx.Emit;

/// <summary>Emits tests of what kind of number a value is (PTX ISA 9.7.3.1).</summary>
internal static class RealTests
{
    public static void Emit(ScalarEmitter emitter, Instruction instruction)
    {
        emitter.Load(instruction, 1);
        emitter.Call((instruction.Modifiers[0], instruction.Type.Bits) switch
        {
            ("finite", 32) => IsFinite,
            ("infinite", 32) => IsInfinite,
            ("number", 32) => IsNumber,
            ("notanumber", 32) => IsNaN,
            ("normal", 32) => IsNormal,
            (_, 32) => IsSubnormal,
            ("finite", _) => IsFiniteF64,
            ("infinite", _) => IsInfiniteF64,
            ("number", _) => IsNumberF64,
            ("notanumber", _) => IsNaNF64,
            ("normal", _) => IsNormalF64,
            _ => (Delegate)IsSubnormalF64,
        });
        emitter.StorePredicate(instruction.Operands[0]);
    }

    private static int IsFinite(float a) => float.IsFinite(a) ? 1 : 0;

    private static int IsInfinite(float a) => float.IsInfinity(a) ? 1 : 0;

    public static int IsNumber(float a) => float.IsNaN(a) ? 0 : 1;

    private static int IsNaN(float a) => float.IsNaN(a) ? 1 : 0;

    private static int IsNormal(float a) => float.IsNormal(a) ? 1 : 0;

    private static int IsSubnormal(float a) => float.IsSubnormal(a) ? 1 : 0;

    private static int IsFiniteF64(double a) => double.IsFinite(a) ? 1 : 0;

    private static int IsInfiniteF64(double a) => double.IsInfinity(a) ? 1 : 0;

    public static int IsNumberF64(double a) => double.IsNaN(a) ? 0 : 1;

    private static int IsNaNF64(double a) => double.IsNaN(a) ? 1 : 0;

    private static int IsNormalF64(double a) => double.IsNormal(a) ? 1 : 0;

    private static int IsSubnormalF64(double a) => double.IsSubnormal(a) ? 1 : 0;
}
