namespace Broker.Functions.Api;

/// <summary>A query parameter that a route takes. Any other is refused: one that is misspelt would be passed over in silence.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">What JSON calls its type.</param>
/// <param name="Description">What it asks for.</param>
public sealed record QueryParameter(string Name, string Type, string Description);

/// <summary>Declares the query parameters of routes, and holds requests against them.</summary>
internal static class QueryParameters
{
    public static RouteHandlerBuilder Query(this RouteHandlerBuilder route, string name, string description, string type = "string") =>
        route.WithMetadata(new QueryParameter(name, type, description));

    public static RouteHandlerBuilder Pages(this RouteHandlerBuilder route) => route
        .Query(Paging.Limit, $"How many items the answer has at the most: from 1 to {Paging.Most}, {Paging.Usual} where it is left out.", "integer")
        .Query(Paging.Continue, "The next page: what the page before gave as `next`.");

    /// <summary>The answer to a query that the route does not take; null where it does.</summary>
    public static IResult? Check(HttpContext http)
    {
        foreach (var (name, values) in http.Request.Query)
        {
            if (values.Count > 1) return Problems.InvalidParameter(name, "stands twice: send it once");
            var known = http.GetEndpoint()!.Metadata.GetOrderedMetadata<QueryParameter>();
            if (known.All(parameter => parameter.Name != name))
                return Problems.InvalidParameter(name, known.Count == 0 ? "is not known: this route takes no parameters" : $"is not known; known here are {string.Join(", ", known.Select(parameter => parameter.Name))}");
        }

        return null;
    }
}
