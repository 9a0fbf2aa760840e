using System.Globalization;
using Broker.Core.Jobs;

namespace Broker.Core.Documents;

/// <summary>Reads what a job requires of a device.</summary>
internal static class RequirementsReader
{
    public static Requirements Read(Dictionary<string, DocumentNode> document, long bufferBytes)
    {
        var requirements = new Requirements { MemoryBytes = bufferBytes };
        if (!document.TryGetValue("requires", out var node)) return requirements;
        var members = node.Members("memory", "share", "computeCapability", "where");
        if (members.TryGetValue("where", out var where) && !where.IsNull) where.RefuseAsUnsupported("the constraint language of 'where' is");
        if (members.TryGetValue("memory", out var memory)) requirements = requirements with { MemoryBytes = Math.Max(bufferBytes, ReadMemory(memory)) };
        if (members.TryGetValue("computeCapability", out var capability))
            requirements = requirements with { ComputeCapability = ReadCapability(capability) };
        if (members.TryGetValue("share", out var share)) requirements = requirements with { ShareThousandths = ReadShare(share) };
        return requirements;
    }

    private static long ReadMemory(DocumentNode node)
    {
        if (!node.TryText(out var text)) return 0;
        if (Quantities.TryParseBytes(text, out var bytes)) return bytes;
        node.Refuse($"'{text}' is not a size: write {Quantities.BytesRule}");
        return 0;
    }

    private static int ReadCapability(DocumentNode node)
    {
        if (!node.TryText(out var text)) return 0;
        var version = text.StartsWith(">=", StringComparison.Ordinal) ? text[2..].Trim() : "";
        var parts = version.Split('.');
        if (parts.Length == 2
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var major) && major is >= 1 and <= 99
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var minor) && minor <= 9)
            return (major * 10) + minor;
        node.Refuse($"'{text}' is not a compute capability: write \">=7.0\"");
        return 0;
    }

    private static int ReadShare(DocumentNode node)
    {
        if (node.Element.ValueKind == System.Text.Json.JsonValueKind.Number
            && node.Element.TryGetDecimal(out var share) && share is > 0 and <= 1)
            return (int)Math.Ceiling(share * 1000);
        node.Refuse($"must be a share of a device above 0 and up to 1, not {DocumentNode.Describe(node.Element)}");
        return 0;
    }
}
