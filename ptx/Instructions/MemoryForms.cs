using Broker.Ptx.Emit;

namespace Broker.Ptx.Instructions;

/// <summary>Lists loads and stores (PTX ISA 9.7.9).</summary>
internal static class MemoryForms
{
    // PTX ISA 9.7.9.8 and 9.7.9.11 put the space after the scope, but assemblers do not insist: CUDA code is full of ld.global.acquire.gpu.b32.
    private const Traits Marks = Traits.Copies | Traits.AnyOrder;

    private const string Types = "{v2|v4} <b8|u8|s8|b16|u16|s16|b32|u32|s32|b64|u64|s64|f32|f64>";
    private const string Eight = "v8 <b32|u32|s32|f32>";
    private const string Scope = "{cta|cluster|gpu|sys}";
    private const string Hints =
        "{L1::evict_normal|L1::evict_unchanged|L1::evict_first|L1::evict_last|L1::no_allocate} {L2::evict_normal|L2::evict_first|L2::evict_last} {L2::cache_hint} {L2::64B|L2::128B|L2::256B}";

    public static IEnumerable<InstructionForm> All =>
    [
        .. OfType(Types),
        .. OfType(Eight),
        new("ldu", $"{{global}} {Types}", "d+V m", MemoryEmission.Load, Traits.Copies),
    ];

    /// <summary>Lists the load and the store of some types.</summary>
    public static IEnumerable<InstructionForm> OfType(string types) =>
    [
        new("ld", $"{{weak|volatile|relaxed|acquire}} {Scope} {{global|shared|shared::cta|local|const|param|param::entry|param::func}} {{ca|cg|cs|lu|cv}} {{nc}} {Hints} {types}", "d+V m policy?", MemoryEmission.Load, Marks),
        new("st", $"{{weak|volatile|relaxed|release}} {Scope} {{global|shared|shared::cta|local|param|param::func}} {{wb|cg|cs|wt}} {Hints} {types}", "m s+V policy?", MemoryEmission.Store, Marks),
    ];
}
