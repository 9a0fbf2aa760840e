using System.Globalization;
using System.Text;
using Broker.Core.Api;
using Broker.Core.Documents;
using Broker.Core.Jobs;
using Broker.Core.Verification;

namespace Broker.Cli.Output;

/// <summary>Says what was found about a result, and no more than that.</summary>
internal static class VerdictWords
{
    private const double Million = VerificationSpec.Million;

    /// <summary>What is done to verify a result.</summary>
    public static string Mode(VerificationSpec verification) => verification.Mode switch
    {
        VerificationMode.None => "none",
        VerificationMode.Full => "full, every block is executed again",
        _ => $"sample, blocks drawn at random are executed again: enough to meet {Percent(verification.FractionMillionths / Million)} of wrong ones at {Percent(verification.ConfidenceMillionths / Million)} confidence",
    };

    /// <summary>What was found about the result of a job, such as <c>verified: ...</c>; null where it is not known yet, or not told.</summary>
    public static string? Of(JobView job)
    {
        var verification = Verification(job);
        if (job.Verdict is not { } verdict)
            return job.State == JobState.Completed && verification is { Mode: VerificationMode.None } ? "verification none: nobody has checked the result" : null;
        if (verdict.Kind != VerdictKind.Passed) return $"{(verdict.Kind == VerdictKind.Failed ? "found wrong" : "not verified")}: {verdict.Text}";
        if (verification is null || verdict.MostWrong is not { } wrong) return $"verified: {verdict.Text}";
        return $"verified: {Bound(verdict.Blocks, verdict.Sampled, wrong, verification)} ({Executed(verdict.Blocks, verdict.Sampled)} executed again)";
    }

    /// <summary>What a clean sample proves.</summary>
    /// <param name="blocks">The blocks of the job.</param>
    /// <param name="sampled">How many of them were drawn and executed again.</param>
    /// <param name="wrong">The largest fraction of wrong ones that this leaves possible.</param>
    /// <param name="verification">Says with which confidence.</param>
    public static string Bound(long blocks, long sampled, double wrong, VerificationSpec verification)
    {
        if (sampled >= blocks) return "all of the blocks are right";
        var share = wrong <= 0 ? "all" : $"at least {RightShare(wrong)}";
        return $"{share} of the blocks are right, at {Percent(verification.ConfidenceMillionths / Million)} confidence";
    }

    /// <summary>How many blocks were executed again, of how many.</summary>
    public static string Executed(long blocks, long sampled) => sampled >= blocks ? $"all {Number(blocks)}" : $"{Number(sampled)} of {Number(blocks)}";

    public static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static VerificationSpec? Verification(JobView job) =>
        job.Document is { } document ? JobDocumentReader.Read(Encoding.UTF8.GetBytes(document.GetRawText())).Value?.Verification : null;

    /// <summary>Rounded down: no share is told that was not shown.</summary>
    private static string RightShare(double wrong)
    {
        var (right, decimals) = ((decimal)(1 - wrong) * 100, wrong < 0.001 ? 4 : 1);
        var scale = decimals == 1 ? 10m : 10_000m;
        return (Math.Floor(right * scale) / scale).ToString($"F{decimals}", CultureInfo.InvariantCulture) + " %";
    }

    private static string Percent(double share) => (share * 100).ToString("0.####", CultureInfo.InvariantCulture) + " %";
}
