using Broker.Core;
using Broker.Core.Ids;
using Broker.Core.Jobs;

namespace Broker.Cli.Demo;

/// <summary>How the demo went; its JSON is the last line of <c>broker demo --json</c>.</summary>
internal sealed record DemoResult(bool Passed, IReadOnlyList<DemoJobResult> Jobs);

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
    [System.Text.Json.Serialization.JsonIgnore]
    public bool Passed { get; init; }
}
