using Broker.Core.Jobs;
using Broker.Core.Verification;
using Broker.Tests;

namespace Broker.Core.Tests.Jobs;

public class ReportCheckTests
{
    private static readonly JobRecord Job = Feasible.Job(document: Feasible.Document(buffers:
    [
        new("scene", BufferRole.Input, 10, Feasible.Hash), new("image", BufferRole.Output, 100, null),
        new("state", BufferRole.Inout, 5000, Feasible.Hash), new("work", BufferRole.Scratch, 5, null),
    ]));

    private static readonly AttemptRecord Attempt =
        new JobHistory(document: Job.Document).Run().Job.Attempts[0] with { PublicKey = Make.PublicKey };

    private static readonly Statement Said = Make.Commitment(Job, Attempt, "run00001").Statement;

    private const string Results = "$.commitment.statement.buffers: must be the job's results in their order: 'image' with 100 bytes, 'state' with 5000 bytes";

    /// <summary>Each is signed with the worker's key: only what it says is wrong.</summary>
    public static TheoryData<string, Func<Statement, Statement>, string[]> Statements => new()
    {
        { "all results", said => said, [] },
        { "another version", said => said with { Version = 2 }, ["$.commitment.statement.version: is 2, not 1"] },
        { "another job", said => said with { Job = Feasible.JobId(2) }, [$"$.commitment.statement.job: is {Feasible.JobId(2)}, not {Feasible.JobId()}"] },
        { "another job's hash", said => said with { JobHash = default }, [$"$.commitment.statement.jobHash: is {default(Digest)}, not {Said.JobHash}"] },
        { "another replica", said => said with { Replica = 1 }, ["$.commitment.statement.replica: is 1, not 0"] },
        { "an older attempt", said => said with { Attempt = 0 }, ["$.commitment.statement.attempt: is 0, not 1"] },
        { "another run", said => said with { Run = "run00002" }, ["$.commitment.statement.run: is run00002, not run00001"] },
        { "another worker", said => said with { Worker = Feasible.WorkerId(2) }, [$"$.commitment.statement.worker: is {Feasible.WorkerId(2)}, not {Feasible.WorkerId()}"] },
        { "another seed", said => said with { SeedCommit = Feasible.Seed() }, [$"$.commitment.statement.seedCommit: is {Feasible.Seed()}, not {Said.SeedCommit}"] },
        { "no result", said => said with { Buffers = [] }, [Results] },
        { "one result short", said => said with { Buffers = [said.Buffers[0]] }, [Results] },
        { "another order", said => said with { Buffers = [said.Buffers[1], said.Buffers[0]] }, [Results] },
        { "one too many", said => said with { Buffers = [.. said.Buffers, said.Buffers[1]] }, [Results] },
        { "an input", said => said with { Buffers = [said.Buffers[0], said.Buffers[1] with { Buffer = "scene" }] }, [Results] },
        { "another length", said => said with { Buffers = [said.Buffers[0] with { Bytes = 99 }, said.Buffers[1]] }, [Results] },
        { "time before its start", said => said with { Usage = said.Usage with { Seconds = -1 } }, ["$.commitment.statement.usage: seconds must be a time, and executor may have 100 characters"] },
        { "an executor", said => said with { Usage = said.Usage with { Executor = new string('x', 101) } }, ["$.commitment.statement.usage: seconds must be a time, and executor may have 100 characters"] },
        { "steps below nothing", said => said with { Usage = said.Usage with { Steps = -1 } }, ["$.commitment.statement.usage: steps must be 0 or more, and storageOperations from 0 to 1000000"] },
        { "operations without end", said => said with { Usage = said.Usage with { StorageOperations = int.MaxValue } }, ["$.commitment.statement.usage: steps must be 0 or more, and storageOperations from 0 to 1000000"] },
    };

    public static TheoryData<string, AttemptReport, string[]> Reports => new()
    {
        { "a commitment that is missing", new("run00001", RunOutcome.Completed), ["$.commitment: is missing: what was computed?"] },
        { "a failure commits to nothing", Feasible.Report(RunOutcome.Failed), [] },
        { "a fault without words", Feasible.Report(RunOutcome.Faulted), ["$.fault: is missing: what did the kernel do?"] },
        { "a fault", Feasible.Report(RunOutcome.Faulted, fault: Feasible.Fault()), [] },
        { "a long fault", Feasible.Report(RunOutcome.Faulted, fault: Feasible.Fault(message: new string('x', 1995))), ["$.fault: may have 2000 characters"] },
        { "a long reason", Feasible.Report(RunOutcome.Failed, reason: new string('x', 2001)), ["$.reason: may have 2000 characters"] },
        { "a reason of just the length", Feasible.Report(RunOutcome.Failed, reason: new string('x', 2000)), [] },
        { "time before its start", Feasible.Report(RunOutcome.Failed, seconds: -1), ["$.usage: seconds must be a time, and executor may have 100 characters"] },
        { "no number", Feasible.Report(RunOutcome.Failed, seconds: double.NaN), ["$.usage: seconds must be a time, and executor may have 100 characters"] },
        { "no end", Feasible.Report(RunOutcome.Failed, seconds: double.PositiveInfinity), ["$.usage: seconds must be a time, and executor may have 100 characters"] },
        { "a log of just the length", Feasible.Report(RunOutcome.Failed) with { Log = new string('x', 4096) }, [] },
        { "a long log", Feasible.Report(RunOutcome.Failed) with { Log = new string('ä', 2049) }, ["$.log: may have 4096 bytes: a longer one is stored where the order says"] },
        { "no usage", Feasible.Report(RunOutcome.Failed) with { Usage = null }, [] },
    };

    [Theory]
    [MemberData(nameof(Statements))]
    public void A_statement_is_held_against_the_job_and_the_attempt(string row, Func<Statement, Statement> change, string[] errors)
    {
        Assert.NotEmpty(row);
        Assert.Equal(errors, Check(Attempt, new AttemptReport("run00001", RunOutcome.Completed, Make.Sign(change(Said)))));
    }

    [Theory]
    [MemberData(nameof(Reports))]
    public void A_report_says_no_more_than_it_may(string row, AttemptReport report, string[] errors)
    {
        Assert.NotEmpty(row);
        Assert.Equal(errors, Check(Attempt, report));
    }

    [Fact]
    public void Nothing_may_stand_where_a_result_should_be() =>
        Assert.Equal([Results], Check(Attempt, new AttemptReport("run00001", RunOutcome.Completed, new SignedStatement(Said with { Buffers = [Said.Buffers[0], null!] }, ""))));

    [Fact]
    public void A_statement_is_signed_with_the_key_that_its_worker_had_when_it_began()
    {
        const string NotSigned = "$.commitment.signature: is not made with the key that this worker registered";
        var commitment = Make.Sign(Said);
        var report = new AttemptReport("run00001", RunOutcome.Completed, commitment);
        Assert.Empty(Check(Attempt, report));
        Assert.Equal([NotSigned], Check(Attempt with { PublicKey = null }, report));
        Assert.Equal([NotSigned], Check(Attempt with { PublicKey = "key" }, report));
        Assert.Equal([NotSigned], Check(Attempt, report with { Commitment = commitment with { Signature = "" } }));
        var lifted = commitment with { Statement = Said with { Buffers = [Said.Buffers[0] with { Root = default }, Said.Buffers[1]] } };
        Assert.Equal([NotSigned], Check(Attempt, report with { Commitment = lifted }));
    }

    private static IEnumerable<string> Check(AttemptRecord attempt, AttemptReport report) => ReportCheck.Check(Job, attempt, report).Select(error => error.ToString());
}
