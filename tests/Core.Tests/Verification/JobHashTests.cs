using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Core.Verification;

namespace Broker.Core.Tests.Verification;

public class JobHashTests
{
    private static readonly JobDocument Document = new()
    {
        Program = new ProgramSource(Feasible.Hash, null),
        Buffers = [new("in", BufferRole.Input, 16, Feasible.Hash), new("out", BufferRole.Output, 16, null)],
        Steps = [Step, Step],
        Verification = new VerificationSpec { Mode = VerificationMode.Sample },
    };

    private static StepSpec Step => new(
        "main", new Dimensions(2, 3, 4), new Dimensions(5, 6, 7), 8, 9,
        [new(ArgumentKind.Buffer, "out", 4, default), new(ArgumentKind.U32, null, 0, [1, 0, 0, 0])]);

    /// <summary>Everything that a result or its verification depends on.</summary>
    public static TheoryData<string, Func<JobDocument, JobDocument>> Changes => new()
    {
        { "program", d => d with { Program = new ProgramSource(ContentHash.Of("other"u8), null) } },
        { "a buffer's name", d => d with { Buffers = d.Buffers.SetItem(0, d.Buffers[0] with { Name = "inn" }) } },
        { "a buffer's role", d => d with { Buffers = d.Buffers.SetItem(0, d.Buffers[0] with { Role = BufferRole.Inout }) } },
        { "a buffer's size", d => d with { Buffers = d.Buffers.SetItem(1, d.Buffers[1] with { Bytes = 17 }) } },
        { "a buffer's content", d => d with { Buffers = d.Buffers.SetItem(0, d.Buffers[0] with { Content = ContentHash.Of("other"u8) }) } },
        { "the order of buffers", d => d with { Buffers = [d.Buffers[1], d.Buffers[0]] } },
        { "a buffer more", d => d with { Buffers = d.Buffers.Add(new("work", BufferRole.Scratch, 1, null)) } },
        { "a step less", d => d with { Steps = [Step] } },
        { "kernel", d => WithStep(d, s => s with { Kernel = "mainn" }) },
        { "grid x", d => WithStep(d, s => s with { Grid = s.Grid with { X = 1 } }) },
        { "grid y", d => WithStep(d, s => s with { Grid = s.Grid with { Y = 1 } }) },
        { "grid z", d => WithStep(d, s => s with { Grid = s.Grid with { Z = 1 } }) },
        { "block x", d => WithStep(d, s => s with { Block = s.Block with { X = 1 } }) },
        { "block y", d => WithStep(d, s => s with { Block = s.Block with { Y = 1 } }) },
        { "block z", d => WithStep(d, s => s with { Block = s.Block with { Z = 1 } }) },
        { "shared bytes", d => WithStep(d, s => s with { SharedBytes = 9 }) },
        { "repetitions", d => WithStep(d, s => s with { Repeat = 8 }) },
        { "an argument less", d => WithStep(d, s => s with { Arguments = s.Arguments.RemoveAt(1) }) },
        { "the kind of an argument", d => WithArgument(d, 1, a => a with { Kind = ArgumentKind.S32 }) },
        { "the value of an argument", d => WithArgument(d, 1, a => a with { Value = [2, 0, 0, 0] }) },
        { "the buffer of an argument", d => WithArgument(d, 0, a => a with { Buffer = "in" }) },
        { "the offset of an argument", d => WithArgument(d, 0, a => a with { Offset = 8 }) },
        { "mode", d => d with { Verification = d.Verification! with { Mode = VerificationMode.Full } } },
        { "fraction", d => d with { Verification = d.Verification! with { FractionMillionths = 1 } } },
        { "confidence", d => d with { Verification = d.Verification! with { ConfidenceMillionths = 1 } } },
    };

    /// <summary>What no result depends on.</summary>
    public static TheoryData<string, Func<JobDocument, JobDocument>> Others => new()
    {
        { "name", d => d with { Name = "another" } },
        { "pool", d => d with { Pool = PoolName.Parse("eu") } },
        { "terms", d => d with { Terms = new Terms { Attempts = 7 } } },
        { "requirements", d => d with { Requires = new Requirements { MemoryBytes = 1 } } },
        { "budget", d => d with { Verification = d.Verification! with { Budget = TimeSpan.FromDays(1) } } },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public void What_a_result_depends_on_changes_the_hash(string what, Func<JobDocument, JobDocument> change)
    {
        Assert.NotEmpty(what);
        Assert.NotEqual(JobHash.Of(Document), JobHash.Of(change(Document)));
    }

    [Fact]
    public void No_two_changes_give_the_same_hash()
    {
        var hashes = Changes.Select(row => JobHash.Of(row.Data.Item2(Document))).Append(JobHash.Of(Document)).ToList();
        Assert.Equal(hashes.Count, hashes.Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(Others))]
    public void What_no_result_depends_on_does_not(string what, Func<JobDocument, JobDocument> change)
    {
        Assert.NotEmpty(what);
        Assert.Equal(JobHash.Of(Document), JobHash.Of(change(Document)));
    }

    [Fact]
    public void A_program_that_is_no_content_has_no_hash() =>
        Assert.Throws<ArgumentException>(() => JobHash.Of(Document with { Program = new ProgramSource(null, "ptx") }));

    private static JobDocument WithStep(JobDocument document, Func<StepSpec, StepSpec> change) =>
        document with { Steps = document.Steps.SetItem(1, change(document.Steps[1])) };

    private static JobDocument WithArgument(JobDocument document, int index, Func<Argument, Argument> change) =>
        WithStep(document, step => step with { Arguments = step.Arguments.SetItem(index, change(step.Arguments[index])) });
}
