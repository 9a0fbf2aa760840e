using Broker.Core.Api;

namespace Broker.Functions.Api;

/// <summary>What the API's description says of a route; who may call it and which query it takes stand beside it.</summary>
/// <param name="Summary">What it does.</param>
public sealed record RouteFacts(string Summary)
{
    /// <summary>The document that it takes; null where it takes none.</summary>
    public Type? Takes { get; init; }

    /// <summary>The document that it answers with; null for other bytes and for none.</summary>
    public Type? Gives { get; init; }

    /// <summary>The content type of what it takes.</summary>
    public string? TakesType { get; init; }

    /// <summary>The content type of what it answers with; null where it answers with nothing.</summary>
    public string? GivesType { get; init; }

    /// <summary>The status of its answer.</summary>
    public int Status { get; init; } = StatusCodes.Status204NoContent;

    /// <summary>Whether its answer has an ETag.</summary>
    public bool IsTagged { get; init; }

    /// <summary>The statuses by which it refuses, but for those of keys and of trouble.</summary>
    public IReadOnlyList<int> Refusals { get; init; } = [];
}

/// <summary>Describes routes where they are mapped.</summary>
internal static class RouteDescriptions
{
    public const string Json = "application/json";

    public static RouteHandlerBuilder Does(this RouteHandlerBuilder route, string summary, Func<RouteFacts, RouteFacts>? more = null)
    {
        var facts = new RouteFacts(summary);
        return route.WithMetadata(more is null ? facts : more(facts));
    }

    /// <summary>It answers with a document.</summary>
    public static RouteFacts Answers<T>(this RouteFacts facts, int status = StatusCodes.Status200OK) =>
        facts with { Gives = typeof(T), GivesType = Json, Status = status };

    /// <summary>It answers with a document that has an ETag, or with 304.</summary>
    public static RouteFacts AnswersTagged<T>(this RouteFacts facts) => facts.Answers<T>() with { IsTagged = true };

    public static RouteFacts TakesDocument<T>(this RouteFacts facts) => facts with { Takes = typeof(T), TakesType = Json };

    public static RouteFacts Refuses(this RouteFacts facts, params IReadOnlyList<int> statuses) => facts with { Refusals = statuses };

    /// <summary>The roles that may call it, as the API writes them; none where any key will do.</summary>
    public static IReadOnlyList<string> Names(this RouteAccess access) => [.. access.Roles.Select(Name)];

    private static string Name(Role role) => role.ToString().ToLowerInvariant();
}
