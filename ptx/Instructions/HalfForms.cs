using Broker.Ptx.Arithmetic;
using static Broker.Ptx.Emit.Emissions;

namespace Broker.Ptx.Instructions;

/// <summary>Lists the arithmetic of single f16 numbers (PTX ISA 9.7.4); packed pairs are not supported yet.</summary>
internal static class HalfForms
{
    public static IEnumerable<InstructionForm> All =>
    [
        new("add", "{rn} f16", "d s s", Apply(HalfMath.Add)),
        new("sub", "{rn} f16", "d s s", Apply(HalfMath.Subtract)),
        new("mul", "{rn} f16", "d s s", Apply(HalfMath.Multiply)),
        new("fma", "rn f16", "d s s s", Apply(HalfMath.Fma)),
        new("abs", "f16", "d s", Apply(HalfMath.Abs)),
        new("neg", "f16", "d s", Apply(HalfMath.Negate)),
    ];
}
