using System.Text.Json;

namespace Broker.Core.Documents;

/// <summary>Finds nulls where an array should hold something: the serializer does not look into arrays.</summary>
public static class NullItems
{
    /// <summary>The path of the first one, in the order of the document; null where there is none.</summary>
    /// <param name="json">A document that can be read.</param>
    public static string? Find(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        return Find(document.RootElement, "$");
    }

    private static string? Find(JsonElement element, string path)
    {
        if (element.ValueKind == JsonValueKind.Object)
            return element.EnumerateObject().Select(member => Find(member.Value, $"{path}.{member.Name}")).FirstOrDefault(found => found is not null);
        if (element.ValueKind != JsonValueKind.Array) return null;
        return element.EnumerateArray()
            .Select((item, i) => item.ValueKind == JsonValueKind.Null ? $"{path}[{i}]" : Find(item, $"{path}[{i}]"))
            .FirstOrDefault(found => found is not null);
    }
}
