using System.Globalization;
using System.Text.Json;
using Azure;
using Azure.Storage.Blobs.Models;
using Broker.Core.Documents;
using Broker.Core.Verification;

namespace Broker.Storage;

/// <summary>The roots over the histories of each day's jobs. A root is written once, and nothing here changes or deletes one.</summary>
public sealed class DayRootStore(BrokerStorage storage)
{
    /// <summary>Stores a root, unless its day has one.</summary>
    /// <returns>Whether the day had none.</returns>
    public async Task<bool> TryCreateAsync(DayRoot root, CancellationToken cancellation)
    {
        try
        {
            var options = new BlobUploadOptions { Conditions = new BlobRequestConditions { IfNoneMatch = ETag.All } };
            await storage.Roots.GetBlobClient(Name(root.Day)).UploadAsync(BinaryData.FromObjectAsJson(root, BrokerJson.Options), options, cancellation);
            return true;
        }
        catch (RequestFailedException e) when (e.Status is 409 or 412)
        {
            return false;
        }
    }

    public async Task<DayRoot?> FindAsync(DateOnly day, CancellationToken cancellation)
    {
        try
        {
            var answer = await storage.Roots.GetBlobClient(Name(day)).DownloadContentAsync(cancellation);
            return JsonSerializer.Deserialize<DayRoot>(answer.Value.Content, BrokerJson.Lenient);
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return null;
        }
    }

    /// <summary>The days that have a root, the oldest first.</summary>
    public async Task<IReadOnlyList<DateOnly>> ListAsync(CancellationToken cancellation)
    {
        var days = new List<DateOnly>();
        await foreach (var blob in storage.Roots.GetBlobsAsync(BlobTraits.None, BlobStates.None, null, cancellation))
        {
            if (DateOnly.TryParseExact(blob.Name, "O", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)) days.Add(day);
        }

        days.Sort();
        return days;
    }

    private static string Name(DateOnly day) => day.ToString("O", CultureInfo.InvariantCulture);
}
