using System.Net;
using System.Net.Http.Headers;
using Broker.Core.Api;

namespace Broker.Client.Tests;

public class BackoffTests
{
    private static readonly Health Healthy = new("ok", "1.0", "self", "ok");

    [Theory]
    [InlineData(HttpStatusCode.InternalServerError)]
    [InlineData(HttpStatusCode.BadGateway)]
    [InlineData(HttpStatusCode.ServiceUnavailable)]
    [InlineData(HttpStatusCode.GatewayTimeout)]
    [InlineData(HttpStatusCode.TooManyRequests)]
    public async Task A_bad_moment_of_the_broker_is_waited_out(HttpStatusCode status)
    {
        var handler = new ScriptedHandler().Then(status).Then(status).ThenDocument(Healthy);
        using var client = handler.CreateClient();
        Assert.Equal(Healthy, await client.ReadHealthAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_lost_connection_is_tried_again()
    {
        var handler = new ScriptedHandler().Then(() => throw new HttpRequestException("reset")).ThenDocument(Healthy);
        using var client = handler.CreateClient();
        Assert.Equal(Healthy, await client.ReadHealthAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task The_waits_grow_and_the_tries_end()
    {
        var clock = new InstantClock();
        var handler = new ScriptedHandler();
        for (var i = 0; i < 5; i++) handler.Then(HttpStatusCode.ServiceUnavailable);
        using var client = handler.CreateClient(clock);
        var e = await Assert.ThrowsAsync<BrokerException>(() => client.ReadHealthAsync(TestContext.Current.CancellationToken));
        Assert.True(e.IsTrouble);
        Assert.Equal(5, handler.Sent.Count);
        Assert.Equal(4, clock.Waits.Count);
        Assert.True(clock.Waits[3] > clock.Waits[0]);
    }

    [Fact]
    public async Task The_wait_that_the_broker_asks_for_is_kept()
    {
        var clock = new InstantClock();
        var handler = new ScriptedHandler()
            .Then(() => new HttpResponseMessage(HttpStatusCode.TooManyRequests)
            {
                Headers = { RetryAfter = new RetryConditionHeaderValue(TimeSpan.FromSeconds(7)) },
            })
            .ThenDocument(Healthy);
        using var client = handler.CreateClient(clock);
        await client.ReadHealthAsync(TestContext.Current.CancellationToken);
        Assert.Equal([TimeSpan.FromSeconds(7)], clock.Waits);
    }

    [Theory]
    [InlineData(HttpStatusCode.BadRequest, "invalid")]
    [InlineData(HttpStatusCode.Conflict, "conflict")]
    [InlineData(HttpStatusCode.InternalServerError, "internal")]
    public async Task A_refusal_and_a_bug_are_not_repeated(HttpStatusCode status, string type)
    {
        var handler = new ScriptedHandler().ThenDocument(new Problem($"urn:broker:problem:{type}", "No", (int)status), status);
        using var client = handler.CreateClient();
        await Assert.ThrowsAsync<BrokerException>(() => client.ReadHealthAsync(TestContext.Current.CancellationToken));
        Assert.Single(handler.Sent);
    }

    [Fact]
    public async Task Cancelling_is_not_taken_for_trouble()
    {
        using var source = new CancellationTokenSource();
        var handler = new ScriptedHandler().Then(() =>
        {
            source.Cancel();
            throw new OperationCanceledException(source.Token);
        });
        using var client = handler.CreateClient();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.ReadHealthAsync(source.Token));
    }
}
