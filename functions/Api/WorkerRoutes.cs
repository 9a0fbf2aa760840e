using System.Collections.Immutable;
using Broker.Core.Api;
using Broker.Core.Documents;
using Broker.Core.Ids;
using Broker.Storage;

namespace Broker.Functions.Api;

/// <summary>Workers: registered by their providers, alive by their heartbeats.</summary>
internal static class WorkerRoutes
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapPost("/workers", RegisterAsync).Require(Role.Provider);
        api.MapGet("/workers", ListAsync).Require().Pages();
        api.MapPost("/workers/{id}/heartbeat", BeatAsync).Require(Role.Worker);
    }

    private static async Task<IResult> RegisterAsync(
        HttpContext http, WorkerStore workers, AccountStore accounts, MessageQueues queues, Authenticator authenticator, TimeProvider clock)
    {
        var (body, refusal) = await RequestBody.ReadAsync<NewWorker>(http.Request, http.RequestAborted);
        if (body is null) return refusal!;
        if (Check(body) is { IsEmpty: false } errors) return Problems.Invalid(errors);
        var provider = http.Principal().Account;
        var id = WorkerId.Derive(provider, body.Name);
        var before = await workers.FindAsync(provider, id, http.RequestAborted);
        var key = await accounts.CreateKeyAsync(new Principal(provider, [Role.Worker], id), http.RequestAborted);
        var record = new WorkerRecord(id, provider, body.Name, body.Device, clock.GetUtcNow(), AccountStore.HashOf(key), before?.Pool);
        await queues.CreateForAsync(id, http.RequestAborted);
        await workers.PutAsync(record, http.RequestAborted);
        if (before is not null)
        {
            await accounts.RevokeKeyAsync(provider, before.KeyHash, http.RequestAborted);
            authenticator.Forget(before.KeyHash);
        }

        return Answer.Created(new WorkerRegistered(id, body.Name, key));
    }

    private static ImmutableArray<DocumentError> Check(NewWorker worker)
    {
        var errors = ImmutableArray.CreateBuilder<DocumentError>();
        if (worker.Name.Length is 0 or > 60 || worker.Name.Any(char.IsControl))
            errors.Add(new DocumentError("$.name", "must have 1 to 60 printable characters"));
        if (worker.Device.ComputeCapability is < 10 or > 999)
            errors.Add(new DocumentError("$.device.computeCapability", "must be ten times the compute capability: 90 for 9.0"));
        if (worker.Device.MemoryBytes <= 0) errors.Add(new DocumentError("$.device.memoryBytes", "must be above 0"));
        if (worker.Device.Name.Length > 200 || worker.Device.Kind.Length > 20)
            errors.Add(new DocumentError("$.device", "kind may have 20 characters, name 200"));
        return errors.ToImmutable();
    }

    private static async Task<IResult> ListAsync(HttpRequest request, WorkerStore workers, CancellationToken cancellation)
    {
        var query = new QueryReader(request);
        var (most, after) = (query.Size(), query.Position(WorkerStore.IsPosition));
        if (query.Refusal is { } refusal) return refusal;
        var page = await workers.ListAsync(after, most, cancellation);
        return Answer.Ok(page with { Next = QueryReader.Write(page.Next) });
    }

    private static async Task<IResult> BeatAsync(HttpContext http, string id, HeartbeatIntake intake)
    {
        var principal = http.Principal();
        if (principal.Worker?.ToString() != id) return Problems.NotFound("worker", id);
        var (body, refusal) = await RequestBody.ReadAsync<Heartbeat>(http.Request, http.RequestAborted);
        if (body is null) return refusal!;
        return Answer.Ok(await intake.TakeAsync(principal, body, http.RequestAborted));
    }
}
