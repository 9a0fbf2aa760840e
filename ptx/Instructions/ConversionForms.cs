using Broker.Ptx.Arithmetic;
using Broker.Ptx.Emit;

namespace Broker.Ptx.Instructions;

/// <summary>Lists conversions between types (PTX ISA 9.7.9.21).</summary>
internal static class ConversionForms
{
    private const string Integers = "<u8|s8|u16|s16|u32|s32|u64|s64>";
    private const string ToInteger = "<rni|rzi|rmi|rpi>";
    private const string Directed = "<rn|rz|rm|rp>";

    public static IEnumerable<InstructionForm> All =>
    [
        new("cvt", $"{{sat}} {Integers} {Integers}", "d:0+ s:1+", ConversionEmission.BetweenIntegers),
        new("cvt", $"{ToInteger} {{ftz}} {{sat}} {Integers} <f16|f32|f64>", "d:0+ s:1+", ConversionEmission.RealToInteger),
        new("cvt", $"{Directed} {{ftz}} {{sat}} <f32|f64> {Integers}", "d:0 s:1+", ConversionEmission.IntegerToReal),
        new("cvt", $"rn f16 {Integers}", "d:0 s:1+", ConversionEmission.IntegerToReal),
        new("cvt", "{rni|rzi|rmi|rpi} {ftz} {sat} f32 f32", "d:0 s:1", ConversionEmission.BetweenReals),
        new("cvt", "{rni|rzi|rmi|rpi} {sat} f64 f64", "d:0 s:1", ConversionEmission.BetweenReals),
        new("cvt", $"{Directed} {{ftz}} {{sat}} f32 f64", "d:0 s:1", ConversionEmission.BetweenReals),
        new("cvt", "{ftz} {sat} f64 f32", "d:0 s:1", ConversionEmission.BetweenReals),
        new("cvt", "{ftz} {sat} <f32|f64> f16", "d:0 s:1+", ConversionEmission.BetweenReals),
        new("cvt", "rn {ftz} {sat} f16 <f32|f64>", "d:0+ s:1", ConversionEmission.BetweenReals),
        new("cvt", "f32 bf16", "d:0 s:1", Emissions.Apply(HalfMath.BrainToF32)),
        new("cvt", "rn bf16 f32", "d:0 s:1", Emissions.Apply(HalfMath.BrainFromF32)),
    ];
}
