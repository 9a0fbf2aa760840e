using Broker.Cli.Output;
using Broker.Cli.Tests.Commands;
using Broker.Core.Jobs;
using Broker.Core.Verification;

namespace Broker.Cli.Tests.Output;

public sealed class VerdictWordsTests
{
    public static TheoryData<string, JobState, string, VerdictKind?, long, long, string?> Cases => new()
    {
        { "a sample", JobState.Completed, "sample", VerdictKind.Passed, 64_800, 299, "verified: at least 99.0 % of the blocks are right, at 95 % confidence (299 of 64,800 executed again)" },
        { "a large sample", JobState.Completed, "sample", VerdictKind.Passed, 10_000_000, 100_000, "verified: at least 99.9970 % of the blocks are right, at 95 % confidence (100,000 of 10,000,000 executed again)" },
        { "nearly every block", JobState.Completed, "sample", VerdictKind.Passed, 100, 99, "verified: all of the blocks are right, at 95 % confidence (99 of 100 executed again)" },
        { "every block", JobState.Completed, "full", VerdictKind.Passed, 100, 100, "verified: all of the blocks are right (all 100 executed again)" },
        { "a wrong result", JobState.Queued, "sample", VerdictKind.Failed, 100, 100, "found wrong: in the broker's words" },
        { "nothing to say", JobState.Failed, "sample", VerdictKind.Inconclusive, 100, 0, "not verified: in the broker's words" },
        { "none was asked for", JobState.Completed, "none", null, 0, 0, "verification none: nobody has checked the result" },
        { "not yet", JobState.Verifying, "sample", null, 0, 0, null },
        { "none, and not ended", JobState.Running, "none", null, 0, 0, null },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_job_is_told_with_what_was_shown_of_it(string name, JobState state, string mode, VerdictKind? kind, long blocks, long sampled, string? words)
    {
        var wrong = kind == VerdictKind.Passed ? SampleSize.MostWrong(blocks, sampled, 950_000) : (double?)null;
        var job = Views.Job(state) with { Document = Views.Document(mode), Verdict = kind is { } found ? new(found, blocks, sampled, wrong, "in the broker's words") : null };
        Assert.True(words == VerdictWords.Of(job), $"{name}: {VerdictWords.Of(job)}");
    }

    [Fact]
    public void Without_the_document_the_brokers_words_are_told() =>
        Assert.Equal("verified: 299 of 64800 blocks", VerdictWords.Of(Views.Job(JobState.Completed) with { Verdict = Views.Passed }));

    [Theory]
    [InlineData(1_000, 298)]
    [InlineData(64_800, 299)]
    [InlineData(64_800, 5_000)]
    [InlineData(1_000_000_000, 299)]
    public void No_share_is_told_that_was_not_shown(long blocks, long sampled)
    {
        var wrong = SampleSize.MostWrong(blocks, sampled, 950_000);
        var words = VerdictWords.Bound(blocks, sampled, wrong, new VerificationSpec());
        var told = double.Parse(words.Split(' ')[2], System.Globalization.CultureInfo.InvariantCulture) / 100;
        Assert.InRange(told, 1 - wrong - 0.001, 1 - wrong);
    }
}
