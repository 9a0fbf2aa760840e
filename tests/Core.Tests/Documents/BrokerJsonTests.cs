using System.Collections.Immutable;
using System.Text.Json;
using Broker.Core.Api;
using Broker.Core.Documents;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Core.Market;
using Broker.Core.Verification;
using Broker.Tests;

namespace Broker.Core.Tests.Documents;

public class BrokerJsonTests
{
    private const string Report = """{"run":"run00001","outcome":"completed"}""";

    [Fact]
    public void What_may_be_null_is_left_out_and_may_be_missing()
    {
        var report = new AttemptReport("run00001", RunOutcome.Completed);
        Assert.Equal(Report, JsonSerializer.Serialize(report, BrokerJson.Options));
        var read = Read<AttemptReport>(Report);
        Assert.Equal((report.Run, report.Outcome), (read.Run, read.Outcome));
        Assert.Null(read.Usage);
        Assert.Null(Read<AttemptReport>("""{"run":"run00001","outcome":"completed","usage":null}""").Usage);
        Assert.Null(Read<KeptProgress>("""{"step":1}""").Total);
    }

    [Theory]
    [InlineData("""{"run":"run00001","outcome":"completed","colour":1}""", "colour")]
    [InlineData("""{"outcome":"completed"}""", "run")]
    [InlineData("""{"run":null,"outcome":"completed"}""", "run")]
    [InlineData("""{"run":"run00001"}""", "outcome")]
    [InlineData("""{"run":"run00001","outcome":"completed","commitment":{"signature":""}}""", "statement")]
    [InlineData("""{"run":"run00001","outcome":"completed","commitment":{"statement":null,"signature":""}}""", "statement")]
    [InlineData("""{"run":"run00001","outcome":0}""", "outcome")]
    [InlineData("""{"run":"run00001","outcome":"0"}""", "outcome")]
    [InlineData("""{"run":"run00001","outcome":"done"}""", "outcome")]
    [InlineData("""{"run":"run00001","outcome":null}""", "outcome")]
    [InlineData("""{"run":7,"outcome":"completed"}""", "run")]
    [InlineData("""{"run":"run00001","outcome":"completed","usage":{"seconds":"1","steps":0,"executor":"cpu","storageOperations":0}}""", "seconds")]
    public void A_document_that_says_too_much_or_too_little_is_refused(string json, string member) =>
        Assert.Contains(member, Assert.Throws<JsonException>(() => Read<AttemptReport>(json)).Message, StringComparison.OrdinalIgnoreCase);

    [Fact]
    public void Enums_are_written_by_their_name_in_camel_case()
    {
        Assert.Equal("\"timedOut\"", JsonSerializer.Serialize(RunOutcome.TimedOut, BrokerJson.Options));
        Assert.Equal(RunOutcome.TimedOut, Read<RunOutcome>("\"timedOut\""));
        foreach (var state in Enum.GetValues<OfferState>())
            Assert.Equal(state, Read<OfferState>(JsonSerializer.Serialize(state, BrokerJson.Options)));
    }

    [Fact]
    public void A_member_with_a_default_may_be_missing_and_a_required_one_may_not()
    {
        var offer = Read<NewOffer>("""{"pricePerSecond":"0.001","slotMemoryBytes":1024}""");
        Assert.Equal(new NewOffer { PricePerSecond = new Money(1000), SlotMemoryBytes = 1024 }, offer);
        Assert.Throws<JsonException>(() => Read<NewOffer>("""{"pricePerSecond":"0.001"}"""));
    }

    [Fact]
    public void Text_is_written_as_it_is() =>
        Assert.Equal("\"größer als < 24 & mehr\"", JsonSerializer.Serialize("größer als < 24 & mehr", BrokerJson.Options));

    [Fact]
    public void A_record_with_all_its_members_reads_back_equal()
    {
        var fault = new AttemptReport("run00001", RunOutcome.Faulted, null, new Usage(1.5, 7, "cpu", 3), Feasible.Fault(), "why", "a line");
        Assert.Equal(fault, Read<AttemptReport>(JsonSerializer.Serialize(fault, BrokerJson.Options)));
        var commitment = Make.Sign(Feasible.Commitment().Statement with { Buffers = [new BufferRoot("image", 10, Feasible.Seed())] });
        var read = Read<AttemptReport>(JsonSerializer.Serialize(new AttemptReport("run00001", RunOutcome.Completed, commitment), BrokerJson.Options)).Commitment!;
        Assert.Equal(commitment.Signature, read.Signature);
        Assert.Equal(commitment.Statement.Encode(), read.Statement.Encode());
        var operations = new StorageOperations(2, ImmutableDictionary<string, long>.Empty, ImmutableDictionary<JobId, double>.Empty.Add(Feasible.JobId(), 2));
        Assert.Equal(2, Read<StorageOperations>(JsonSerializer.Serialize(operations, BrokerJson.Options)).Jobs[Feasible.JobId()]);
    }

    private static T Read<T>(string json) => JsonSerializer.Deserialize<T>(json, BrokerJson.Options)!;

    private sealed record KeptProgress(int Step, long? Total);
}
