using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json.Serialization;
using Broker.Core.Ids;

namespace Broker.Core.Verification;

/// <summary>A SHA-256 value, or 32 bytes that are used like one: 64 lower-case hex digits as text.</summary>
[JsonConverter(typeof(TextIdConverter<Digest>))]
public readonly record struct Digest : ITextId<Digest>
{
    /// <summary>Its length in bytes.</summary>
    public const int Size = SHA256.HashSizeInBytes;

    private readonly UInt128 _high;
    private readonly UInt128 _low;

    public Digest(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size) throw new ArgumentException($"a digest has {Size} bytes, not {bytes.Length}", nameof(bytes));
        (_high, _low) = (BinaryPrimitives.ReadUInt128BigEndian(bytes), BinaryPrimitives.ReadUInt128BigEndian(bytes[16..]));
    }

    public static string Rule => "a digest is 64 lower-case hex digits";

    public static bool TryParse(string? text, out Digest digest)
    {
        var valid = IdText.IsHex(text, 2 * Size);
        digest = valid ? new Digest(Convert.FromHexString(text!)) : default;
        return valid;
    }

    public static Digest Parse(string text) => TextId.Parse<Digest>(text);

    public static Digest Of(ReadOnlySpan<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[Size];
        SHA256.HashData(bytes, hash);
        return new Digest(hash);
    }

    public static Digest From(ContentHash hash) => Parse(hash.Hex);

    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt128BigEndian(destination, _high);
        BinaryPrimitives.WriteUInt128BigEndian(destination[16..], _low);
    }

    public byte[] ToBytes()
    {
        var bytes = new byte[Size];
        CopyTo(bytes);
        return bytes;
    }

    public override string ToString() => Convert.ToHexStringLower(ToBytes());
}
