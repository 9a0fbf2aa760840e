using Broker.Core.Api;
using Broker.Core.Market;
using Broker.Worker.Attempts;
using Broker.Worker.Market;
using Microsoft.Extensions.Time.Testing;

namespace Broker.Worker.Tests.Market;

public sealed class StandingOfferTests : IDisposable
{
    private readonly FakeBroker _broker = new();
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UtcNow);
    private readonly StatementKey _key = new();
    private readonly StandingOffer _offer;

    public StandingOfferTests()
    {
        var worker = new WorkerIdentity(FakeBroker.Worker, "test", _broker.Connect(), _key);
        _offer = new StandingOffer(worker, new NewOffer { PricePerSecond = new Core.Money(1), SlotMemoryBytes = 1 }, _clock);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private int Puts => _broker.Requests.Count(request => request.StartsWith("PUT", StringComparison.Ordinal));

    public void Dispose()
    {
        _broker.Dispose();
        _key.Dispose();
    }

    [Fact]
    public async Task It_is_renewed_every_few_minutes_and_not_with_every_heartbeat()
    {
        await _offer.MakeAsync(Cancellation);
        await _offer.KeepAsync(OfferState.Active, Cancellation);
        Assert.Equal(1, Puts);
        _clock.Advance(TimeSpan.FromMinutes(3));
        await _offer.KeepAsync(OfferState.Active, Cancellation);
        Assert.Equal(2, Puts);
    }

    [Fact]
    public async Task An_offer_that_is_gone_is_made_again()
    {
        await _offer.MakeAsync(Cancellation);
        await _offer.KeepAsync(null, Cancellation);
        Assert.Equal(2, Puts);
    }

    [Fact]
    public async Task A_drain_that_an_earlier_process_left_is_over()
    {
        _broker.Offer = OfferState.Draining;
        Assert.Equal(OfferState.Active, (await _offer.MakeAsync(Cancellation)).State);
    }

    [Fact]
    public async Task A_pause_outlasts_a_restart()
    {
        _broker.Offer = OfferState.Paused;
        Assert.Equal(OfferState.Paused, (await _offer.MakeAsync(Cancellation)).State);
    }

    [Fact]
    public async Task A_draining_worker_makes_no_offer_again()
    {
        await _offer.MakeAsync(Cancellation);
        await _offer.DrainAsync(Cancellation);
        await _offer.KeepAsync(null, Cancellation);
        Assert.Equal(1, Puts);
    }
}
