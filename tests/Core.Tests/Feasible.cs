using System.Collections.Immutable;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Core.Market;
using Broker.Core.Verification;

namespace Broker.Core.Tests;

/// <summary>Builds what fits together: any offer may run any job, so that a test states only what matters to it.</summary>
internal static class Feasible
{
    public const long GiB = 1L << 30;

    public static readonly DateTimeOffset Noon = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    public static readonly AccountId Submitter = AccountId.Parse("alice");

    public static readonly ContentHash Hash = ContentHash.Of("content"u8);

    public static JobId JobId(int number = 1) => Core.Ids.JobId.Derive(Submitter, $"{number}");

    public static WorkerId WorkerId(int number = 1) => Core.Ids.WorkerId.Derive(AccountId.Parse("bob"), $"{number}");

    public static JobDocument Document(
        int attempts = 3, int timeoutMinutes = 10, int queueMinutes = 60, DateTimeOffset? deadline = null, params ImmutableArray<BufferSpec> buffers) => new()
        {
            Program = new ProgramSource(Hash, null),
            Buffers = buffers.IsDefault ? [] : buffers,
            Steps = [Step()],
            Requires = new Requirements { MemoryBytes = GiB, ComputeCapability = 70 },
            Terms = new Terms
            {
                Attempts = attempts,
                Timeout = TimeSpan.FromMinutes(timeoutMinutes),
                QueueTimeout = TimeSpan.FromMinutes(queueMinutes),
                Deadline = deadline,
            },
        };

    public static StepSpec Step(string kernel = "main", long threads = 64, int sharedBytes = 0, params ImmutableArray<Argument> arguments) =>
        new(kernel, new Dimensions(4, 1, 1), new Dimensions(threads, 1, 1), sharedBytes, 1, arguments.IsDefault ? [] : arguments);

    /// <summary>A job as it is right after its submission at noon.</summary>
    public static JobRecord Job(int replicas = 1, JobDocument? document = null, int number = 1) =>
        Lifecycle.Submit(JobId(number), Submitter, document ?? Document(), Hash, Noon).After with { Replicas = replicas };

    /// <summary>A worker that may not have the job again for good, or for some seconds after noon.</summary>
    public static Exclusion Excluded(int worker = 1, int? seconds = null) =>
        new(WorkerId(worker), seconds is { } some ? Noon.AddSeconds(some) : DateTimeOffset.MaxValue);

    public static WaitingReplica Waiting(
        int job = 1, int replica = 0, int attempt = 1, int submittedMinute = 0, long gib = 1, int capability = 70, int share = 0, string cap = "1.00",
        string delay = "0", int? estimateSeconds = null, params ImmutableArray<Exclusion> excluded) => new()
        {
            Job = JobId(job),
            Replica = replica,
            NextAttempt = attempt,
            SubmittedAt = Noon.AddMinutes(submittedMinute),
            QueueUntil = Noon.AddHours(1),
            MemoryBytes = gib * GiB,
            ComputeCapability = capability,
            ShareThousandths = share,
            MaxPrice = Money.Parse(cap),
            DelayValuePerHour = Money.Parse(delay),
            Estimate = estimateSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            Excluded = excluded.IsDefault ? [] : excluded,
        };

    public static Offer Offer(
        int worker = 1, OfferState state = OfferState.Active, int validMinutes = 5, string start = "0.01", string second = "0.001", int slots = 1,
        long gib = 8, int capability = 90) => new()
        {
            Worker = WorkerId(worker),
            Provider = AccountId.Parse("bob"),
            Name = $"worker-{worker}",
            State = state,
            StartPrice = Money.Parse(start),
            PricePerSecond = Money.Parse(second),
            Device = new DeviceFacts("cpu", "a device", capability, slots * gib * GiB),
            Slots = slots,
            SlotMemoryBytes = gib * GiB,
            ValidUntil = Noon.AddMinutes(validMinutes),
        };

    public static HeldSlot Held(int worker = 1, int job = 99, int replica = 0) => new(
        JobId(job), replica, 1, WorkerId(worker), AccountId.Parse("bob"), Noon, Noon.AddMinutes(15));

    public static MarketSnapshot Market(IEnumerable<WaitingReplica> waiting, IEnumerable<Offer> offers, params ImmutableArray<HeldSlot> held) =>
        new(PoolName.Default, Noon, [.. waiting], [.. offers], held.IsDefault ? [] : held);

    public static Assignment Assignment(int replica = 0, int attempt = 1, int worker = 1, int job = 1) =>
        new(Waiting(job, replica, attempt), Offer(worker), Money.Parse("0.10"));

    public static AttemptReport Report(
        RunOutcome outcome = RunOutcome.Completed, string run = "run00001", double seconds = 10, string? reason = null, KernelFaultRecord? fault = null) =>
        outcome == RunOutcome.Completed
            ? new(run, outcome, Commitment(run, seconds), Fault: fault, Reason: reason)
            : new(run, outcome, null, new Usage(seconds, 0, "cpu", 0), fault, reason);

    /// <summary>Says something, about no job in particular: who takes it in asks elsewhere whether it fits.</summary>
    public static SignedStatement Commitment(string run = "run00001", double seconds = 10) => new(
        new Statement
        {
            Job = JobId(),
            JobHash = default,
            Replica = 0,
            Attempt = 1,
            Run = run,
            Worker = WorkerId(),
            SeedCommit = default,
            Buffers = [],
            Usage = new Usage(seconds, 0, "cpu", 0),
        },
        "");

    /// <summary>A seed for an attempt; another one for each number.</summary>
    public static Digest Seed(int number = 1) => Digest.Of([(byte)number, (byte)(number >> 8)]);

    public static KernelFaultRecord Fault(string kind = "access", int line = 7, string message = "line 7: wrote past the end of 'image'", int block = 1, int thread = 2) =>
        new(kind, line, message, new BlockIndex(0, block), thread);
}
