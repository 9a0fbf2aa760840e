using System.Security.Cryptography;
using System.Text.Json.Serialization;

namespace Broker.Core.Ids;

/// <summary>Names content by its SHA-256: 64 lower-case hex digits, with or without the prefix <c>sha256:</c>.</summary>
[JsonConverter(typeof(TextIdConverter<ContentHash>))]
public readonly record struct ContentHash : ITextId<ContentHash>
{
    private const string Prefix = "sha256:";
    private readonly string? _hex;

    private ContentHash(string hex) => _hex = hex;

    public static string Rule => "a content hash is 'sha256:' and 64 lower-case hex digits";

    /// <summary>The digits alone, as a blob is named.</summary>
    public string Hex => _hex ?? "";

    public static bool TryParse(string? text, out ContentHash hash)
    {
        var hex = text is not null && text.StartsWith(Prefix, StringComparison.Ordinal) ? text[Prefix.Length..] : text;
        var valid = IdText.IsHex(hex, 64);
        hash = valid ? new ContentHash(hex!) : default;
        return valid;
    }

    public static ContentHash Parse(string text) => TextId.Parse<ContentHash>(text);

    public static ContentHash Of(ReadOnlySpan<byte> bytes) => new(Convert.ToHexStringLower(SHA256.HashData(bytes)));

    public override string ToString() => Prefix + Hex;
}
