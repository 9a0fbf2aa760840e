using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace Broker.Core.Ids;

/// <summary>The alphabets of ids, and how an id is derived from what it names.</summary>
internal static class IdText
{
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    public static bool IsHex(string? text, int digits) =>
        text is not null && text.Length == digits && text.AsSpan().IndexOfAnyExcept(HexDigits) < 0;

    /// <summary>Equal parts give equal ids, so a repeated request finds what the first one made.</summary>
    /// <remarks>Parts are length-prefixed: ("ab", "c") and ("a", "bc") differ.</remarks>
    public static string Derive(int digits, params ReadOnlySpan<string> parts)
    {
        var text = new StringBuilder();
        foreach (var part in parts) text.Append(part.Length).Append(':').Append(part);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())))[..digits];
    }
}
