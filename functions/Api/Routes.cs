using Broker.Storage;
using Microsoft.AspNetCore.Diagnostics;

namespace Broker.Functions.Api;

/// <summary>All routes of the API, and what becomes of trouble inside them.</summary>
internal static class Routes
{
    public static void Map(WebApplication app)
    {
        app.UseExceptionHandler(errors => errors.Run(AnswerTroubleAsync));
        app.UseStatusCodePages(context => Problems.Bare(context.HttpContext).ExecuteAsync(context.HttpContext));
        var api = app.MapGroup("/api");
        OpenApiRoute.Map(api);
        SystemRoutes.Map(api);
        AccountRoutes.Map(api);
        JobSubmissionRoute.Map(api);
        JobRoutes.Map(api);
        OutputRoutes.Map(api);
        ReceiptRoutes.Map(api);
        AuditRoutes.Map(api);
        LogRoute.Map(api);
        ContentRoutes.Map(api);
        WorkerRoutes.Map(api);
        OfferRoutes.Map(api);
        AttemptRoutes.Map(api);
        VerifierRoutes.Map(api);
        CheckRoutes.Map(api);
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
