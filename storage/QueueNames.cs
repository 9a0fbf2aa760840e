using Broker.Core.Ids;

namespace Broker.Storage;

/// <summary>The names of the queues.</summary>
public static class QueueNames
{
    public const string MatchRounds = "match-rounds";
    public const string Reports = "reports";

    /// <summary>Where a message goes that failed too often, as the Functions host names it.</summary>
    public static string Poison(string queue) => queue + "-poison";

    /// <summary>A worker's own queue.</summary>
    public static string Attempts(WorkerId worker) => "attempts-" + worker;

    /// <summary>A verifier's own queue.</summary>
    public static string Checks(WorkerId verifier) => "verifications-" + verifier;
}
