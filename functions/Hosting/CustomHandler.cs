using System.Text.Json;
using Broker.Storage;

namespace Broker.Functions.Hosting;

/// <summary>The contract of an Azure Functions custom handler: the host calls each trigger as a route of its own.</summary>
internal static class CustomHandler
{
    /// <summary>The host sets it, and waits for an answer on this port.</summary>
    public const string PortVariable = "FUNCTIONS_CUSTOMHANDLER_PORT";

    /// <summary>The name of the binding in every <c>function.json</c> of a queue function.</summary>
    public const string QueueBinding = "message";

    public static int? FindPort(IConfiguration configuration) =>
        int.TryParse(configuration[PortVariable], out var port) ? port : null;

    public static void Map(IEndpointRouteBuilder routes, FunctionTable functions, OperationMeter meter)
    {
        routes.MapGet("/", () => Results.Json(new { }));
        foreach (var function in functions.Queues)
        {
            routes.MapPost($"/{function.Name}", async (HttpRequest request) =>
            {
                var body = await ReadMessageAsync(request);
                using var scope = meter.For();
                await function.RunAsync(body, scope, CancellationToken.None);
                return Done();
            });
        }

        foreach (var function in functions.Timers)
        {
            routes.MapPost($"/{function.Name}", async () =>
            {
                await function.RunAsync(CancellationToken.None);
                return Done();
            });
        }
    }

    /// <summary>The host answers an empty 2xx by waiting until its own timeout: there is always a body.</summary>
    private static IResult Done() => Results.Json(new { });

    /// <summary>The message arrives as a JSON string that the host has serialised once more.</summary>
    private static async Task<string> ReadMessageAsync(HttpRequest request)
    {
        using var invocation = await JsonDocument.ParseAsync(request.Body);
        var data = invocation.RootElement.GetProperty("Data").GetProperty(QueueBinding);
        var text = data.GetString() ?? throw new JsonException("the invocation holds no message");
        return JsonSerializer.Deserialize<string>(text) ?? throw new JsonException("the message is empty");
    }
}
