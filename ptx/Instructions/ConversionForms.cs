using Broker.Ptx.Emit;

namespace Broker.Ptx.Instructions;

/// <summary>Lists conversions between types (PTX ISA 9.7.9.21 and 9.7.9.22).</summary>
internal static class ConversionForms
{
    private const string Integers = "<u8|s8|u16|s16|u32|s32|u64|s64>";
    private const string ToInteger = "<rni|rzi|rmi|rpi>";
    private const string Integral = "{rni|rzi|rmi|rpi}";
    private const string Directed = "<rn|rz|rm|rp>";

    public static IEnumerable<InstructionForm> All =>
    [
        new("cvt", $"{{sat}} {Integers} {Integers}", "d:0+ s:1+", ConversionEmission.BetweenIntegers),
        new("cvt", $"{ToInteger} {{ftz}} {{sat}} {Integers} <f16|bf16|f32|f64>", "d:0+ s:1+", ConversionEmission.RealToInteger),
        new("cvt", $"{Directed} {{ftz}} {{sat}} <f32|f64> {Integers}", "d:0 s:1+", ConversionEmission.IntegerToReal),
        new("cvt", $"{Directed} {{sat}} f16 {Integers}", "d:0+ s:1+", ConversionEmission.IntegerToReal),
        new("cvt", $"{Directed} bf16 {Integers}", "d:0+ s:1+", ConversionEmission.IntegerToReal),
        new("cvt", $"{Integral} {{ftz}} {{sat}} f32 f32", "d:0 s:1", ConversionEmission.BetweenReals),
        new("cvt", $"{Integral} {{sat}} f64 f64", "d:0 s:1", ConversionEmission.BetweenReals),
        new("cvt", $"{Integral} {{sat}} f16 f16", "d:0+ s:1+", ConversionEmission.BetweenReals),
        new("cvt", $"{Integral} bf16 bf16", "d:0+ s:1+", ConversionEmission.BetweenReals),
        new("cvt", $"{Directed} {{ftz}} {{sat}} f32 f64", "d:0 s:1", ConversionEmission.BetweenReals),
        new("cvt", "{ftz} {sat} f64 f32", "d:0 s:1", ConversionEmission.BetweenReals),
        new("cvt", "{ftz} {sat} <f32|f64> <f16|bf16>", "d:0 s:1+", ConversionEmission.BetweenReals),
        new("cvt", $"{Directed} {{ftz}} {{sat}} f16 <f32|f64>", "d:0+ s:1", ConversionEmission.BetweenReals),
        new("cvt", $"{Directed} {{ftz}} bf16 <f32|f64>", "d:0+ s:1", ConversionEmission.BetweenReals),
        new("cvt", $"{Directed} bf16 f16", "d:0+ s:1+", ConversionEmission.BetweenReals),
        new("cvt", $"{Directed} {{sat}} f16 bf16", "d:0+ s:1+", ConversionEmission.BetweenReals),
        .. Clamped,
        .. Packed,
    ];

    private static IEnumerable<InstructionForm> Clamped =>
    [
        new("cvt", "<rn|rz> relu {satfinite} <f16|bf16> f32", "d:0+ s:1", ConversionEmission.BetweenReals),
        new("cvt", "<rn|rz> satfinite <f16|bf16> f32", "d:0+ s:1", ConversionEmission.BetweenReals),
        new("cvt", "rna {satfinite} tf32 f32", "d:0 s:1", NarrowEmission.TensorFromF32),
        new("cvt", "<rn|rz> {satfinite} {relu} tf32 f32", "d:0 s:1", NarrowEmission.TensorFromF32),
    ];

    private static IEnumerable<InstructionForm> Packed =>
    [
        new("cvt", "<rn|rz> {ftz} {relu} {satfinite} <f16x2|bf16x2> f32", "d:0 s:1 s:1", NarrowEmission.PairFromF32),
        new("cvt", "rn satfinite {relu} <e4m3x2|e5m2x2> f32", "d:0 s:1 s:1", NarrowEmission.BytesFromPair),
        new("cvt", "rn satfinite {relu} <e4m3x2|e5m2x2> f16x2", "d:0 s:1", NarrowEmission.BytesFromPair),
        new("cvt", "rn {relu} f16x2 <e4m3x2|e5m2x2>", "d:0 s:1", NarrowEmission.PairFromBytes),
        new("cvt", "pack sat <u16|s16> s32", "d:b32 s:s32 s:s32", NarrowEmission.PackIntegers),
        new("cvt", "pack sat <u2|s2|u4|s4|u8|s8> s32 b32", "d:b32 s:s32 s:s32 s:b32", NarrowEmission.PackIntegers),
    ];
}
