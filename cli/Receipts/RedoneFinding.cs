using Broker.Core.Ids;
using Broker.Core.Verification;

namespace Broker.Cli.Receipts;

/// <summary>What came of one thing that a receipt claims.</summary>
internal enum FindingOutcome
{
    Holds,

    Fails,

    /// <summary>It could not be looked at: something is missing.</summary>
    NotDone,

    /// <summary>It need not be looked at, or nobody asked for it.</summary>
    Skipped,
}

/// <summary>One thing that was looked at again.</summary>
/// <param name="Name">What.</param>
/// <param name="Outcome">What came of it.</param>
/// <param name="Says">In words, with what to do about it.</param>
internal sealed record RedoneFinding(string Name, FindingOutcome Outcome, string Says);

/// <summary>What <c>broker receipt verify --json</c> answers.</summary>
/// <param name="Job">The job that the receipt is about.</param>
/// <param name="Holds">Whether all of it was done again, and holds.</param>
/// <param name="Findings">What was looked at, in order.</param>
/// <param name="Verdict">What this machine found by executing again; null where it did not.</param>
internal sealed record ReceiptVerification(JobId Job, bool Holds, IReadOnlyList<RedoneFinding> Findings, Verdict? Verdict);
