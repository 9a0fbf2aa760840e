using Broker.Core.Ids;

namespace Broker.Core.Documents;

/// <summary>Reads a content hash.</summary>
internal static class ContentReader
{
    public static ContentHash? Read(DocumentNode node)
    {
        if (!node.TryText(out var text)) return null;
        if (text.StartsWith("sha256:", StringComparison.Ordinal) && ContentHash.TryParse(text, out var hash)) return hash;
        node.Refuse($"'{text}' is not valid: {ContentHash.Rule}");
        return null;
    }
}
