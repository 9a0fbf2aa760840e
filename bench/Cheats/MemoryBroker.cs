using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;
using Broker.Core;
using Broker.Core.Documents;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Core.Market;
using Broker.Core.Verification;
using Broker.Ptx;
using Broker.Ptx.Verify;
using Broker.Tests;
using Broker.Verification;

namespace Broker.Bench.Cheats;

/// <summary>What became of a job.</summary>
/// <param name="Job">The job at its end, or where it waits for another worker.</param>
/// <param name="Refusals">Why the report was not taken in; empty where it was.</param>
/// <param name="Verdict">What the verifier said; null where it came to none.</param>
/// <param name="Receipt">What the broker signed of it.</param>
internal sealed record Outcome(JobRecord Job, ImmutableArray<DocumentError> Refusals, Verdict? Verdict, Receipt? Receipt)
{
    public AttemptRecord Attempt => Job.Attempts[^1];

    /// <summary>Whether the worker was refused, or found out.</summary>
    public bool IsCaught => !Refusals.IsEmpty || Attempt.State == AttemptState.Rejected;

    /// <summary>Whether the worker is paid for its time.</summary>
    public bool IsPaid => Job.Price > Money.Zero;
}

/// <summary>A broker, a worker and a verifier for one job document, in memory: the decisions, the commitment and the execution are the real ones.</summary>
internal sealed class MemoryBroker : IDisposable
{
    public const string Run = "run00001";

    private static readonly AccountId Submitter = AccountId.Parse("submitter");
    private static readonly AccountId Provider = AccountId.Parse("provider");
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly LocalReexecution _reexecution;
    private readonly RunOptions _options;

    /// <exception cref="InvalidOperationException">The broker refuses what the job asks of its verification.</exception>
    public MemoryBroker(MemoryJob job, RunOptions? options = null)
    {
        var (launches, found) = (new LaunchList(job.Document), JobClass.Of(Module.Parse(job.Program), job.Document));
        var (holds, refusal) = found.Decide(job.Document.Verification, launches.Count);
        Job = job.With(holds ?? throw new InvalidOperationException(refusal));
        (Class, Launches, _options) = (found.Class.Word(), launches, options ?? new RunOptions());
        _reexecution = Job.Reexecution(_options);
    }

    public MemoryJob Job { get; }

    public string Class { get; }

    public LaunchList Launches { get; }

    public static Signer WorkerKey { get; } = new("the worker of the cheats");

    public static Signer BrokerKey { get; } = new("the broker of the cheats");

    public static WorkerId Worker { get; } = WorkerId.Derive(Provider, "worker");

    public static WorkerId Verifier { get; } = WorkerId.Derive(AccountId.Parse("operator"), "verifier");

    /// <summary>A job whose run has begun; each trial has another id and another seed.</summary>
    public JobRecord Begin(int trial)
    {
        var job = Lifecycle.Submit(JobId.Derive(Submitter, $"{trial}"), Submitter, Job.Document, ContentHash.Of("request"u8), Noon).After;
        return Begin(job, 1, SeedOf(trial, 1));
    }

    public static JobRecord Begin(JobRecord job, int number, Digest seed, string name = "worker")
    {
        var offer = new Offer
        {
            Worker = WorkerId.Derive(Provider, name),
            Provider = Provider,
            Name = name,
            PricePerSecond = new Money(100),
            Device = new DeviceFacts("cpu", "memory", 90, 1L << 30),
            Slots = 1,
            SlotMemoryBytes = 1L << 30,
            ValidUntil = Noon.AddYears(1),
        };
        var waiting = Assert(PoolIndex.Of(job).Waiting.SingleOrDefault(), "the job does not wait");
        job = Change(Lifecycle.Assign(job, new Assignment(waiting with { NextAttempt = number }, offer, Pricing.Quote(waiting, offer)), seed, Noon));
        return Change(Lifecycle.Start(job, new AttemptId(job.Id, 0, number), offer.Worker, Run, WorkerKey.PublicKey, Noon));
    }

    public static Digest SeedOf(int trial, int attempt) => Digest.Of([.. BitConverter.GetBytes(trial), (byte)attempt]);

    /// <summary>What an honest worker says of a result.</summary>
    public static Statement Say(JobRecord job, ImmutableArray<BufferRoot> roots)
    {
        var attempt = job.Attempts[^1];
        var id = new AttemptId(job.Id, attempt.Replica, attempt.Number);
        return new Statement
        {
            Job = job.Id,
            JobHash = JobHash.Of(job.Document),
            Replica = attempt.Replica,
            Attempt = attempt.Number,
            Run = Run,
            Worker = attempt.Worker,
            SeedCommit = Seed.Commit(attempt.Seed, id),
            Buffers = roots,
            Usage = new Usage(1, 1, "cpu", 3),
        };
    }

    /// <summary>A worker commits to a result, and it is checked and judged.</summary>
    public Task<Outcome> RunAsync(int trial, MemoryResult result, Func<Statement, Statement>? change = null)
    {
        var job = Begin(trial);
        var statement = Say(job, result.Commit());
        return CommitAsync(job, result, change is null ? statement : change(statement), WorkerKey);
    }

    public async Task<Outcome> CommitAsync(JobRecord job, MemoryResult result, Statement statement, Signer key)
    {
        var attempt = job.Attempts[^1];
        var id = new AttemptId(job.Id, attempt.Replica, attempt.Number);
        var report = new AttemptReport(Run, RunOutcome.Completed, new SignedStatement(statement, key.Sign(statement.Encode())));
        if (ReportCheck.Check(job, attempt, report) is { IsEmpty: false } refusals) return new Outcome(job, refusals, null, null);
        job = Change(Lifecycle.Report(job, id, attempt.Worker, report, Noon.AddSeconds(1)));
        job = Change(Lifecycle.Challenge(job, id, 0, Verifier, null, Noon.AddSeconds(2)));
        var verdict = await CheckAsync(job.Document, job.Attempts[^1], result);
        return Judge(job, id, verdict);
    }

    /// <summary>A worker says that the kernel faults, and the claim is checked and judged.</summary>
    public async Task<Outcome> ClaimAsync(int trial, KernelFaultRecord fault)
    {
        var job = Begin(trial);
        var id = new AttemptId(job.Id, 0, 1);
        var report = new AttemptReport(Run, RunOutcome.Faulted, null, new Usage(1, 1, "cpu", 3), fault);
        if (ReportCheck.Check(job, job.Attempts[^1], report) is { IsEmpty: false } refusals) return new Outcome(job, refusals, null, null);
        job = Change(Lifecycle.Report(job, id, Worker, report, Noon.AddSeconds(1)));
        job = Change(Lifecycle.Challenge(job, id, 0, Verifier, null, Noon.AddSeconds(2)));
        return Judge(job, id, await FaultCheck.RunAsync(job.Document, fault, _reexecution, CancellationToken.None));
    }

    /// <summary>Checks what an attempt has committed to.</summary>
    public Task<Verdict> CheckAsync(JobDocument document, AttemptRecord attempt, MemoryResult result) =>
        new ResultCheck(document, Job.Program, attempt.Commitment!.Statement, attempt.Seed, _reexecution, result, Job).RunAsync(CancellationToken.None);

    public void Dispose() => _reexecution.Dispose();

    public static JobRecord Change(Decision decision) => Assert(decision.Change, $"{decision.Refusal}").After;

    private Outcome Judge(JobRecord job, AttemptId id, Verdict verdict)
    {
        var attempt = job.Attempts[^1];
        job = Change(Lifecycle.Judge(job, id, 1, Verifier, verdict, null, Noon.AddSeconds(3)));
        return new Outcome(job, [], verdict, attempt.Commitment is null ? null : Sign(attempt, verdict));
    }

    /// <summary>Makes the receipt, which must hold.</summary>
    private Receipt Sign(AttemptRecord attempt, Verdict verdict)
    {
        var receipt = BrokerKey.Sign(new Receipt
        {
            Document = JsonDocument.Parse(JobDocumentWriter.Write(Job.Document)).RootElement,
            Class = Class,
            Commitment = attempt.Commitment!,
            WorkerKey = attempt.PublicKey!,
            Seed = attempt.Seed,
            Verdict = verdict,
            Verifier = Verifier,
            At = Noon.AddSeconds(3),
            BrokerKey = BrokerKey.PublicKey,
        });
        var broken = ReceiptCheck.Check(receipt, BrokerKey.PublicKey).FirstOrDefault(finding => !finding.Holds);
        return broken is null ? receipt : throw new InvalidOperationException($"the broker's own receipt does not hold: {broken.Name}: {broken.Says}");
    }

    private static T Assert<T>(T? value, string why)
        where T : class => value ?? throw new InvalidOperationException(why);
}

/// <summary>A key that is the same in every run.</summary>
internal sealed class Signer(string name)
{
    private readonly ECDsa _key = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(name)) });

    public string PublicKey => Convert.ToBase64String(_key.ExportSubjectPublicKeyInfo());

    public string Sign(byte[] bytes) => Convert.ToBase64String(_key.SignData(bytes, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation));

    public Receipt Sign(Receipt receipt) => receipt with { Signature = Sign(receipt.Encode()) };
}
