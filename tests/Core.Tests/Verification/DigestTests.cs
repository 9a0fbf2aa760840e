using System.Text.Json;
using Broker.Core.Documents;
using Broker.Core.Ids;
using Broker.Core.Verification;

namespace Broker.Core.Tests.Verification;

public class DigestTests
{
    /// <summary>FIPS 180-4's example.</summary>
    private const string OfAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    [Fact]
    public void A_digest_is_the_sha256_of_bytes_in_lower_case_hex()
    {
        Assert.Equal(OfAbc, Digest.Of("abc"u8).ToString());
        Assert.Equal("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", Digest.Of([]).ToString());
        Assert.Equal(Digest.Of("abc"u8), Digest.From(ContentHash.Of("abc"u8)));
    }

    [Fact]
    public void Text_and_bytes_read_back()
    {
        var digest = Digest.Parse(OfAbc);
        Assert.Equal(Convert.FromHexString(OfAbc), digest.ToBytes());
        Assert.Equal(digest, new Digest(digest.ToBytes()));
        Assert.Equal(digest, JsonSerializer.Deserialize<Digest>(JsonSerializer.Serialize(digest, BrokerJson.Options), BrokerJson.Options));
        Assert.Equal(new string('0', 64), default(Digest).ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015a")]
    [InlineData("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad0")]
    [InlineData("BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD")]
    [InlineData("ga7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    public void Other_text_is_no_digest(string? text) => Assert.False(Digest.TryParse(text, out _));

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(33)]
    public void Other_lengths_are_no_digest(int length) => Assert.Throws<ArgumentException>(() => new Digest(new byte[length]));
}
