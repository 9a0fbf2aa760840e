using Azure.Core;
using Azure.Core.Pipeline;

namespace Broker.Storage;

/// <summary>Tells the meter of every request that leaves for storage, retries included: each is a paid transaction.</summary>
internal sealed class OperationPolicy(OperationMeter meter, string service) : HttpPipelineSynchronousPolicy
{
    public override void OnSendingRequest(HttpMessage message)
    {
        if (Kind(message.Request) is { } kind) meter.Count($"{service}.{kind}");
    }

    private string? Kind(Request request)
    {
        var path = request.Uri.Path ?? "";
        if (service == "queue" && path.EndsWith("/messages", StringComparison.Ordinal))
        {
            // Whether a receive found anything is known from its answer: the listener counts those that did.
            return request.Method == RequestMethod.Post ? "send" : null;
        }

        if (path.EndsWith("/$batch", StringComparison.Ordinal)) return "transaction";
        if (request.Method == RequestMethod.Get || request.Method == RequestMethod.Head)
            return service == "table" && request.Uri.Query.Contains("filter", StringComparison.Ordinal) ? "query" : "read";
        if (request.Method == RequestMethod.Delete) return "delete";
        return service == "table" && request.Method == RequestMethod.Post ? "insert" : "write";
    }
}
