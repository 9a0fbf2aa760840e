using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Core.Verification;

namespace Broker.Core.Tests.Verification;

public class StatementTests
{
    private static readonly Statement Said = new()
    {
        Job = Feasible.JobId(),
        JobHash = Feasible.Seed(1),
        Replica = 2,
        Attempt = 3,
        Run = "run00001",
        Worker = Feasible.WorkerId(),
        SeedCommit = Feasible.Seed(2),
        Buffers = [new("a", 5, Feasible.Seed(3)), new("b", 6, Feasible.Seed(4))],
        Usage = new Usage(1.5, 7, "cpu", 8),
    };

    public static TheoryData<string, Func<Statement, Statement>> Changes => new()
    {
        { "version", s => s with { Version = 2 } },
        { "job", s => s with { Job = Feasible.JobId(2) } },
        { "job hash", s => s with { JobHash = default } },
        { "replica", s => s with { Replica = 3 } },
        { "attempt", s => s with { Attempt = 4 } },
        { "run", s => s with { Run = "run00002" } },
        { "worker", s => s with { Worker = Feasible.WorkerId(2) } },
        { "seed commitment", s => s with { SeedCommit = default } },
        { "a buffer's name", s => s with { Buffers = s.Buffers.SetItem(1, s.Buffers[1] with { Buffer = "c" }) } },
        { "a buffer's length", s => s with { Buffers = s.Buffers.SetItem(1, s.Buffers[1] with { Bytes = 7 }) } },
        { "a buffer's root", s => s with { Buffers = s.Buffers.SetItem(1, s.Buffers[1] with { Root = default }) } },
        { "the order of buffers", s => s with { Buffers = [s.Buffers[1], s.Buffers[0]] } },
        { "a buffer less", s => s with { Buffers = [s.Buffers[0]] } },
        { "seconds", s => s with { Usage = s.Usage with { Seconds = 1.500001 } } },
        { "steps", s => s with { Usage = s.Usage with { Steps = 8 } } },
        { "executor", s => s with { Usage = s.Usage with { Executor = "gpu" } } },
        { "storage operations", s => s with { Usage = s.Usage with { StorageOperations = 9 } } },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public void A_change_of_any_member_changes_what_is_signed(string what, Func<Statement, Statement> change)
    {
        Assert.NotEmpty(what);
        Assert.NotEqual(Said.Encode(), change(Said).Encode());
    }

    [Fact]
    public void The_top_root_is_of_the_buffers_alone()
    {
        var others = Said with { Job = Feasible.JobId(2), Replica = 9, Attempt = 9, Worker = Feasible.WorkerId(2), Run = "another1", Usage = new Usage(1, 1, "x", 1) };
        Assert.Equal(Said.TopRoot, others.TopRoot);
        Assert.NotEqual(Said.TopRoot, (Said with { Buffers = [Said.Buffers[0]] }).TopRoot);
        Assert.NotEqual(Said.TopRoot, (Said with { Buffers = [Said.Buffers[1], Said.Buffers[0]] }).TopRoot);
        Assert.NotEqual(Said.TopRoot, (Said with { Buffers = [Said.Buffers[0] with { Bytes = 6 }, Said.Buffers[1]] }).TopRoot);
    }

    [Fact]
    public void A_seeds_commitment_is_to_the_seed_and_the_attempt()
    {
        var attempt = new AttemptId(Feasible.JobId(), 0, 1);
        Digest[] commitments =
        [
            Seed.Commit(Feasible.Seed(1), attempt), Seed.Commit(Feasible.Seed(2), attempt), Seed.Commit(Feasible.Seed(1), attempt with { Job = Feasible.JobId(2) }),
            Seed.Commit(Feasible.Seed(1), attempt with { Replica = 1 }), Seed.Commit(Feasible.Seed(1), attempt with { Number = 2 }),
        ];
        Assert.Equal(commitments.Length, commitments.Distinct().Count());
        Assert.Equal(commitments[0], Seed.Commit(Feasible.Seed(1), attempt));
    }
}
