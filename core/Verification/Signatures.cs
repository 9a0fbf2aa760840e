using System.Security.Cryptography;

namespace Broker.Core.Verification;

/// <summary>Checks signatures: ECDSA on P-256 over SHA-256, 64 bytes in base64 (IEEE P1363).</summary>
public static class Signatures
{
    private const int SignatureBytes = 64;

    /// <summary>The length that a key or a signature has at the most as text.</summary>
    public const int TextLength = 200;

    /// <summary>Whether a text is a public key: a SubjectPublicKeyInfo of P-256 in base64.</summary>
    public static bool IsKey(string text) => TryImport(text) is { } key && Release(key);

    /// <summary>Whether bytes were signed with the private half of a key. Total: any text gives an answer.</summary>
    public static bool Verify(ReadOnlySpan<byte> bytes, string signature, string publicKey)
    {
        Span<byte> decoded = stackalloc byte[SignatureBytes];
        if (signature.Length > TextLength || !Convert.TryFromBase64String(signature, decoded, out var length) || length != SignatureBytes) return false;
        using var key = TryImport(publicKey);
        return key is not null && key.VerifyData(bytes, decoded, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    /// <summary>How the key of an uncompressed point of P-256 begins (RFC 5480): other curves have keys of 256 bits too.</summary>
    private static ReadOnlySpan<byte> KeyHeader =>
        [0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04];

    private static ECDsa? TryImport(string text)
    {
        var bytes = new byte[TextLength];
        if (text.Length > TextLength || !Convert.TryFromBase64String(text, bytes, out var length) || !bytes.AsSpan(0, length).StartsWith(KeyHeader)) return null;
        var key = ECDsa.Create();
        try
        {
            key.ImportSubjectPublicKeyInfo(bytes.AsSpan(0, length), out var read);
            if (read == length) return key;
        }
        catch (CryptographicException)
        {
            // Text of somebody else: it need not be a key.
        }

        key.Dispose();
        return null;
    }

    private static bool Release(ECDsa key)
    {
        key.Dispose();
        return true;
    }
}
