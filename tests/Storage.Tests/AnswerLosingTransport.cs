using Azure.Core;
using Azure.Core.Pipeline;

namespace Broker.Storage.Tests;

/// <summary>Sends the first request that fits, and loses its answer: the service has done it, and the client does not know.</summary>
internal sealed class AnswerLosingTransport(Func<string, bool> fits) : HttpPipelineTransport
{
    private readonly HttpPipelineTransport _inner = HttpClientTransport.Shared;

    public int Lost { get; private set; }

    public override Request CreateRequest() => _inner.CreateRequest();

    public override void Process(HttpMessage message) => throw new NotSupportedException();

    public override async ValueTask ProcessAsync(HttpMessage message)
    {
        await _inner.ProcessAsync(message);
        if (Lost > 0 || !fits(message.Request.Uri.ToString())) return;
        Lost++;
        throw new IOException("the answer was lost");
    }
}
