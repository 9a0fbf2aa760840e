using System.Text.Json;
using Broker.Core.Documents;
using Broker.Core.Ids;

namespace Broker.Core.Tests.Ids;

public class TextIdTests
{
    private const string Hex64 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    public static TheoryData<string, string?, bool> Cases => new()
    {
        { "account", "bob", true },
        { "account", "a1b2c3d4a1b2c3d4a1b2c3d4a1b2c3d4", true },
        { "account", "123", true },
        { "account", "operator", true },
        { "account", "ab", false },
        { "account", "a1b2c3d4a1b2c3d4a1b2c3d4a1b2c3d4e", false },
        { "account", "Bob", false },
        { "account", "bo-b", false },
        { "account", "bob ", false },
        { "account", "bób", false },
        { "account", "", false },
        { "account", null, false },
        { "job", "0123456789abcdef01234567", true },
        { "job", "0123456789abcdef0123456", false },
        { "job", "0123456789abcdef012345678", false },
        { "job", "0123456789ABCDEF01234567", false },
        { "job", "0123456789abcdeg01234567", false },
        { "job", "", false },
        { "job", null, false },
        { "worker", "0123456789abcdef", true },
        { "worker", "0123456789abcde", false },
        { "worker", "0123456789abcdef0", false },
        { "worker", "0123456789abcdeF", false },
        { "worker", null, false },
        { "pool", "default", true },
        { "pool", "a", true },
        { "pool", "7", true },
        { "pool", "eu-west-1", true },
        { "pool", "a234567890123456789012345678901234567890", true },
        { "pool", "a2345678901234567890123456789012345678901", false },
        { "pool", "-eu", false },
        { "pool", "eu-", false },
        { "pool", "-", false },
        { "pool", "eu_west", false },
        { "pool", "EU", false },
        { "pool", "eu/west", false },
        { "pool", "", false },
        { "pool", null, false },
        { "content", Hex64, true },
        { "content", "sha256:" + Hex64, true },
        { "content", "sha256:", false },
        { "content", "sha512:" + Hex64, false },
        { "content", "SHA256:" + Hex64, false },
        { "content", "sha256:" + Hex64 + "0", false },
        { "content", "sha256:sha256:" + Hex64, false },
        { "content", "0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef", false },
        { "content", null, false },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void An_id_is_accepted_or_refused_wherever_it_enters(string kind, string? text, bool valid)
    {
        switch (kind)
        {
            case "account": Check<AccountId>(text, valid, AccountId.Parse); break;
            case "job": Check<JobId>(text, valid, JobId.Parse); break;
            case "worker": Check<WorkerId>(text, valid, WorkerId.Parse); break;
            case "pool": Check<PoolName>(text, valid, PoolName.Parse); break;
            default: Check<ContentHash>(text, valid, ContentHash.Parse); break;
        }
    }

    [Fact]
    public void A_content_hash_is_the_same_with_and_without_its_prefix()
    {
        Assert.Equal(ContentHash.Parse(Hex64), ContentHash.Parse("sha256:" + Hex64));
        Assert.Equal("sha256:" + Hex64, ContentHash.Parse(Hex64).ToString());
        Assert.Equal(Hex64, ContentHash.Parse(Hex64).Hex);
    }

    [Fact]
    public void A_content_hash_is_the_sha256_of_its_bytes() =>
        // FIPS 180-2, appendix B.1.
        Assert.Equal("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", ContentHash.Of("abc"u8).Hex);

    [Theory]
    [InlineData("7")]
    [InlineData("null")]
    [InlineData("true")]
    [InlineData("[]")]
    [InlineData("{}")]
    public void An_id_in_json_is_a_string(string json) =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<JobId>(json, BrokerJson.Options));

    [Fact]
    public void Ids_are_names_of_members_too()
    {
        var counts = new Dictionary<WorkerId, int> { [Feasible.WorkerId()] = 3 };
        var json = JsonSerializer.Serialize(counts, BrokerJson.Options);
        Assert.Equal($"{{\"{Feasible.WorkerId()}\":3}}", json);
        Assert.Equal(counts, JsonSerializer.Deserialize<Dictionary<WorkerId, int>>(json, BrokerJson.Options));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Dictionary<WorkerId, int>>("""{"w":3}""", BrokerJson.Options));
    }

    [Fact]
    public void An_attempt_id_reads_as_job_replica_and_number() =>
        Assert.Equal($"{Feasible.JobId()}/1/2", new AttemptId(Feasible.JobId(), 1, 2).ToString());

    private static void Check<T>(string? text, bool valid, Func<string, T> parse) where T : struct, ITextId<T>
    {
        Assert.Equal(valid, T.TryParse(text, out var id));
        var json = JsonSerializer.Serialize(text);
        if (valid)
        {
            Assert.EndsWith(text!, id.ToString(), StringComparison.Ordinal);
            Assert.Equal(id, parse(text!));
            Assert.Equal(id, JsonSerializer.Deserialize<T>(json, BrokerJson.Options));
            Assert.Equal($"\"{id}\"", JsonSerializer.Serialize(id, BrokerJson.Options));
            return;
        }

        Assert.Equal(default, id);
        Assert.Contains(T.Rule, Assert.Throws<FormatException>(() => parse(text!)).Message, StringComparison.Ordinal);
        Assert.Contains(T.Rule, Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<T>(json, BrokerJson.Options)).Message, StringComparison.Ordinal);
    }
}
