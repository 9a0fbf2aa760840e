using Broker.Functions.Api;

namespace Broker.Functions.Hosting;

/// <summary>Holds back what comes before the first start is done; what has waited for a while is told to come again.</summary>
internal static class StartGate
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Puts the gate before all routes but the root, by which the Functions host asks whether anybody is there.</summary>
    public static void Use(IApplicationBuilder app, FirstStart start) => app.Use(async (http, next) =>
    {
        if (!start.Done.IsCompleted && http.Request.Path != "/")
        {
            await Task.WhenAny(start.Done, Task.Delay(Patience, http.RequestAborted));
            if (!start.Done.IsCompleted)
            {
                await Problems.Unavailable().ExecuteAsync(http);
                return;
            }
        }

        await next(http);
    });
}
