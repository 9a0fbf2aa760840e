using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Broker.Core.Api;

namespace Broker.Functions.Api;

/// <summary>Describes the API as OpenAPI, from what its routes say of themselves where they are mapped.</summary>
internal sealed partial class OpenApiRoute(EndpointDataSource routes)
{
    private const string ProblemType = "application/problem+json";
    private readonly Lock _lock = new();
    private JsonObject? _document;

    public static void Map(RouteGroupBuilder api) => api
        .MapGet("/openapi.json", (HttpContext http, OpenApiRoute route) => Answer.Tagged(http, route.Read()))
        .Does("This description.", route => route.AnswersTagged<JsonObject>());

    /// <summary>The document: routes do not change while the program runs.</summary>
    public JsonObject Read()
    {
        lock (_lock) return _document ??= Make();
    }

    private JsonObject Make()
    {
        var schemas = new OpenApiSchemas();
        var paths = new JsonObject();
        foreach (var endpoint in routes.Endpoints.OfType<RouteEndpoint>())
        {
            if (endpoint.Metadata.GetMetadata<RouteFacts>() is not { } facts) continue;
            var path = Constraint().Replace(endpoint.RoutePattern.RawText!, "}");
            if (!paths.ContainsKey(path)) paths[path] = new JsonObject();
            foreach (var method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods)
                paths[path]![method.ToLowerInvariant()] = Describe(endpoint, facts, schemas);
        }

        schemas.Refer(typeof(Problem), isRequest: false);
        return new JsonObject
        {
            ["openapi"] = "3.1.0",
            ["info"] = new JsonObject
            {
                ["title"] = "Broker",
                ["version"] = SystemRoutes.Version,
                ["description"] = "A market for GPU compute. Every error is a problem of RFC 9457. What belongs to another account is answered as if it did not exist. "
                    + "A request with a body has a Content-Length, and no parameter of a query stands twice.",
            },
            ["paths"] = paths,
            ["components"] = new JsonObject
            {
                ["schemas"] = schemas.ToJson(),
                ["securitySchemes"] = new JsonObject { ["key"] = new JsonObject { ["type"] = "http", ["scheme"] = "bearer" } },
            },
        };
    }

    private static JsonObject Describe(RouteEndpoint endpoint, RouteFacts facts, OpenApiSchemas schemas)
    {
        var operation = new JsonObject { ["summary"] = facts.Summary };
        var access = endpoint.Metadata.GetMetadata<RouteAccess>();
        operation["description"] = access switch
        {
            null => "Needs no key.",
            { Roles.Count: 0 } => "Needs any key.",
            _ => $"Needs a key with the role {string.Join(" or ", access.Names())}.",
        };
        if (access is not null)
        {
            operation["x-roles"] = new JsonArray([.. access.Names().Select(name => (JsonNode)name)]);
            operation["security"] = new JsonArray(new JsonObject { ["key"] = new JsonArray() });
        }

        operation["parameters"] = Parameters(endpoint, facts);
        if (facts.TakesType is { } takes)
            operation["requestBody"] = new JsonObject { ["required"] = true, ["content"] = Content(takes, facts.Takes, isRequest: true, schemas) };
        operation["responses"] = Responses(endpoint, facts, access, schemas);
        return operation;
    }

    private static JsonArray Parameters(RouteEndpoint endpoint, RouteFacts facts)
    {
        var inPath = endpoint.RoutePattern.Parameters.Select(parameter => Parameter(
            parameter.Name, "path", parameter.ParameterPolicies.Any(policy => policy.Content == "int") ? "integer" : "string", null));
        var inQuery = endpoint.Metadata.GetOrderedMetadata<QueryParameter>().Select(parameter => Parameter(parameter.Name, "query", parameter.Type, parameter.Description));
        var parameters = new JsonArray([.. inPath, .. inQuery]);
        if (facts.IsTagged) parameters.Add(Parameter("If-None-Match", "header", "string", "The ETag of what is known: the answer is 304 where it has not changed."));
        return parameters;
    }

    private static JsonObject Parameter(string name, string place, string type, string? description)
    {
        var parameter = new JsonObject { ["name"] = name, ["in"] = place, ["required"] = place == "path", ["schema"] = new JsonObject { ["type"] = type } };
        if (description is not null) parameter["description"] = description;
        return parameter;
    }

    private static JsonObject Responses(RouteEndpoint endpoint, RouteFacts facts, RouteAccess? access, OpenApiSchemas schemas)
    {
        var success = new JsonObject { ["description"] = "Done" };
        if (facts.GivesType is { } gives) success["content"] = Content(gives, facts.Gives, isRequest: false, schemas);
        var responses = new JsonObject { [$"{facts.Status}"] = success };
        if (facts.IsTagged) responses["304"] = new JsonObject { ["description"] = "It has not changed" };
        var refusals = new SortedSet<int>(facts.Refusals) { StatusCodes.Status503ServiceUnavailable };
        if (access is not null) refusals.UnionWith([StatusCodes.Status400BadRequest, StatusCodes.Status401Unauthorized]);
        if (access is { Roles.Count: > 0 }) refusals.Add(StatusCodes.Status403Forbidden);
        if (endpoint.RoutePattern.Parameters.Count > 0) refusals.Add(StatusCodes.Status404NotFound);
        if (facts.TakesType is not null) refusals.UnionWith([StatusCodes.Status411LengthRequired, StatusCodes.Status413PayloadTooLarge, StatusCodes.Status422UnprocessableEntity]);
        foreach (var status in refusals)
        {
            responses[$"{status}"] = new JsonObject
            {
                ["description"] = Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(status),
                ["content"] = Content(ProblemType, typeof(Problem), isRequest: false, schemas),
            };
        }

        return responses;
    }

    private static JsonObject Content(string type, Type? document, bool isRequest, OpenApiSchemas schemas) => new()
    {
        [type] = new JsonObject { ["schema"] = document is null || document == typeof(JsonObject) ? new JsonObject() : schemas.Refer(document, isRequest) },
    };

    [GeneratedRegex(":[a-z]+}")]
    private static partial Regex Constraint();
}
