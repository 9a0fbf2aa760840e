using Broker.Core.Jobs;

namespace Broker.Client;

/// <summary>Which jobs of the account to list.</summary>
public sealed record JobQuery
{
    public JobState? State { get; init; }

    /// <summary>Only jobs that were submitted then or later.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Only jobs that were submitted before.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>How many a page has at the most.</summary>
    public int? Limit { get; init; }

    /// <summary>The next page: what the page before gave as its next.</summary>
    public string? Continue { get; init; }
}
