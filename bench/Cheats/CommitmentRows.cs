using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Core.Verification;
using Broker.Tests;

namespace Broker.Bench.Cheats;

/// <summary>Workers that commit to what is not theirs, or not the job's.</summary>
internal static class CommitmentRows
{
    private static readonly DateTimeOffset Later = new(2026, 1, 1, 13, 0, 0, TimeSpan.Zero);

    public static IReadOnlyList<CheatRow> All { get; } =
    [
        new("A6", "truncated output, wrong length, a buffer too few or too many", LengthsAsync),
        new("A8", "an older job's result for other inputs, an older statement for the same", OldAsync),
        new("A12", "a second upload or statement after the commitment", SecondAsync),
        new("A18", "another attempt's statement, or its bytes after a failure", LiftedAsync),
        new("A35", "reports to another's attempt, and a worker that sends a verdict", OthersAsync),
        new("A37", "overstated time", OverstatedAsync),
    ];

    private static async Task<RowCount> LengthsAsync(TrialCounts counts)
    {
        using var broker = new MemoryBroker(TinyJobs.Loop(64, TinyJobs.One));
        var honest = broker.Job.Run();
        Func<Statement, Statement>[] said =
        [
            its => its with { Buffers = [] },
            its => its with { Buffers = [its.Buffers[0] with { Bytes = its.Buffers[0].Bytes - 1 }] },
            its => its with { Buffers = [its.Buffers[0] with { Bytes = its.Buffers[0].Bytes + 4096 }] },
            its => its with { Buffers = [its.Buffers[0] with { Buffer = "in" }] },
            its => its with { Buffers = [its.Buffers[0], its.Buffers[0]] },
        ];
        var found = new List<bool>();
        foreach (var change in said) found.Add(!(await broker.RunAsync(1, honest, change)).Refusals.IsEmpty);

        // An honest statement over bytes and lists that are not stored as it says.
        var cut = new MemoryResult([("out", honest["out"][..^64])]);
        cut.Commit();
        var job = broker.Begin(2);
        found.Add((await broker.CommitAsync(job, cut, MemoryBroker.Say(job, honest.Commit()), MemoryBroker.WorkerKey)).IsCaught);
        return RowCount.Of(found);
    }

    private static async Task<RowCount> OldAsync(TrialCounts counts)
    {
        using var broker = new MemoryBroker(TinyJobs.Loop(500, TinyJobs.One));
        var (old, found) = (TinyJobs.Loop(500, TinyJobs.One, seed: 2).Run(), new List<bool>());
        for (var trial = 0; trial < counts.Statistical / 4; trial++) found.Add((await broker.RunAsync(trial, old)).IsCaught);

        // The statement of the attempt before, which failed.
        var first = broker.Begin(1);
        var statement = MemoryBroker.Say(first, old.Commit());
        var second = MemoryBroker.Begin(MemoryBroker.Change(Lifecycle.Lose(first, new AttemptId(first.Id, 0, 1), "it fell silent", Later)), 2, MemoryBroker.SeedOf(1, 2));
        found.Add(!(await broker.CommitAsync(second, old, statement, MemoryBroker.WorkerKey)).Refusals.IsEmpty);
        // The same with the number changed: the seed's commitment is the older one.
        found.Add(!(await broker.CommitAsync(second, old, statement with { Attempt = 2 }, MemoryBroker.WorkerKey)).Refusals.IsEmpty);
        // The statement of another job.
        found.Add(!(await broker.CommitAsync(broker.Begin(2), old, statement, MemoryBroker.WorkerKey)).Refusals.IsEmpty);
        return RowCount.Of(found);
    }

    private static async Task<RowCount> SecondAsync(TrialCounts counts)
    {
        using var broker = new MemoryBroker(TinyJobs.Loop(64, TinyJobs.Full));
        var (honest, found) = (broker.Job.Run(), new List<bool>());
        var job = broker.Begin(1);
        var id = new AttemptId(job.Id, 0, 1);
        AttemptReport Report(MemoryResult result) => new(MemoryBroker.Run, RunOutcome.Completed, new SignedStatement(MemoryBroker.Say(job, result.Commit()), "signed"));
        var other = honest.Copy();
        other["out"][0] ^= 1;
        var first = Report(other);
        var committed = MemoryBroker.Change(Lifecycle.Report(job, id, MemoryBroker.Worker, first, Later));
        // It sees that it will not do, and commits again.
        found.Add(Lifecycle.Report(committed, id, MemoryBroker.Worker, Report(honest), Later) is { IsRefused: true });
        var challenged = MemoryBroker.Change(Lifecycle.Challenge(committed, id, 0, MemoryBroker.Verifier, null, Later));
        found.Add(Lifecycle.Report(challenged, id, MemoryBroker.Worker, Report(honest), Later) is { IsRefused: true });
        found.Add(challenged.Attempts[0].Commitment == first.Commitment);
        // It stores the right bytes, and their leaves, over those that it committed to.
        var statement = MemoryBroker.Say(job, other.Commit());
        honest.Commit();
        found.Add((await broker.CommitAsync(job, honest, statement, MemoryBroker.WorkerKey)).IsCaught);
        // Only the bytes.
        var mixed = honest.Copy();
        mixed.Commit();
        mixed.Forge("out", MerkleTree.Leaves(other["out"]));
        found.Add((await broker.CommitAsync(job, mixed, statement, MemoryBroker.WorkerKey)).IsCaught);
        return RowCount.Of(found);
    }

    private static async Task<RowCount> LiftedAsync(TrialCounts counts)
    {
        using var broker = new MemoryBroker(TinyJobs.Loop(64, TinyJobs.Full));
        var (honest, found) = (broker.Job.Run(), new List<bool>());
        // The first attempt was lost after it had said this; another worker gets the job, and takes the words.
        var first = broker.Begin(1);
        var lost = MemoryBroker.Change(Lifecycle.Lose(first, new AttemptId(first.Id, 0, 1), "it fell silent", Later));
        var second = MemoryBroker.Begin(lost, 2, MemoryBroker.SeedOf(1, 2), "another");
        var statement = MemoryBroker.Say(first, honest.Commit());
        var attempt = second.Attempts[^1];
        Statement[] lifted =
        [
            statement,
            statement with { Worker = attempt.Worker },
            statement with { Worker = attempt.Worker, Attempt = 2 },
            statement with { Attempt = 2, SeedCommit = Seed.Commit(attempt.Seed, new AttemptId(second.Id, 0, 2)) },
        ];
        foreach (var its in lifted) found.Add(!(await broker.CommitAsync(second, honest, its, MemoryBroker.WorkerKey)).Refusals.IsEmpty);
        // All of it right, and signed with another key than the worker's.
        found.Add(!(await broker.CommitAsync(second, honest, MemoryBroker.Say(second, honest.Commit()), MemoryBroker.BrokerKey)).Refusals.IsEmpty);
        return RowCount.Of(found);
    }

    private static async Task<RowCount> OthersAsync(TrialCounts counts)
    {
        using var broker = new MemoryBroker(TinyJobs.Loop(64, TinyJobs.One));
        var honest = broker.Job.Run();
        var job = broker.Begin(1);
        var (id, stranger) = (new AttemptId(job.Id, 0, 1), WorkerId.Derive(AccountId.Parse("provider"), "another"));
        var report = new AttemptReport(MemoryBroker.Run, RunOutcome.Completed, new SignedStatement(MemoryBroker.Say(job, honest.Commit()), "signed"));
        var found = new List<bool>
        {
            Lifecycle.CheckReport(job, id, stranger, MemoryBroker.Run) == LifecycleRefusal.OtherWorker,
            Lifecycle.Report(job, id, stranger, report, Later).Refusal == LifecycleRefusal.OtherWorker,
            Lifecycle.Start(job, id, stranger, MemoryBroker.Run, null, Later).Refusal == LifecycleRefusal.OtherWorker,
        };
        var committed = MemoryBroker.Change(Lifecycle.Report(job, id, MemoryBroker.Worker, report, Later));
        var challenged = MemoryBroker.Change(Lifecycle.Challenge(committed, id, 0, MemoryBroker.Verifier, null, Later));
        var verdict = await broker.CheckAsync(job.Document, challenged.Attempts[0], honest);
        foreach (var who in new[] { MemoryBroker.Worker, stranger }) found.Add(Lifecycle.Judge(challenged, id, 1, who, verdict, null, Later).Refusal == LifecycleRefusal.OtherWorker);
        found.Add(Lifecycle.Judge(committed, id, 1, MemoryBroker.Verifier, verdict, null, Later).IsRefused);
        return RowCount.Of(found);
    }

    private static async Task<RowCount> OverstatedAsync(TrialCounts counts)
    {
        using var broker = new MemoryBroker(TinyJobs.Loop(64, TinyJobs.One));
        var (honest, found) = (broker.Job.Run(), new List<bool>());
        foreach (var seconds in new[] { 1e3, 1e6, 1e9 })
        {
            var outcome = await broker.RunAsync(1, honest, its => its with { Usage = its.Usage with { Seconds = seconds } });
            found.Add(outcome.Job.Price <= outcome.Attempt.Quote.Scale(11, 10));
        }

        foreach (var seconds in new[] { 1e10, double.NaN, double.PositiveInfinity, -1 })
            found.Add(!ReportCheck.Check(broker.Begin(2), broker.Begin(2).Attempts[0], new AttemptReport(MemoryBroker.Run, RunOutcome.Failed, null, new Usage(seconds, 1, "cpu", 1))).IsEmpty);
        return RowCount.Of(found);
    }
}
