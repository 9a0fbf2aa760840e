using System.Reflection;
using Broker.Core.Api;
using Broker.Functions.Hosting;
using Broker.Storage;

namespace Broker.Functions.Api;

/// <summary>Health, and what the operator watches.</summary>
internal static class SystemRoutes
{
    public static string Version { get; } =
        typeof(SystemRoutes).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/health", ReadHealthAsync)
            .Does("Whether the broker reaches its storage.", route => route.Answers<Health>());
        api.MapGet("/storage-operations", (OperationMeter meter) =>
            Answer.Ok(new StorageOperations(meter.Kinds.Values.Sum(), meter.Kinds, meter.Jobs))).Require(Role.Operator)
            .Does("The storage operations of this process since it started.", route => route.Answers<StorageOperations>());
    }

    private static async Task<IResult> ReadHealthAsync(BrokerStorage storage, IConfiguration configuration, CancellationToken cancellation)
    {
        var host = CustomHandler.FindPort(configuration) is null ? "self" : "functions";
        try
        {
            await storage.CheckAsync(cancellation);
            return Answer.Ok(new Health("ok", Version, host, "ok"));
        }
        catch (Exception e) when (StorageTrouble.Is(e))
        {
            return Problems.Unavailable();
        }
    }
}
