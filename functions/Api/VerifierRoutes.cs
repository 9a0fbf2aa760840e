using Broker.Core.Api;
using Broker.Core.Ids;
using Broker.Storage;
using Microsoft.Extensions.Options;

namespace Broker.Functions.Api;

/// <summary>Verifiers: registered by an account that the operator trusts, alive by their heartbeats.</summary>
internal static class VerifierRoutes
{
    private static readonly TimeSpan QueueUrlLife = TimeSpan.FromHours(1);

    public static void Map(RouteGroupBuilder api)
    {
        api.MapPost("/verifiers", RegisterAsync).Require(Role.Verifier)
            .Does("Register a verifier; its key is shown this once, and its older key ends.", route => route.TakesDocument<NewVerifier>().Answers<WorkerRegistered>(201));
        api.MapPost("/verifiers/{id}/heartbeat", BeatAsync).Require(Role.Verifier)
            .Does("A verifier says that it lives.", route => route.Answers<VerifierAnswer>());
    }

    private static async Task<IResult> RegisterAsync(HttpContext http, BrokerStorage storage, Authenticator authenticator, TimeProvider clock)
    {
        var (body, refusal) = await RequestBody.ReadAsync<NewVerifier>(http.Request, http.RequestAborted);
        if (body is null) return refusal!;
        if (RequestCheck.Check(body) is { IsEmpty: false } errors) return Problems.Invalid(errors);
        var (accounts, directory, account) = (new AccountStore(storage), new VerifierDirectory(storage), http.Principal().Account);
        var id = WorkerId.Derive(account, body.Name);
        var before = await directory.FindAsync(id, http.RequestAborted);
        var key = await accounts.CreateKeyAsync(new Principal(account, [Role.Verifier], id), http.RequestAborted);
        await new MessageQueues(storage).CreateAsync(QueueNames.Checks(id), http.RequestAborted);
        if (before is not null)
        {
            // While the directory still names it: after a crash nobody would know any more which key is to end.
            await accounts.RevokeKeyAsync(account, before.KeyHash, http.RequestAborted);
            authenticator.Forget(before.KeyHash);
        }

        await directory.PutAsync(new VerifierRecord(id, account, body.Name, AccountStore.HashOf(key), clock.GetUtcNow()), http.RequestAborted);
        return Answer.Created(new WorkerRegistered(id, body.Name, key));
    }

    private static async Task<IResult> BeatAsync(HttpContext http, string id, BrokerStorage storage, TimeProvider clock, IOptions<BrokerSettings> settings)
    {
        using var uncounted = storage.Meter.Uncounted();
        var (directory, now) = (new VerifierDirectory(storage), clock.GetUtcNow());
        if (http.Principal().Worker is not { } verifier || verifier.ToString() != id || await directory.FindAsync(verifier, http.RequestAborted) is not { } record)
            return Problems.NotFound("verifier", id);
        await directory.PutAsync(record with { At = now }, http.RequestAborted);
        var access = new MessageQueues(storage).Access(QueueNames.Checks(verifier), now + QueueUrlLife);
        return Answer.Ok(new VerifierAnswer(access, settings.Value.HeartbeatSeconds));
    }
}
