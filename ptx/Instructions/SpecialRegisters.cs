using System.Collections.Frozen;

namespace Broker.Ptx.Instructions;

/// <summary>Knows the special registers (PTX ISA 10), and which of them the engine has.</summary>
/// <remarks>
/// What differs between machines is the same on all here: clocks and timers count the instructions that the threads of the block
/// have run together, up to the start of the straight run of code that asks. There is one multiprocessor, number 0, every grid
/// is number 0, performance counters and the driver's registers are 0. A block is a cluster of its own.
/// </remarks>
internal static class SpecialRegisters
{
    public const int WarpSize = 32;

    private const string Names = """
        %tid %ntid %laneid %warpid %nwarpid %ctaid %nctaid %smid %nsmid %gridid %is_explicit_cluster %clusterid
        %nclusterid %cluster_ctaid %cluster_nctaid %cluster_ctarank %cluster_nctarank %lanemask_eq %lanemask_le
        %lanemask_lt %lanemask_ge %lanemask_gt %clock %clock_hi %clock64 %globaltimer %globaltimer_lo %globaltimer_hi
        %total_smem_size %aggr_smem_size %dynamic_smem_size %current_graph_exec
        %reserved_smem_offset_begin %reserved_smem_offset_end %reserved_smem_offset_cap %reserved_smem_offset_0 %reserved_smem_offset_1
        """;

    private static readonly FrozenSet<string> Known =
        Names.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).ToFrozenSet();

    private static readonly FrozenSet<string> Held = FrozenSet.Create(
        "%tid.x", "%tid.y", "%tid.z", "%ntid.x", "%ntid.y", "%ntid.z",
        "%ctaid.x", "%ctaid.y", "%ctaid.z", "%nctaid.x", "%nctaid.y", "%nctaid.z",
        "%laneid", "%warpid", "%nwarpid", "%dynamic_smem_size", "%total_smem_size",
        "%lanemask_eq", "%lanemask_le", "%lanemask_lt", "%lanemask_ge", "%lanemask_gt",
        "%clock", "%clock_hi", "%clock64", "%globaltimer", "%globaltimer_lo", "%globaltimer_hi",
        "%smid", "%nsmid", "%gridid", "%current_graph_exec", "%aggr_smem_size", "%is_explicit_cluster",
        "%clusterid.x", "%clusterid.y", "%clusterid.z", "%nclusterid.x", "%nclusterid.y", "%nclusterid.z",
        "%cluster_ctaid.x", "%cluster_ctaid.y", "%cluster_ctaid.z", "%cluster_nctaid.x", "%cluster_nctaid.y", "%cluster_nctaid.z",
        "%cluster_ctarank", "%cluster_nctarank");

    public static bool IsKnown(string name) =>
        Known.Contains(name) || name.StartsWith("%envreg", StringComparison.Ordinal) || name.StartsWith("%pm", StringComparison.Ordinal);

    public static bool IsHeld(string name) => Held.Contains(name) || IsDriverRegister(name);

    /// <summary>Says whether a register holds what the driver or a performance counter puts there, which is 0.</summary>
    public static bool IsDriverRegister(string name) =>
        IsNumbered(name, "%envreg", 31) || IsNumbered(name, "%pm", 7) || (name.EndsWith("_64", StringComparison.Ordinal) && IsNumbered(name[..^3], "%pm", 7));

    /// <summary>Says whether a register has 64 bits.</summary>
    public static bool IsWide(string name) =>
        name is "%clock64" or "%globaltimer" or "%gridid" or "%current_graph_exec" || (name.EndsWith("_64", StringComparison.Ordinal) && IsDriverRegister(name));

    public static bool IsClock(string name) =>
        name.StartsWith("%clock", StringComparison.Ordinal) || name.StartsWith("%globaltimer", StringComparison.Ordinal);

    private static bool IsNumbered(string name, string prefix, int most) =>
        name.StartsWith(prefix, StringComparison.Ordinal)
            && int.TryParse(name.AsSpan(prefix.Length), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number)
            && number <= most;
}
