using System.Collections.Immutable;
using System.Text;
using Broker.Core.Documents;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using CsCheck;

namespace Broker.Core.Tests.Documents;

public class JobDocumentWriterTests
{
    private static readonly Gen<string> Names = Gen.Char.AlphaNumeric.Array[1, 12].Select(c => "_" + new string(c));

    private static readonly Gen<ContentHash> Hashes = Gen.Byte.Array[4].Select(bytes => ContentHash.Of(bytes));

    private static readonly Gen<BufferSpec> BufferSpecs = Gen.Select(
        Names, Gen.Enum<BufferRole>(), Gen.Long[1, 1 << 20], Gen.Bool, Hashes,
        (name, role, bytes, sized, hash) => role is BufferRole.Input or BufferRole.Inout
            ? new BufferSpec(name, role, sized ? bytes : 0, hash)
            : new BufferSpec(name, role, bytes, null));

    private static readonly Gen<Argument> Values = Gen.OneOf(
        Gen.UInt.Select(v => Value(ArgumentKind.U32, BitConverter.GetBytes(v))), Gen.Int.Select(v => Value(ArgumentKind.S32, BitConverter.GetBytes(v))),
        Gen.ULong.Select(v => Value(ArgumentKind.U64, BitConverter.GetBytes(v))), Gen.Long.Select(v => Value(ArgumentKind.S64, BitConverter.GetBytes(v))),
        Gen.UInt.Select(v => Value(ArgumentKind.F32, BitConverter.GetBytes(Canonical(BitConverter.UInt32BitsToSingle(v))))),
        Gen.ULong.Select(v => Value(ArgumentKind.F64, BitConverter.GetBytes(Canonical(BitConverter.UInt64BitsToDouble(v))))),
        Gen.Byte.Array[1, 40].Select(v => Value(ArgumentKind.Bytes, v)));

    private static readonly Gen<Terms> AllTerms = Gen.Select(
        Gen.Long[0, JobLimits.Credits.Micros], Gen.Long[1, TimeSpan.TicksPerDay], Gen.Long[1, 7 * TimeSpan.TicksPerDay], Gen.Int[1, 10],
        Gen.Select(Gen.Bool, Gen.Long[0, DateTimeOffset.MaxValue.UtcTicks]), Gen.Long[0, 1_000_000_000], Gen.Bool,
        (price, timeout, queue, attempts, deadline, delay, estimated) => new Terms
        {
            MaxPrice = new Money(price),
            Timeout = TimeSpan.FromTicks(timeout),
            QueueTimeout = TimeSpan.FromTicks(queue),
            Attempts = attempts,
            Deadline = deadline.Item1 ? new DateTimeOffset(deadline.Item2, TimeSpan.Zero) : null,
            DelayValuePerHour = new Money(delay),
            Estimate = estimated ? TimeSpan.FromTicks(timeout) : null,
        });

    private static readonly Gen<JobDocument> All =
        from name in Gen.String[1, 20].Where(text => !text.Any(c => char.IsControl(c) || char.IsSurrogate(c)))
        from hash in Hashes
        from inline in Gen.Bool
        from buffers in BufferSpecs.Array[0, 4]
        from arguments in Values.Array[0, 8]
        from x in Gen.Int[1, 64]
        from requires in Gen.Select(Gen.Long[0, 1L << 45], Gen.Int[10, 999], Gen.Int[0, 1000])
        from terms in AllTerms
        select Document(name, inline ? new ProgramSource(null, name) : new ProgramSource(hash, null), buffers, arguments, x, requires, terms);

    [Fact]
    public void What_is_written_reads_back_equal() => All.Sample(document =>
    {
        var result = JobDocumentReader.Read(JobDocumentWriter.Write(document));
        Assert.Empty(result.Errors);
        AssertEqual(document, result.Value!);
    }, iter: 1_000);

    [Fact]
    public void The_sample_is_written_as_it_was_read()
    {
        var document = SampleDocument.ReadValid(SampleDocument.Text);
        var written = JobDocumentWriter.Write(document);
        AssertEqual(document, SampleDocument.ReadValid(Encoding.UTF8.GetString(written)));
        Assert.Contains("\"u64\":\"64\"", Encoding.UTF8.GetString(written), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(float.NaN, "\"NaN\"")]
    [InlineData(float.PositiveInfinity, "\"Infinity\"")]
    [InlineData(float.NegativeInfinity, "\"-Infinity\"")]
    [InlineData(0.5f, "0.5")]
    [InlineData(-0f, "-0")]
    public void A_float_that_json_has_no_number_for_is_written_by_its_name(float value, string json)
    {
        var document = Feasible.Document() with { Steps = [Feasible.Step(arguments: Value(ArgumentKind.F32, BitConverter.GetBytes(value)))] };
        var written = Encoding.UTF8.GetString(JobDocumentWriter.Write(document));
        Assert.Contains($"{{\"f32\":{json}}}", written, StringComparison.Ordinal);
        Assert.Equal(document.Steps[0].Arguments[0].Value.AsSpan(), SampleDocument.ReadValid(written).Steps[0].Arguments[0].Value.AsSpan());
    }

    /// <summary>Record equality compares arrays by reference, so they are compared one by one, and then left out.</summary>
    private static void AssertEqual(JobDocument expected, JobDocument actual)
    {
        Assert.Equal(expected.Buffers.AsEnumerable(), actual.Buffers.AsEnumerable());
        Assert.Equal(expected.Steps.Length, actual.Steps.Length);
        foreach (var (step, other) in expected.Steps.Zip(actual.Steps))
        {
            Assert.Equal(step with { Arguments = [] }, other with { Arguments = [] });
            Assert.Equal(step.Arguments.Select(Describe), other.Arguments.Select(Describe));
        }

        Assert.Equal(expected with { Buffers = [], Steps = [] }, actual with { Buffers = [], Steps = [] });
        Assert.Equal(JobDocumentWriter.Write(expected), JobDocumentWriter.Write(actual));
    }

    private static string Describe(Argument argument) =>
        $"{argument.Kind} {argument.Buffer} {argument.Offset} {Convert.ToHexString(argument.Value.AsSpan())}";

    private static JobDocument Document(
        string name, ProgramSource program, BufferSpec[] buffers, Argument[] arguments, int x, (long Memory, int Capability, int Share) requires, Terms terms)
    {
        var distinct = buffers.DistinctBy(buffer => buffer.Name).ToImmutableArray();
        var inBuffers = distinct.Select(buffer => new Argument(ArgumentKind.Buffer, buffer.Name, buffer.Bytes / 2, []));
        var document = new JobDocument
        {
            Name = name,
            Program = program,
            Buffers = distinct,
            Steps = [new StepSpec(name, new Dimensions(x, 2, 3), new Dimensions(x, 4, 1), x, x, [.. arguments, .. inBuffers])],
            Terms = terms,
        };
        return document with
        {
            Requires = new Requirements
            {
                MemoryBytes = Math.Max(requires.Memory, document.BufferBytes),
                ComputeCapability = requires.Capability,
                ShareThousandths = requires.Share,
            },
        };
    }

    private static Argument Value(ArgumentKind kind, byte[] bytes) => new(kind, null, 0, [.. bytes]);

    /// <summary>JSON has one NaN.</summary>
    private static float Canonical(float value) => float.IsNaN(value) ? float.NaN : value;

    private static double Canonical(double value) => double.IsNaN(value) ? double.NaN : value;
}
