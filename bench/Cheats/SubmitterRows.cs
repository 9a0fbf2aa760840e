using Broker.Core.Jobs;
using Broker.Core.Verification;
using Broker.Ptx;
using Broker.Tests;
using Broker.Verification;

namespace Broker.Bench.Cheats;

/// <summary>Submitters whose kernels do what none may, and workers that say so of kernels that do not.</summary>
internal static class SubmitterRows
{
    private const string Races = """
        mov.u64 %rd1, tile;
        mad.wide.u32 %rd2, %tx, 4, %rd1;
        st.shared.u32 [%rd2], %i;
        xor.b32 %r2, %tx, 1;
        mad.wide.u32 %rd3, %r2, 4, %rd1;
        ld.shared.u32 %r3, [%rd3];
        st.global.u32 [%at], %r3;
        """;

    private const string OutOfBounds = "setp.eq.u32 %p, %i, 100;\n@%p add.u64 %at, %at, 1000000;\nst.global.u32 [%at], %i;";

    private const string Endless = "LOOP:\nsetp.eq.u32 %p, %i, %i;\n@%p bra LOOP;\nst.global.u32 [%at], %i;";

    private const string DividesByZero = "sub.u32 %r2, %i, %i;\ndiv.u32 %r3, %i, %r2;\nst.global.u32 [%at], %r3;";

    /// <summary>Endless loops end soon.</summary>
    private static readonly RunOptions Short = new() { StepBudgetPerBlock = 100_000 };

    public static IReadOnlyList<CheatRow> All { get; } =
    [
        new("A25", "a kernel that races", RacesAsync),
        new("A26", "kernels with a clock, used atomics, a spin lock", _ => Task.FromResult(RowCount.Of(Classes()))),
        new("A27", "an endless loop, out of bounds, division by zero", FaultsAsync),
        new("A28", "a worker claims a fault that is not there", FalseClaimsAsync),
    ];

    private static async Task<RowCount> RacesAsync(TrialCounts counts)
    {
        using var broker = new MemoryBroker(TinyJobs.Make(Races, 64, TinyJobs.Sample()));
        var (honest, found) = (broker.Job.Run(), new List<bool>());
        for (var trial = 0; trial < counts.Statistical / 4; trial++)
        {
            // Any order of threads is as right as another: a machine with one of its own.
            var result = honest.Copy();
            new Random(trial).NextBytes(result["out"]);
            found.Add(IsUnharmed(await broker.RunAsync(trial, result)) is { } reason && reason.Contains("PTX line", StringComparison.Ordinal));
        }

        return RowCount.Of(found);
    }

    private static IEnumerable<bool> Classes()
    {
        foreach (var body in (string[])
        [
            "mov.u32 %r2, %clock;\nst.global.u32 [%at], %r2;",
            "mov.u64 %rd1, %globaltimer;\ncvt.u32.u64 %r2, %rd1;\nst.global.u32 [%at], %r2;",
            "atom.global.add.u32 %r2, [%out], 1;\nst.global.u32 [%at], %r2;",
            "atom.global.exch.b32 %r2, [%out], %i;",
            "LOOP:\natom.global.cas.b32 %r2, [%out], 0, 1;\nsetp.ne.u32 %p, %r2, 0;\n@%p bra LOOP;",
            "LOOP:\nld.volatile.global.u32 %r2, [%out];\nsetp.eq.u32 %p, %r2, 0;\n@%p bra LOOP;",
        ])
        {
            var job = TinyJobs.Make(body, 64, TinyJobs.Sample());
            var found = JobClass.Of(Module.Parse(job.Program), job.Document);
            foreach (var asked in new[] { null, TinyJobs.Sample(), TinyJobs.Full }) yield return found.Decide(asked, 1).Refusal is { } refusal && refusal.Contains("line", StringComparison.Ordinal);
        }
    }

    private static async Task<RowCount> FaultsAsync(TrialCounts counts)
    {
        var found = new List<bool>();
        foreach (var body in (string[])[OutOfBounds, Endless])
        {
            using var broker = new MemoryBroker(Declared(body), Short);
            var fault = broker.Job.TryRun(Short, out _).Fault!;
            var outcome = await broker.ClaimAsync(1, Claim(fault));
            found.Add(outcome is { Job.State: JobState.Failed, Attempt.State: AttemptState.Accepted, IsPaid: true });
        }

        using var zero = new MemoryBroker(TinyJobs.Make(DividesByZero, 64, TinyJobs.Full));
        var result = zero.Job.Run();
        new Random(1).NextBytes(result["out"]);
        found.Add(IsUnharmed(await zero.RunAsync(1, result)) is not null);
        return RowCount.Of(found);
    }

    private static async Task<RowCount> FalseClaimsAsync(TrialCounts counts)
    {
        using var honest = new MemoryBroker(TinyJobs.Loop(64, TinyJobs.Sample()));
        using var faulty = new MemoryBroker(Declared(OutOfBounds), Short);
        var truth = Claim(faulty.Job.TryRun(Short, out _).Fault!);
        var found = new List<bool>();
        var random = new Random(1);
        for (var trial = 0; trial < counts.Statistical / 4; trial++)
        {
            var claim = truth with { Block = new BlockIndex(0, random.Next(64)), Thread = random.Next(TinyJobs.Threads), Line = random.Next(10, 40), Kind = $"{(FaultKind)random.Next(3)}" };
            found.Add(IsRejected(await honest.ClaimAsync(trial, claim)));
            if (claim.Block != truth.Block || claim.Thread != truth.Thread) found.Add(IsRejected(await faulty.ClaimAsync(trial, claim)));
        }

        return RowCount.Of(found);
    }

    private static bool IsRejected(Outcome outcome) => outcome is { Attempt.State: AttemptState.Rejected, IsPaid: false } && outcome.Job.FailedAttempts(0) == 1;

    /// <summary>Why nothing can be said, where the worker is paid for its time and not blamed.</summary>
    private static string? IsUnharmed(Outcome outcome) =>
        outcome is { Verdict: { Kind: VerdictKind.Inconclusive, Mismatches.Length: 0, Reason: { } reason }, Attempt.State: AttemptState.Inconclusive, IsPaid: true } ? reason : null;

    /// <summary>A fault is claimed of jobs that are verified, of whatever class.</summary>
    private static MemoryJob Declared(string body) => TinyJobs.Make(body, 64, TinyJobs.Full);

    private static KernelFaultRecord Claim(KernelFault fault) => new(
        $"{fault.Kind}", fault.Line, fault.Message, new BlockIndex(0, fault.Block.X), (int)fault.Thread.X);
}
