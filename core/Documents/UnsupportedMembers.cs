using System.Text.Json;

namespace Broker.Core.Documents;

/// <summary>Refuses, by name, what the document's language has and the broker does not do yet.</summary>
internal static class UnsupportedMembers
{
    public static void Refuse(Dictionary<string, DocumentNode> members)
    {
        RefuseAboveOne(members, "array", 1_000_000, "an array of more than one task is");
        RefuseAboveOne(members, "gang", 32, "a gang of more than one slot is");
        if (members.TryGetValue("after", out var after) && after.Items(int.MaxValue).Length > 0)
            after.RefuseAsUnsupported("waiting for other jobs is");
        if (members.TryGetValue("auction", out var auction) && !auction.IsNull) auction.RefuseAsUnsupported("an auction is");
        if (members.TryGetValue("verification", out var verification) && !verification.IsNull) RefuseVerification(verification);
    }

    private static void RefuseAboveOne(Dictionary<string, DocumentNode> members, string name, long most, string what)
    {
        if (members.TryGetValue(name, out var node) && node.TryInteger(1, most, out var count) && count > 1) node.RefuseAsUnsupported(what);
    }

    private static void RefuseVerification(DocumentNode node)
    {
        var members = node.Members("mode", "fraction", "confidence", "budget", "checkpointEvery", "tolerance", "replicas");
        if (!members.TryGetValue("mode", out var mode))
        {
            if (node.Element.ValueKind == JsonValueKind.Object && members.Count > 0)
                node.RefuseAsUnsupported("verification is");
            return;
        }

        if (!mode.TryText(out var text) || text == "none") return;
        if (text is "sample" or "full" or "replicate" or "refereed") mode.RefuseAsUnsupported($"verification mode '{text}' is");
        else mode.Refuse($"'{text}' is not a verification mode: none, sample, full, replicate or refereed");
    }
}
