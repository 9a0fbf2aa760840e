using System.Globalization;
using System.Text;
using Broker.Core.Documents;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using CsCheck;

namespace Broker.Core.Tests.Documents;

public class JobDocumentReaderTests
{
    private const string Least = """{"program":{"ptx":"x"},"steps":[{"kernel":"k","grid":[1],"block":[32]}]}""";

    [Fact]
    public void Every_member_is_read()
    {
        var document = SampleDocument.ReadValid(SampleDocument.Text);
        Assert.Equal("render", document.Name);
        Assert.Equal(PoolName.Parse("eu"), document.Pool);
        Assert.Equal(new ProgramSource(ContentHash.Parse(new string('a', 64)), null), document.Program);
        Assert.Equal(
            [
                new BufferSpec("scene", BufferRole.Input, 1024, ContentHash.Parse(new string('b', 64))),
                new BufferSpec("image", BufferRole.Output, 4096, null),
                new BufferSpec("state", BufferRole.Inout, 0, ContentHash.Parse(new string('c', 64))),
                new BufferSpec("work", BufferRole.Scratch, 300, null),
            ], document.Buffers.AsEnumerable());
        var step = Assert.Single(document.Steps);
        Assert.Equal("main", step.Kernel);
        Assert.Equal(new Dimensions(120, 68, 2), step.Grid);
        Assert.Equal(new Dimensions(16, 8, 4), step.Block);
        Assert.Equal(128, step.SharedBytes);
        Assert.Equal(5, step.Repeat);
        Assert.Equal(
            ["Buffer scene 512 ", "Buffer image 0 ", "U32  0 20000000", "S32  0 E0FFFFFF", "U64  0 4000000000000000", "S64  0 C0FFFFFFFFFFFFFF",
             "F32  0 0000003F", "F64  0 000000000000D03F", "Bytes  0 010203"],
            step.Arguments.Select(a => $"{a.Kind} {a.Buffer} {a.Offset} {Convert.ToHexString(a.Value.AsSpan())}"));
        Assert.Equal(new Requirements { MemoryBytes = 2L << 30, ComputeCapability = 75, ShareThousandths = 250 }, document.Requires);
        Assert.Equal(
            new Terms
            {
                MaxPrice = new Money(750_000),
                Timeout = TimeSpan.FromMinutes(20),
                QueueTimeout = TimeSpan.FromHours(2),
                Deadline = new DateTimeOffset(2026, 1, 31, 18, 0, 0, TimeSpan.Zero),
                Attempts = 4,
                DelayValuePerHour = new Money(100_000),
                Estimate = TimeSpan.FromSeconds(90),
            }, document.Terms);
    }

    [Fact]
    public void What_is_left_out_has_its_default()
    {
        var document = SampleDocument.ReadValid(Least);
        Assert.Equal("job", document.Name);
        Assert.Equal(PoolName.Default, document.Pool);
        Assert.Equal(new ProgramSource(null, "x"), document.Program);
        Assert.Empty(document.Buffers);
        Assert.Equal(new Requirements(), document.Requires);
        Assert.Equal(new Terms(), document.Terms);
        var step = Assert.Single(document.Steps);
        Assert.Equal((new Dimensions(1, 1, 1), new Dimensions(32, 1, 1)), (step.Grid, step.Block));
        Assert.Equal((0, 1), (step.SharedBytes, step.Repeat));
        Assert.Empty(step.Arguments);
    }

    [Fact]
    public void A_term_that_is_null_has_its_default()
    {
        string[] names = ["maxPrice", "timeout", "queueTimeout", "deadline", "attempts", "priority", "preemptible", "delayValue", "stake", "estimate"];
        var terms = string.Join(",", names.Select(name => $"\"{name}\":null"));
        Assert.Equal(new Terms(), SampleDocument.ReadValid($$"""{{Least[..^1]}},"terms":{ {{terms}} },"verification":null}""").Terms);
    }

    [Fact]
    public void Comments_and_trailing_commas_are_allowed() => SampleDocument.ReadValid(Least[..^1] + ", // that is all\n}");

    /// <summary>What lies just inside a limit.</summary>
    public static TheoryData<string, string> Accepted => new()
    {
        { "\"grid\": [120, 68, 2]", "\"grid\": [2147483647, 65535, 65535]" },
        { "\"block\": [16, 8, 4]", "\"block\": [1024]" },
        { "\"block\": [16, 8, 4]", "\"block\": [1, 1024]" },
        { "\"block\": [16, 8, 4]", "\"block\": [4, 4, 64]" },
        { "\"sharedBytes\": 128", "\"sharedBytes\": 0" },
        { "\"sharedBytes\": 128", "\"sharedBytes\": 232448" },
        { "\"repeat\": 5", "\"repeat\": 1000000" },
        { "\"bytes\": 300", "\"bytes\": 68719476736" },
        { "\"bytes\": 300", "\"bytes\": \"64GB\"" },
        { "\"bytes\": \"4KB\"", "\"bytes\": \"16GB\"" },
        { "\"offset\": 512", "\"offset\": 1023" },
        { "{ \"buffer\": \"image\" }", "{ \"buffer\": \"state\", \"offset\": 68719476736 }" },
        { "{ \"u32\": 32 }", "{ \"u32\": 4294967295 }" },
        { "{ \"u32\": 32 }", "{ \"u32\": \"0\" }" },
        { "{ \"s32\": -32 }", "{ \"s32\": -2147483648 }" },
        { "{ \"s32\": -32 }", "{ \"s32\": 2147483647 }" },
        { "{ \"u64\": \"64\" }", "{ \"u64\": \"18446744073709551615\" }" },
        { "{ \"u64\": \"64\" }", "{ \"u64\": 18446744073709551615 }" },
        { "{ \"s64\": \"-64\" }", "{ \"s64\": \"-9223372036854775808\" }" },
        { "{ \"s64\": \"-64\" }", "{ \"s64\": 9223372036854775807 }" },
        { "{ \"f32\": 0.5 }", "{ \"f32\": -3.4028235e38 }" },
        { "{ \"f64\": 0.25 }", "{ \"f64\": 1.7976931348623157e308 }" },
        { "\"attempts\": 4", "\"attempts\": 1" },
        { "\"attempts\": 4", "\"attempts\": 10" },
        { "\"timeout\": \"20m\"", "\"timeout\": \"1d\"" },
        { "\"queueTimeout\": \"2h\"", "\"queueTimeout\": \"7d\"" },
        { "\"estimate\": \"90s\"", "\"estimate\": \"24h\"" },
        { "\"maxPrice\": \"0.75\"", "\"maxPrice\": \"0\"" },
        { "\"deadline\": \"2026-01-31T18:00:00Z\"", "\"deadline\": \"2026-01-31T18:00:00.1234567+01:00\"" },
        { "\"deadline\": \"2026-01-31T18:00:00Z\"", "\"deadline\": \"2026-01-31\"" },
        { "\"share\": 0.25", "\"share\": 1" },
        { "\"share\": 0.25", "\"share\": 0.000001" },
        { ">=7.5", ">=1.0" },
        { ">=7.5", ">= 99.9" },
        { "\"verification\": { \"mode\": \"none\" }", "\"verification\": {}" },
    };

    [Theory]
    [MemberData(nameof(Accepted))]
    public void What_lies_just_inside_a_limit_is_accepted(string fragment, string replacement) =>
        SampleDocument.ReadValid(SampleDocument.With(fragment, replacement));

    [Theory]
    [InlineData("\"NaN\"", float.NaN)]
    [InlineData("\"Infinity\"", float.PositiveInfinity)]
    [InlineData("\"-Infinity\"", float.NegativeInfinity)]
    [InlineData("1e-46", 0f)]
    [InlineData("16777217", 16777216f)]
    // Just above half way between 1 and the next float: rounded to a double first, it would be exactly half way and go down.
    [InlineData("1.00000005960464477539062500001", 1.0000001f)]
    public void A_float_is_the_nearest_one(string json, float expected)
    {
        var step = SampleDocument.ReadValid(SampleDocument.With("{ \"f32\": 0.5 }", $$"""{ "f32": {{json}} }""")).Steps[0];
        Assert.Equal(BitConverter.SingleToUInt32Bits(expected), BitConverter.ToUInt32(step.Arguments[6].Value.AsSpan()));
    }

    [Fact]
    public void Memory_is_never_less_than_what_the_buffers_take()
    {
        // 1024, 4096 and 300 rounded up to 512, the content of unknown size not counted.
        Assert.Equal(1024 + 4096 + 512, SampleDocument.ReadValid(SampleDocument.With("\"memory\": \"2GB\"", "\"memory\": \"1KB\"")).Requires.MemoryBytes);
        Assert.Equal(1024 + 4096 + 512, SampleDocument.ReadValid(SampleDocument.With("\"memory\": \"2GB\", ", "")).Requires.MemoryBytes);
    }

    [Fact]
    public void A_share_is_rounded_up_to_thousandths() =>
        Assert.Equal(334, SampleDocument.ReadValid(SampleDocument.With("\"share\": 0.25", "\"share\": 0.33333")).Requires.ShareThousandths);

    [Fact]
    public void A_deadline_is_a_moment_in_universal_time()
    {
        var document = SampleDocument.ReadValid(SampleDocument.With("2026-01-31T18:00:00Z", "2026-01-31T20:00:00+02:00"));
        Assert.Equal(new DateTimeOffset(2026, 1, 31, 18, 0, 0, TimeSpan.Zero), document.Terms.Deadline);
        Assert.Equal(TimeSpan.Zero, document.Terms.Deadline!.Value.Offset);
    }

    [Fact]
    public void All_errors_come_at_once_and_each_names_its_place()
    {
        var errors = SampleDocument.Read("""
            {
              "name": "", "pool": "EU", "program": { "content": "sha256:x" },
              "buffers": { "a": { "role": "both" } },
              "steps": [ { "kernel": 1, "grid": [0], "block": [33, 32], "arguments": [ { "buffer": "b" }, { "u32": -1 } ] } ],
              "requires": { "memory": "much" }, "terms": { "maxPrice": 1 }, "gang": 2
            }
            """).Errors;
        Assert.Equal(
            ["$.buffers.a.role", "$.gang", "$.name", "$.pool", "$.program.content", "$.requires.memory", "$.steps[0].arguments[0].buffer",
             "$.steps[0].arguments[1].u32", "$.steps[0].block", "$.steps[0].grid[0]", "$.steps[0].kernel", "$.terms.maxPrice"],
            errors.Select(error => error.Path).Order(StringComparer.Ordinal));
        Assert.Equal("$.gang", Assert.Single(errors, error => !error.Supported).Path);
    }

    [Fact]
    public void A_document_of_just_the_largest_size_is_read_and_one_byte_more_is_not()
    {
        var padding = new string(' ', JobLimits.RequestBytes - Encoding.UTF8.GetByteCount(Least));
        SampleDocument.ReadValid(Least + padding);
        var error = Assert.Single(SampleDocument.Read(Least + padding + " ").Errors);
        Assert.Equal("$", error.Path);
        Assert.Contains($"the document has {JobLimits.RequestBytes + 1} bytes", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_change_of_the_text_gives_a_document_or_errors()
    {
        var bytes = Encoding.UTF8.GetBytes(SampleDocument.Text);
        var tokens = (string[])["\\ud800", "\\udc00\\ud800", "\\u0000", "\"", "{", "}", "[", "]", ",", ":", "null", "true", "-1", "1e999", "0", "9223372036854775808", "\u00ff", "\\"];
        var edit = Gen.Select(Gen.Int[0, bytes.Length - 1], Gen.Int[0, 12], Gen.OneOf(
            Gen.Int[0, tokens.Length - 1].Select(i => Encoding.UTF8.GetBytes(tokens[i])), Gen.Byte.Array[0, 4], Gen.String[0, 4].Select(Encoding.UTF8.GetBytes)));
        edit.Array[1, 3].Sample(edits =>
        {
            var changed = bytes.ToList();
            foreach (var (at, length, inserted) in edits)
            {
                var from = Math.Min(at, changed.Count);
                changed.RemoveRange(from, Math.Min(length, changed.Count - from));
                changed.InsertRange(from, inserted);
            }

            IsTotal(JobDocumentReader.Read(changed.ToArray()));
        }, iter: 5_000);
    }

    [Fact]
    public void Any_value_in_any_place_gives_a_document_or_errors()
    {
        // Every value of the sample, whole objects and arrays included, is replaced in turn by what may not stand there.
        string[] values = ["null", "true", "{}", "[]", "[[]]", "{\"a\":1}", "-1", "0", "1e999", "1.5", "\"\"", "\"\\ud800\"", "{\"\\udc00\":1}", "\"\u00e9\"", "[null]", "99999999999999999999"];
        var reader = new System.Text.Json.Utf8JsonReader(Encoding.UTF8.GetBytes(SampleDocument.Text));
        var places = new List<(int From, int To)>();
        while (reader.Read())
        {
            if (reader.TokenType is System.Text.Json.JsonTokenType.PropertyName or System.Text.Json.JsonTokenType.EndArray or System.Text.Json.JsonTokenType.EndObject) continue;
            var from = (int)reader.TokenStartIndex;
            var inner = reader;
            inner.Skip();
            places.Add((from, (int)inner.BytesConsumed));
        }

        Assert.True(places.Count > 60);
        foreach (var (from, to) in places)
        {
            foreach (var value in values) IsTotal(SampleDocument.Read(string.Concat(SampleDocument.Text.AsSpan(0, from), value, SampleDocument.Text.AsSpan(to))));
        }
    }

    [Fact]
    public void Any_bytes_give_a_document_or_errors() => Gen.Byte.Array.Sample(bytes => IsTotal(JobDocumentReader.Read(bytes)));

    [Theory]
    [InlineData("12:00")]
    [InlineData("31 January")]
    [InlineData("Saturday")]
    public void A_time_that_only_a_clock_completes_is_refused(string text)
    {
        var error = Assert.Single(SampleDocument.Read(SampleDocument.With("2026-01-31T18:00:00Z", text)).Errors);
        Assert.Equal("$.terms.deadline", error.Path);
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"'{text}' is not a time"), error.Message, StringComparison.Ordinal);
    }

    private static void IsTotal(ReadResult<JobDocument> result)
    {
        Assert.Equal(result.Value is null, result.Errors.Length > 0);
        Assert.All(result.Errors, error => Assert.StartsWith("$", error.Path, StringComparison.Ordinal));
    }
}
