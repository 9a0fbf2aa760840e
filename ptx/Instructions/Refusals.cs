using System.Collections.Frozen;

namespace Broker.Ptx.Instructions;

/// <summary>Says of each opcode that has no form why that is so.</summary>
internal static class Refusals
{
    private static readonly (string Reason, string Opcodes)[] Groups =
    [
        ("Textures and surfaces: how a texture is laid out and filtered is the driver's, and no two chips need agree.",
            "istypep suld suq sured sust tex tld4 txq"),
        ("Clusters, and launches that wait for others: a block must be able to run alone, since a verifier runs it alone.",
            "clusterlaunchcontrol getctarank griddepcontrol mapa"),
        ("Tensor cores beyond a warp: matrices that several warps hold, or memory of their own.", "tcgen05 tensormap wgmma"),
        ("Memory of many chips at once.", "multimem"),
        ("Video instructions: GPUs emulate most of them, and few compilers still write them.",
            "vabsdiff vabsdiff2 vabsdiff4 vadd vadd2 vadd4 vavrg2 vavrg4 vmad vmax vmax2 vmax4 vmin vmin2 vmin4 vset vset2 vset4 vshl vshr vsub vsub2 vsub4"),
        ("A debugger's breakpoint.", "brkpt"),
    ];

    private static readonly FrozenDictionary<string, string> ByOpcode = Groups
        .SelectMany(group => group.Opcodes.Split(' ').Select(opcode => (opcode, group.Reason)))
        .ToFrozenDictionary(row => row.opcode, row => row.Reason);

    public static string? Find(string opcode) => ByOpcode.GetValueOrDefault(opcode);

    /// <summary>Lists the reasons, each with the opcodes of some that it holds for.</summary>
    public static IEnumerable<(string Reason, IReadOnlyList<string> Opcodes)> For(IReadOnlySet<string> opcodes) =>
        Groups.Select(group => (group.Reason, (IReadOnlyList<string>)[.. group.Opcodes.Split(' ').Where(opcodes.Contains)])).Where(group => group.Item2.Count > 0);
}
