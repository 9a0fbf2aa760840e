using System.Security.Cryptography;
using Broker.Core.Verification;
using Broker.Tests;
using CsCheck;

namespace Broker.Core.Tests.Verification;

public class SignaturesTests
{
    private static readonly SignedStatement Signed = Make.Sign(Feasible.Commitment().Statement);

    private static readonly byte[] Bytes = Signed.Statement.Encode();

    [Fact]
    public void What_was_signed_is_known_by_its_key()
    {
        Assert.True(Signatures.Verify(Bytes, Signed.Signature, Make.PublicKey));
        Assert.Equal(88, Signed.Signature.Length);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Assert.False(Signatures.Verify(Bytes, Signed.Signature, Convert.ToBase64String(other.ExportSubjectPublicKeyInfo())));
        Assert.False(Signatures.Verify([.. Bytes, 0], Signed.Signature, Make.PublicKey));
    }

    [Fact]
    public void Any_changed_bit_is_seen() => Gen.Int[0, (64 * 8) - 1].Sample(bit =>
    {
        var signature = Convert.FromBase64String(Signed.Signature);
        signature[bit / 8] ^= (byte)(1 << (bit % 8));
        Assert.False(Signatures.Verify(Bytes, Convert.ToBase64String(signature), Make.PublicKey));
    }, iter: 100);

    [Fact]
    public void Any_text_gets_an_answer() => Gen.Select(Gen.OneOf(Gen.String, Gen.String.AlphaNumeric, Gen.Byte.Array[0, 160].Select(Convert.ToBase64String), Gen.Const(new string('A', 100_000))), Gen.Byte.Array).Sample((text, bytes) =>
    {
        Assert.False(Signatures.Verify(bytes, text, Make.PublicKey));
        Assert.False(Signatures.Verify(bytes, Signed.Signature, text));
        Assert.False(Signatures.IsKey(text));
    });

    [Fact]
    public void A_key_is_one_of_p256_and_nothing_else()
    {
        Assert.True(Signatures.IsKey(Make.PublicKey));
        Assert.False(Signatures.IsKey(Convert.ToBase64String([.. Convert.FromBase64String(Make.PublicKey), 0])));
        using var larger = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        Assert.False(Signatures.IsKey(Convert.ToBase64String(larger.ExportSubjectPublicKeyInfo())));
        using var brainpool = ECDsa.Create(ECCurve.NamedCurves.brainpoolP256r1);
        Assert.False(Signatures.IsKey(Convert.ToBase64String(brainpool.ExportSubjectPublicKeyInfo())));
        using var rsa = RSA.Create(1024);
        Assert.False(Signatures.IsKey(Convert.ToBase64String(rsa.ExportSubjectPublicKeyInfo())));
    }
}
