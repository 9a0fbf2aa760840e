using Broker.Core.Api;
using Broker.Core.Ids;
using Broker.Storage;

namespace Broker.Functions.Api;

/// <summary>Workers: registered by their providers, alive by their heartbeats.</summary>
internal static class WorkerRoutes
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapPost("/workers", RegisterAsync).Require(Role.Provider)
            .Does("Register a worker; its key is shown this once, and its older key ends.", route => route.TakesDocument<NewWorker>().Answers<WorkerRegistered>(201).Refuses(409));
        api.MapGet("/workers", ListAsync).Require().Pages()
            .Does("All workers, by provider.", route => route.Answers<Page<WorkerView>>());
        api.MapPost("/workers/{provider}/{id}/reinstate", ReinstateAsync).Require(Role.Operator)
            .Does("Forget what is known of a worker, so that it gets jobs again as a new one.");
        api.MapPost("/workers/{id}/heartbeat", BeatAsync).Require(Role.Worker)
            .Does("A worker says that it lives, and how far its runs are.", route => route.TakesDocument<Heartbeat>().Answers<HeartbeatAnswer>());
    }

    private static async Task<IResult> RegisterAsync(HttpContext http, WorkerRegistration registration)
    {
        var (body, refusal) = await RequestBody.ReadAsync<NewWorker>(http.Request, http.RequestAborted);
        if (body is null) return refusal!;
        if (RequestCheck.Check(body) is { IsEmpty: false } errors) return Problems.Invalid(errors);
        return await registration.RegisterAsync(http.Principal().Account, body, http.RequestAborted);
    }

    private static async Task<IResult> ListAsync(HttpRequest request, WorkerStore workers, CancellationToken cancellation)
    {
        var query = new QueryReader(request);
        var (most, after) = (query.Size(), query.Position(WorkerStore.IsPosition));
        if (query.Refusal is { } refusal) return refusal;
        var page = await workers.ListAsync(after, most, cancellation);
        return Answer.Ok(page with { Next = QueryReader.Write(page.Next) });
    }

    private static async Task<IResult> ReinstateAsync(HttpContext http, string provider, string id, WorkerStore workers, ReputationStore reputations)
    {
        if (!AccountId.TryParse(provider, out var account) || !WorkerId.TryParse(id, out var worker)) return Problems.NotFound("worker", $"{provider}/{id}");
        if (await workers.FindAsync(account, worker, http.RequestAborted) is null) return Problems.NotFound("worker", $"{provider}/{id}");

        // Its offer follows when the worker renews it.
        await reputations.ClearAsync(account, worker, http.RequestAborted);
        return Results.NoContent();
    }

    private static async Task<IResult> BeatAsync(HttpContext http, string id, HeartbeatIntake intake)
    {
        var principal = http.Principal();
        if (principal.Worker?.ToString() != id) return Problems.NotFound("worker", id);
        var (body, refusal) = await RequestBody.ReadAsync<Heartbeat>(http.Request, http.RequestAborted);
        if (body is null) return refusal!;
        if (RequestCheck.Check(body) is { IsEmpty: false } errors) return Problems.Invalid(errors);
        return Answer.Ok(await intake.TakeAsync(principal, body, http.RequestAborted));
    }
}
