using System.Collections.Frozen;

namespace Broker.Ptx.Instructions;

/// <summary>Knows the special registers (PTX ISA 10), and which of them the engine has.</summary>
/// <remarks>Clocks and the numbers of hardware units are left out: no two machines would show the same.</remarks>
internal static class SpecialRegisters
{
    public const int WarpSize = 32;

    private const string Names = """
        %tid %ntid %laneid %warpid %nwarpid %ctaid %nctaid %smid %nsmid %gridid %is_explicit_cluster %clusterid
        %nclusterid %cluster_ctaid %cluster_nctaid %cluster_ctarank %cluster_nctarank %lanemask_eq %lanemask_le
        %lanemask_lt %lanemask_ge %lanemask_gt %clock %clock_hi %clock64 %globaltimer %globaltimer_lo %globaltimer_hi
        %total_smem_size %aggr_smem_size %dynamic_smem_size %current_graph_exec
        """;

    private static readonly FrozenSet<string> Known =
        Names.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).ToFrozenSet();

    private static readonly FrozenSet<string> Held = FrozenSet.Create(
        "%tid.x", "%tid.y", "%tid.z", "%ntid.x", "%ntid.y", "%ntid.z",
        "%ctaid.x", "%ctaid.y", "%ctaid.z", "%nctaid.x", "%nctaid.y", "%nctaid.z",
        "%laneid", "%warpid", "%nwarpid", "%dynamic_smem_size", "%total_smem_size",
        "%lanemask_eq", "%lanemask_le", "%lanemask_lt", "%lanemask_ge", "%lanemask_gt");

    public static bool IsKnown(string name) =>
        Known.Contains(name) || name.StartsWith("%envreg", StringComparison.Ordinal) || name.StartsWith("%pm", StringComparison.Ordinal);

    public static bool IsHeld(string name) => Held.Contains(name);
}
