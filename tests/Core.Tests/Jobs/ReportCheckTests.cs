using Broker.Core.Api;
using Broker.Core.Jobs;

namespace Broker.Core.Tests.Jobs;

public class ReportCheckTests
{
    private static readonly JobDocument Document = Feasible.Document(buffers:
    [
        new("scene", BufferRole.Input, 10, Feasible.Hash), new("image", BufferRole.Output, 100, null),
        new("state", BufferRole.Inout, OutputParts.Bytes + 1, Feasible.Hash), new("work", BufferRole.Scratch, 5, null),
    ]);

    private static readonly OutputRecord Image = new("image", 100, 1, Feasible.Hash);

    private static readonly OutputRecord State = new("state", OutputParts.Bytes + 1, 2, Feasible.Hash);

    private static readonly AttemptReport Complete = Feasible.Report() with { Outputs = [Image, State] };

    public static TheoryData<string, AttemptReport, string[]> Cases => new()
    {
        { "all results", Complete, [] },
        { "in any order", Complete with { Outputs = [State, Image] }, [] },
        { "none", Complete with { Outputs = [] }, ["$.outputs: 'image' is missing", "$.outputs: 'state' is missing"] },
        { "one short", Complete with { Outputs = [Image] }, ["$.outputs: 'state' is missing"] },
        { "twice", Complete with { Outputs = [Image, State, Image] }, ["$.outputs[2].buffer: 'image' is no result of this job, or stands twice"] },
        { "an input", Complete with { Outputs = [Image, State, Image with { Buffer = "scene" }] }, ["$.outputs[2].buffer: 'scene' is no result of this job, or stands twice"] },
        { "scratch", Complete with { Outputs = [Image, State, Image with { Buffer = "work" }] }, ["$.outputs[2].buffer: 'work' is no result of this job, or stands twice"] },
        { "a length", Complete with { Outputs = [Image with { Bytes = 99 }, State] }, ["$.outputs[0]: 'image' has 100 bytes in 1 parts"] },
        { "parts", Complete with { Outputs = [Image, State with { Parts = 1 }] }, ["$.outputs[1]: 'state' has 67108865 bytes in 2 parts"] },
        { "nothing where an output should be", Complete with { Outputs = [Image, State, null!] }, ["$.outputs[2]: is missing"] },
        { "a failure has no outputs", Feasible.Report(RunOutcome.Failed), [] },
        { "a fault without words", Feasible.Report(RunOutcome.Faulted), ["$.fault: is missing: what did the kernel do?"] },
        { "a fault", Feasible.Report(RunOutcome.Faulted, fault: new("access", 1, "there")), [] },
        { "a long fault", Feasible.Report(RunOutcome.Faulted, fault: new("access", 1, new string('x', 1995))), ["$.fault: may have 2000 characters"] },
        { "a long reason", Feasible.Report(RunOutcome.Failed, reason: new string('x', 2001)), ["$.reason: may have 2000 characters"] },
        { "a reason of just the length", Feasible.Report(RunOutcome.Failed, reason: new string('x', 2000)), [] },
        { "time before its start", Feasible.Report(RunOutcome.Failed, seconds: -1), ["$.usage: seconds must be a time, and executor may have 100 characters"] },
        { "no number", Feasible.Report(RunOutcome.Failed, seconds: double.NaN), ["$.usage: seconds must be a time, and executor may have 100 characters"] },
        { "no end", Feasible.Report(RunOutcome.Failed, seconds: double.PositiveInfinity), ["$.usage: seconds must be a time, and executor may have 100 characters"] },
        { "an executor", Complete with { Usage = new(1, 0, new string('x', 101), 0) }, ["$.usage: seconds must be a time, and executor may have 100 characters"] },
        { "steps below nothing", Complete with { Usage = new(1, -1, "cpu", 0) }, ["$.usage: steps must be 0 or more, and storageOperations from 0 to 1000000"] },
        { "operations without end", Complete with { Usage = new(1, 0, "cpu", int.MaxValue) }, ["$.usage: steps must be 0 or more, and storageOperations from 0 to 1000000"] },
        { "outputs without end", Complete with { Outputs = [.. Enumerable.Repeat(Image, 65)] }, ["$.outputs: has 65 items; at most 64 are allowed"] },
        { "a log of just the length", Complete with { Log = new string('x', 4096) }, [] },
        { "a long log", Complete with { Log = new string('ä', 2049) }, ["$.log: may have 4096 bytes: a longer one is stored where the order says"] },
        { "no usage", Complete with { Usage = null }, [] },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_report_is_held_against_the_document(string row, AttemptReport report, string[] errors)
    {
        Assert.NotEmpty(row);
        Assert.Equal(errors, ReportCheck.Check(Document, report).Select(error => error.ToString()));
    }
}
