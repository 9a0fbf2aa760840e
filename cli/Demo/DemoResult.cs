using System.Text.Json.Serialization;
using Broker.Cli.Demo.References;
using Broker.Cli.Output;
using Broker.Core;
using Broker.Core.Api;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Core.Verification;

namespace Broker.Cli.Demo;

/// <summary>How the demo went; its JSON is the last line of <c>broker demo --json</c>.</summary>
/// <param name="Passed">Whether every result is right, and who cheats was caught.</param>
/// <param name="Jobs">The jobs.</param>
/// <param name="CaughtCheats">How many attempts were rejected by a verdict.</param>
internal sealed record DemoResult(bool Passed, IReadOnlyList<DemoJobResult> Jobs, int CaughtCheats)
{
    public static DemoResult Of(IReadOnlyList<DemoJobResult> jobs)
    {
        var caught = jobs.Sum(job => job.Rejected);
        return new DemoResult(caught > 0 && jobs.All(job => job.Passed), jobs, caught);
    }
}

/// <summary>How one job of the demo went.</summary>
/// <param name="Id">The job.</param>
/// <param name="Name">Its name.</param>
/// <param name="State">How it ended.</param>
/// <param name="Worker">The worker of its last attempt.</param>
/// <param name="Attempts">How many attempts it took.</param>
/// <param name="Price">What it cost.</param>
/// <param name="Seconds">From submission to its end.</param>
/// <param name="StorageOperations">What it cost the broker, rounded to a tenth.</param>
/// <param name="Check">What the comparison with the independent computation said.</param>
internal sealed record DemoJobResult(
    JobId Id, string Name, JobState State, string Worker, int Attempts, Money? Price, double Seconds, double StorageOperations, string Check)
{
    /// <summary>What its verification found; null where nothing was judged.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public VerdictKind? Verdict { get; init; }

    /// <summary>The largest fraction of wrong blocks that the verification leaves possible; null unless it passed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public double? FMax { get; init; }

    /// <summary>The verdict in words.</summary>
    [JsonIgnore]
    public string? Found { get; init; }

    /// <summary>How many attempts a verdict rejected.</summary>
    [JsonIgnore]
    public int Rejected { get; init; }

    [JsonIgnore]
    public bool Passed { get; init; }

    /// <param name="view">The job as it ended.</param>
    /// <param name="check">What the comparison with the independent computation said.</param>
    /// <param name="operations">What it cost the broker.</param>
    public static DemoJobResult Of(JobView view, CheckOutcome check, double operations) => new(
        view.Id, view.Name, view.State, Words.Worker(view), view.Attempts.Length, view.Price,
        Math.Round(Words.Elapsed(view, view.SubmittedAt).TotalSeconds, 2), Math.Round(operations, 1), check.Text)
    {
        Verdict = view.Verdict?.Kind,
        FMax = view.Verdict?.MostWrong,
        Found = VerdictWords.Of(view),
        Rejected = view.Attempts.Count(attempt => attempt.State == AttemptState.Rejected),
        Passed = check.Passed,
    };
}
