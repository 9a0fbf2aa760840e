using System.Text.Json;
using Azure;
using Azure.Storage.Blobs.Models;
using Broker.Core.Documents;
using Broker.Core.Ids;
using Broker.Core.Verification;

namespace Broker.Storage;

/// <summary>Receipts, one for each attempt that was judged. A receipt is written once.</summary>
public sealed class ReceiptStore(BrokerStorage storage)
{
    /// <summary>Stores a receipt, unless its attempt has one.</summary>
    public async Task CreateAsync(AttemptId attempt, Receipt receipt, CancellationToken cancellation)
    {
        try
        {
            var options = new BlobUploadOptions { Conditions = new BlobRequestConditions { IfNoneMatch = ETag.All } };
            await storage.Receipts.GetBlobClient(Name(attempt)).UploadAsync(BinaryData.FromObjectAsJson(receipt, BrokerJson.Options), options, cancellation);
        }
        catch (RequestFailedException e) when (e.Status is 409 or 412)
        {
            // An attempt is judged once: what is there says the same.
        }
    }

    public async Task<Receipt?> FindAsync(AttemptId attempt, CancellationToken cancellation)
    {
        try
        {
            var answer = await storage.Receipts.GetBlobClient(Name(attempt)).DownloadContentAsync(cancellation);
            return JsonSerializer.Deserialize<Receipt>(answer.Value.Content, BrokerJson.Lenient);
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return null;
        }
    }

    /// <summary>Deletes every receipt of a job.</summary>
    public Task DeleteAsync(JobId job, CancellationToken cancellation) => storage.Receipts.DeleteAsync($"{job}/", cancellation);

    private static string Name(AttemptId attempt) => $"{attempt.Job}/{attempt.Replica}-{attempt.Number}";
}
