using Broker.Client;
using Broker.Core.Api;

namespace Broker.Host.Tests.Hosting;

/// <summary>Makes clients whose requests go to a host that a test plays.</summary>
internal static class Clients
{
    /// <param name="send">Takes each request where a real one would meet the host.</param>
    /// <param name="key">The key that is sent.</param>
    public static BrokerClient Connect(Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> send, string key) =>
        new(new HttpClient(new Front(send)) { BaseAddress = new Uri("http://host/"), Timeout = Timeout.InfiniteTimeSpan }, key);

    /// <summary>Makes an account with one role, and a client with its key.</summary>
    public static async Task<BrokerClient> CreateAccountAsync(
        Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> send, string operatorKey, Role role, CancellationToken cancellation)
    {
        using var operators = Connect(send, operatorKey);
        var account = await operators.CreateAccountAsync(new NewAccount("test", [role]), cancellation);
        return Connect(send, account.Key);
    }

    private sealed class Front(Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> send) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var answer = await send(request, cancellationToken);
            answer.RequestMessage ??= request;
            return answer;
        }
    }
}
