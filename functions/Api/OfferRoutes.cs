using Broker.Core.Api;
using Broker.Core.Ids;
using Broker.Core.Market;
using Broker.Functions.Jobs;
using Broker.Storage;
using Microsoft.Extensions.Options;

namespace Broker.Functions.Api;

/// <summary>Offers: stated by workers, paused and resumed by workers and their providers, seen by all.</summary>
internal sealed class OfferRoutes(OfferStore offers, WorkerStore workers, Doorbell doorbell, TimeProvider clock)
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/offers", ListAsync).Require().Pages()
            .Query("pool", $"The pool: `{PoolName.Default}` where it is left out.")
            .Query("state", "Only offers in this state.")
            .Does("A pool's offers, the cheapest first.", route => route.Answers<Page<OfferView>>());
        api.MapPut("/offers/{worker}", (HttpContext http, string worker, OfferRoutes route, OfferIntake intake, IOptions<BrokerSettings> settings) =>
            route.PutAsync(http, worker, intake, settings.Value)).Require(Role.Worker, Role.Provider)
            .Does("Make a worker's offer or replace it, and renew how long it is valid.", route => route.TakesDocument<NewOffer>().Answers<OfferView>());
        foreach (var state in (OfferState[])[OfferState.Active, OfferState.Paused, OfferState.Draining])
        {
            api.MapPost($"/offers/{{worker}}/{state.ToString().ToLowerInvariant()}", (HttpContext http, string worker, OfferRoutes route) =>
                route.SetStateAsync(http, worker, state)).Require(Role.Worker, Role.Provider)
                .Does($"Set a worker's offer to {state.ToString().ToLowerInvariant()}.", route => route.Answers<OfferView>().Refuses(409));
        }

        api.MapDelete("/offers/{worker}", (HttpContext http, string worker, OfferRoutes route) =>
            route.RemoveAsync(http, worker)).Require(Role.Worker, Role.Provider)
            .Does("Take a worker's offer off the market.");
    }

    private static async Task<IResult> ListAsync(HttpRequest request, PoolStore pools, TimeProvider clock, CancellationToken cancellation)
    {
        var query = new QueryReader(request);
        if (!PoolName.TryParse(query.Text("pool") ?? PoolName.Default.ToString(), out var pool)) query.Refuse("pool", $"is not valid: {PoolName.Rule}");
        var state = query.Name("state", Enum.GetValues<OfferState>());
        var (most, after) = (query.Size(), OfferPosition.Find(query));
        if (query.Refusal is { } refusal) return refusal;
        var market = (await pools.ReadAsync(pool, clock.GetUtcNow(), cancellation)).Market;
        var offers = market.Offers
            .Where(offer => (state is null || offer.State == state) && (after is null || OfferPosition.Of(offer).CompareTo(after) > 0))
            .OrderBy(OfferPosition.Of).Take(most + 1).ToList();
        var views = offers.Take(most).Select(offer => View(offer, market.Held.Count(held => held.Worker == offer.Worker)));
        return Answer.Ok(new Page<OfferView>([.. views], offers.Count > most ? OfferPosition.Of(offers[most - 1]).Write() : null));
    }

    private async Task<IResult> PutAsync(HttpContext http, string id, OfferIntake intake, BrokerSettings settings)
    {
        var cancellation = http.RequestAborted;
        if (await FindWorkerAsync(http, id) is not { } worker) return Problems.NotFound("worker", id);
        var (body, refusal) = await RequestBody.ReadAsync<NewOffer>(http.Request, cancellation);
        if (body is null) return refusal!;
        if (RequestCheck.Check(body) is { IsEmpty: false } errors) return Problems.Invalid(errors);
        var offer = await intake.PutAsync(worker, body, clock.GetUtcNow() + TimeSpan.FromMinutes(settings.OfferMinutes), cancellation);
        return Answer.Ok(View(offer, 0));
    }

    private async Task<IResult> SetStateAsync(HttpContext http, string id, OfferState state)
    {
        if (await FindWorkerAsync(http, id) is not { } worker) return Problems.NotFound("worker", id);
        if (worker.Pool is not { } pool || await offers.FindAsync(pool, worker.Id, http.RequestAborted) is not { Value: { } offer })
            return Problems.NotFound("offer", id);
        if (offer.State == OfferState.Suspended) return Problems.Conflict("the offer is suspended by the broker");
        await offers.PutAsync(offer with { State = state }, http.RequestAborted);
        if (state == OfferState.Active) await doorbell.RingAsync(pool, http.RequestAborted);
        return Answer.Ok(View(offer with { State = state }, 0));
    }

    private async Task<IResult> RemoveAsync(HttpContext http, string id)
    {
        if (await FindWorkerAsync(http, id) is not { } worker) return Problems.NotFound("worker", id);
        if (worker.Pool is { } pool) await offers.RemoveAsync(pool, worker.Id, http.RequestAborted);
        return Results.NoContent();
    }

    /// <summary>The worker, where the key is its own or its provider's.</summary>
    private async Task<WorkerRecord?> FindWorkerAsync(HttpContext http, string id)
    {
        var principal = http.Principal();
        if (!WorkerId.TryParse(id, out var worker) || (principal.Worker is { } own && own != worker)) return null;
        return await workers.FindAsync(principal.Account, worker, http.RequestAborted);
    }

    private static OfferView View(Offer offer, int held) => new(
        offer.Worker, offer.Name, offer.Provider, offer.Pool, offer.State, offer.PricePerSecond, offer.StartPrice,
        offer.Slots, Math.Max(0, offer.Slots - held), offer.SlotMemoryBytes, offer.Device, offer.ValidUntil);
}
