using Broker.Ptx.Expansions;

namespace Broker.Ptx.Instructions;

/// <summary>Lists asynchronous copies into shared memory that wait by groups (PTX ISA 9.7.9.25.3).</summary>
/// <remarks>
/// A copy is done where it is asked for, so that groups are complete as soon as they are there. That is one of the orders that the manual
/// allows: between the copy and the wait for it, a thread may neither read the target nor write the source.
/// </remarks>
internal static class CopyForms
{
    private const string Rest = "<shared|shared::cta> global {L2::cache_hint} {L2::64B|L2::128B|L2::256B}";

    public static IEnumerable<InstructionForm> All =>
    [
        .. Copies("ca", "4|8|16"),
        .. Copies("cg", "16"),
        Nothing("commit_group", ""),
        Nothing("wait_group", "number"),
        Nothing("wait_all", ""),
    ];

    private static IEnumerable<InstructionForm> Copies(string level, string sizes) =>
        ((string[])["", " s:u32", " p"]).Select(limit =>
            Expansion.Form("cp", $"async {level} {Rest}", $"m:shared m:global number:{sizes}{limit} policy?", AsyncCopy.Expand));

    private static InstructionForm Nothing(string what, string operands) => new("cp", $"async {what}", operands, (_, _) => { });
}
