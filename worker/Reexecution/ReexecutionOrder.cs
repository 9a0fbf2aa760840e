using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Broker.Core.Documents;
using Broker.Core.Ids;
using Broker.Core.Jobs;

namespace Broker.Worker.Reexecution;

/// <summary>What a process that executes again is to work on: the first line that it is sent.</summary>
/// <param name="Document">The resolved job document.</param>
/// <param name="Contents">Where each content lies that the document names, its program included.</param>
internal sealed record ReexecutionOrder(JsonElement Document, ImmutableArray<ContentFile> Contents)
{
    public static JobDocument ReadDocument(JsonElement document)
    {
        var read = JobDocumentReader.Read(Encoding.UTF8.GetBytes(document.GetRawText()));
        return read.Value ?? throw new InvalidOperationException($"the order's document cannot be read: {string.Join("; ", read.Errors)}");
    }
}

/// <summary>A file whose bytes have this hash.</summary>
internal sealed record ContentFile(ContentHash Hash, string Path);
