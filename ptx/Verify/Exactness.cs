using System.Collections.Frozen;
using Broker.Ptx.Instructions;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Verify;

/// <summary>Says how far the results of an instruction are the same on every machine.</summary>
internal enum Exactness
{
    /// <summary>Nobody has looked at it, so nothing is promised.</summary>
    Unlisted,

    /// <summary>The manual fixes every bit, but the payload of a NaN.</summary>
    Exact,

    /// <summary>The manual gives a bound of the error; GPUs of one architecture agree.</summary>
    Approximate,
}

/// <summary>Lists the instructions whose results are known to be the same everywhere.</summary>
/// <remarks>
/// An allow-list: a form that the instruction table gains is not exact until it stands here. Loads, stores and atomics stand here for what
/// they compute; whether other blocks can disturb them is judged apart.
/// </remarks>
internal static class ExactnessTable
{
    private const string Integers = "<s16|u16|s32|u32|s64|u64>";
    private const string Comparisons = "<eq|ne|lt|le|gt|ge|lo|ls|hi|hs|equ|neu|ltu|leu|gtu|geu|num|nan> {and|or|xor}";
    private const string Directed = "<rn|rz|rm|rp>";
    private const string Types = "<pred|b16|u16|s16|b32|u32|s32|b64|u64|s64|f16|f32|f64>";
    private const string Numbers = "<u8|s8|u16|s16|u32|s32|u64|s64|f16|bf16|f32|f64>";
    private const string Order = "{relaxed|acquire|release|acq_rel} {cta|cluster|gpu|sys} {global|shared|shared::cta}";

    private static readonly (string Opcodes, string Pattern, Exactness Exactness)[] Rows =
    [
        ("add sub addc subc", $"{{cc}} {{sat}} {Integers}", Exactness.Exact),
        ("mul mad madc", $"<lo|hi|wide> {{cc}} {Integers}", Exactness.Exact),
        ("mul24 mad24", "<lo|hi> <s32|u32>", Exactness.Exact),
        ("neg abs min max sad div rem", Integers, Exactness.Exact),
        ("dp4a", "<s32|u32> <s32|u32>", Exactness.Exact),
        ("dp2a", "<lo|hi> <s32|u32> <s32|u32>", Exactness.Exact),
        ("and or xor not cnot", "<pred|b16|b32|b64>", Exactness.Exact),
        ("lop3", "b32", Exactness.Exact),
        ("shl shr", "<b16|u16|s16|b32|u32|s32|b64|u64|s64>", Exactness.Exact),
        ("shf", "<l|r> <clamp|wrap> b32", Exactness.Exact),
        ("clz popc brev", "<b32|b64>", Exactness.Exact),
        ("bfind", "{shiftamt} <u32|s32|u64|s64>", Exactness.Exact),
        ("bfe", "<u32|s32|u64|s64>", Exactness.Exact),
        ("bfi", "<b32|b64>", Exactness.Exact),
        ("bmsk", "<clamp|wrap> b32", Exactness.Exact),
        ("szext", "<clamp|wrap> <u32|s32>", Exactness.Exact),
        ("fns", "b32", Exactness.Exact),
        ("prmt", "b32 {f4e|b4e|rc8|ecl|ecr|rc16}", Exactness.Exact),
        ("add sub mul", $"{{rn|rz|rm|rp}} {{ftz}} {{sat}} <f32|f64>", Exactness.Exact),
        ("add sub mul", "{rn} {ftz} {sat} <f16|f16x2|bf16|bf16x2>", Exactness.Exact),
        ("fma mad", $"{{rn|rz|rm|rp}} {{ftz}} {{sat}} <f32|f64>", Exactness.Exact),
        ("fma", "rn {ftz} {sat} {relu} <f16|f16x2|bf16|bf16x2>", Exactness.Exact),
        ("add sub mul fma", "{rn|rz|rm|rp} {ftz} f32x2", Exactness.Exact),
        ("div rcp sqrt", $"{Directed} {{ftz}} <f32|f64>", Exactness.Exact),
        ("neg abs", "{ftz} <f16|f16x2|bf16|bf16x2|f32|f64>", Exactness.Exact),
        ("min max", "{ftz} {NaN} {xorsign} {abs} <f16|f16x2|bf16|bf16x2|f32|f64>", Exactness.Exact),
        ("copysign", "<f32|f64>", Exactness.Exact),
        ("testp", "<finite|infinite|number|notanumber|normal|subnormal> <f32|f64>", Exactness.Exact),
        ("setp", $"{Comparisons} {{ftz}} <b16|u16|s16|b32|u32|s32|b64|u64|s64|f16|f16x2|bf16|bf16x2|f32|f64>", Exactness.Exact),
        ("set", $"{Comparisons} {{ftz}} <u32|s32|f32|f16|f16x2> <b16|u16|s16|b32|u32|s32|b64|u64|s64|f16|f16x2|f32|f64>", Exactness.Exact),
        ("selp", Types, Exactness.Exact),
        ("slct", $"{{ftz}} {Types} <s32|f32>", Exactness.Exact),
        ("mov", Types, Exactness.Exact),
        ("cvta", "{to} <global|const|param|param::entry|shared|shared::cta|local> <u32|u64>", Exactness.Exact),
        ("isspacep", "<shared|shared::cta|local|param|const|global>", Exactness.Exact),
        ("cvt", $"{{rn|rz|rm|rp|rni|rzi|rmi|rpi}} {{ftz}} {{sat}} {Numbers} {Numbers}", Exactness.Exact),
        ("cvt", "<rn|rz> {ftz} {relu} {satfinite} <f16x2|bf16x2> f32", Exactness.Exact),
        ("bra brx ret exit trap call", "{idx} {uni}", Exactness.Exact),
        ("bar barrier", "{cta} {warp} sync {aligned}", Exactness.Exact),
        ("bar barrier", "{cta} red <popc|and|or> {aligned} <u32|pred>", Exactness.Exact),
        ("membar", "<cta|gl|sys>", Exactness.Exact),
        ("fence", "{sc|acq_rel} <cta|cluster|gpu|sys>", Exactness.Exact),
        ("vprintf __assertfail", "", Exactness.Exact),
        ("shfl", "sync <up|down|bfly|idx> b32", Exactness.Exact),
        ("vote", "sync <all|any|uni|ballot> <pred|b32>", Exactness.Exact),
        ("match", "<any|all> sync <b32|b64>", Exactness.Exact),
        ("redux", "sync <add|min|max|and|or|xor> <b32|u32|s32>", Exactness.Exact),
        // Sums that come around where they are too large; how far saturating ones go in between, nobody says.
        ("mma", "sync aligned <m8n8k16|m16n8k16|m8n8k32|m16n8k32|m16n8k64> row col s32 <s8|u8|s4|u4> <s8|u8|s4|u4> s32", Exactness.Exact),
        ("mma", "sync aligned <m8n8k128|m16n8k128|m16n8k256> row col s32 b1 b1 s32 <xor|and> popc", Exactness.Exact),
        // Words stay whole. Transposed, a float would come apart, and with it a NaN of which a machine chose the bits.
        ("ldmatrix", "sync aligned m8n8 <x1|x2|x4> {shared|shared::cta} b16", Exactness.Exact),
        ("atom red", $"{Order} <add|and|or|xor|min|max|inc|dec|exch|cas> {{noftz}} <b32|u32|s32|b64|u64|s64|f32|f64>", Exactness.Exact),
        ("div", "<approx|full> {ftz} f32", Exactness.Approximate),
        ("rcp sqrt rsqrt", "approx {ftz} <f32|f64>", Exactness.Approximate),
        ("mma", "sync aligned <m16n8k4|m16n8k8|m16n8k16> row col <f16|f32> <f16|bf16|tf32> <f16|bf16|tf32> <f16|f32>", Exactness.Approximate),
        ("sin cos lg2 ex2 tanh", "approx {ftz} <f16|f16x2|bf16|bf16x2|f32>", Exactness.Approximate),
    ];

    private static readonly FrozenDictionary<string, (ModifierPattern Pattern, Exactness Exactness)[]> ByOpcode = Rows
        .SelectMany(row => row.Opcodes.Split(' ').Select(opcode => (opcode, entry: (new ModifierPattern(row.Pattern, opcode is "atom" or "red"), row.Exactness))))
        .GroupBy(row => row.opcode)
        .ToFrozenDictionary(group => group.Key, group => group.Select(row => row.entry).ToArray());

    public static Exactness Of(Instruction instruction)
    {
        // What loads and stores compute is exact in every form; their space and order are looked at where they matter.
        if (instruction.Opcode is "ld" or "ldu" or "st" or "prefetch" or "prefetchu" && !instruction.Has(OperandShape.CacheHint)) return Exactness.Exact;
        foreach (var (pattern, exactness) in ByOpcode.GetValueOrDefault(instruction.Opcode) ?? [])
            if (pattern.Matches(instruction.Modifiers))
                return exactness;
        return Exactness.Unlisted;
    }
}
