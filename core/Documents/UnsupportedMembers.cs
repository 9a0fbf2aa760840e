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
    }

    private static void RefuseAboveOne(Dictionary<string, DocumentNode> members, string name, long most, string what)
    {
        if (members.TryGetValue(name, out var node) && node.TryInteger(1, most, out var count) && count > 1) node.RefuseAsUnsupported(what);
    }
}
