using Broker.Core.Api;
using Broker.Core.Verification;

namespace Broker.Core.Jobs;

/// <summary>How a run ended.</summary>
public enum RunOutcome
{
    /// <summary>Every step ran, every output is stored and committed to.</summary>
    Completed,

    /// <summary>The kernel did what no kernel may; the fault says what.</summary>
    Faulted,

    /// <summary>The run took longer than the job's terms allow.</summary>
    TimedOut,

    /// <summary>The worker could not run it, for a reason of its own.</summary>
    Failed,

    /// <summary>The worker hands the attempt back, because it is stopping.</summary>
    Released,
}

/// <summary>What a worker says of a run.</summary>
/// <param name="Run">The run that it speaks of.</param>
/// <param name="Outcome">How the run ended.</param>
/// <param name="Commitment">What the worker computed, signed; null unless completed.</param>
/// <param name="Usage">What it used; null for a completed run, whose commitment says it.</param>
/// <param name="Fault">The fault, where there is one.</param>
/// <param name="Reason">In words, unless completed.</param>
/// <param name="Log">What the worker wrote about the run, where it is short: see <see cref="RunLogs.ReportBytes"/>.</param>
public sealed record AttemptReport(
    string Run, RunOutcome Outcome, SignedStatement? Commitment = null, Usage? Usage = null,
    KernelFaultRecord? Fault = null, string? Reason = null, string? Log = null);
