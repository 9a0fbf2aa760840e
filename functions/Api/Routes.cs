using Broker.Storage;
using Microsoft.AspNetCore.Diagnostics;

namespace Broker.Functions.Api;

/// <summary>All routes of the API, and what becomes of trouble inside them.</summary>
internal static class Routes
{
    public static void Map(WebApplication app)
    {
        app.UseExceptionHandler(errors => errors.Run(AnswerTroubleAsync));
        var api = app.MapGroup("/api");
        SystemRoutes.Map(api);
        AccountRoutes.Map(api);
        JobSubmissionRoute.Map(api);
        JobRoutes.Map(api);
        OutputRoutes.Map(api);
        LogRoute.Map(api);
        ContentRoutes.Map(api);
        WorkerRoutes.Map(api);
        OfferRoutes.Map(api);
        AttemptRoutes.Map(api);
        app.MapFallback((HttpRequest request) => Problems.NoRoute(request.Path));
    }

    private static Task AnswerTroubleAsync(HttpContext http)
    {
        var error = http.Features.Get<IExceptionHandlerFeature>()?.Error;
        var answer = error switch
        {
            BadHttpRequestException { StatusCode: 413 } => Problems.TooLarge("the body", ContentRoutes.MostBytes),
            BadHttpRequestException bad => Problems.InvalidParameter("the request", bad.Message),
            not null when StorageTrouble.Is(error) => Problems.Unavailable(),
            _ => Problems.Internal(),
        };
        return answer.ExecuteAsync(http);
    }
}
