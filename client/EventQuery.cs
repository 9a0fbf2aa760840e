namespace Broker.Client;

/// <summary>Which events of a job to read.</summary>
public sealed record EventQuery
{
    /// <summary>Only events with a greater number.</summary>
    public int? After { get; init; }

    /// <summary>How long the broker may wait for an event where there is none yet: whole seconds, at the most 30.</summary>
    public TimeSpan? Wait { get; init; }

    /// <summary>How many a page has at the most.</summary>
    public int? Limit { get; init; }

    /// <summary>The next page: what the page before gave as its next.</summary>
    public string? Continue { get; init; }
}
