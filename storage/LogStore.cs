using Azure.Storage.Blobs.Models;
using Azure.Storage.Sas;
using Broker.Core.Ids;

namespace Broker.Storage;

/// <summary>The log of one run, as it is stored.</summary>
/// <param name="Replica">The replica.</param>
/// <param name="Attempt">The attempt's number.</param>
/// <param name="Run">The run inside the attempt.</param>
/// <param name="Bytes">How long it is: its worker's affair, so it may be anything.</param>
/// <param name="StoredAt">When it was stored.</param>
public sealed record StoredLog(int Replica, int Attempt, string Run, long Bytes, DateTimeOffset StoredAt);

/// <summary>What workers wrote about their runs.</summary>
/// <remarks>A log is created once: its URL cannot overwrite.</remarks>
public sealed class LogStore(BrokerStorage storage)
{
    public Uri CreateUrl(AttemptId attempt, string run, DateTimeOffset until) =>
        BlobUrls.Sign(storage.Logs.GetBlobClient(Name(attempt, run)), BlobSasPermissions.Create, until);

    /// <summary>The logs of a job's runs, the oldest first.</summary>
    /// <param name="job">The job.</param>
    /// <param name="most">How many at the most: a worker that starts again and again writes one each time.</param>
    /// <param name="cancellation">Ends the work.</param>
    public async Task<IReadOnlyList<StoredLog>> ListAsync(JobId job, int most, CancellationToken cancellation)
    {
        var logs = new List<StoredLog>();
        await foreach (var blob in storage.Logs.GetBlobsAsync(BlobTraits.None, BlobStates.None, $"{job}/", cancellation))
        {
            if (logs.Count == most) break;
            if (blob.Name.Split('/', '-') is [_, var replica, var attempt, var run] && int.TryParse(replica, out var r) && int.TryParse(attempt, out var a))
                logs.Add(new StoredLog(r, a, run, blob.Properties.ContentLength ?? 0, blob.Properties.CreatedOn ?? DateTimeOffset.MinValue));
        }

        return [.. logs.OrderBy(log => log.Replica).ThenBy(log => log.Attempt).ThenBy(log => log.StoredAt)];
    }

    /// <summary>The first bytes of a log.</summary>
    public async Task<BinaryData> ReadAsync(JobId job, StoredLog log, int most, CancellationToken cancellation)
    {
        var blob = storage.Logs.GetBlobClient(Name(new AttemptId(job, log.Replica, log.Attempt), log.Run));

        // An empty blob has no range that could be asked for.
        if (log.Bytes == 0) return BinaryData.FromBytes(ReadOnlyMemory<byte>.Empty);
        var answer = await blob.DownloadContentAsync(new BlobDownloadOptions { Range = new Azure.HttpRange(0, most) }, cancellation);
        return answer.Value.Content;
    }

    /// <summary>Deletes what every run of a job stored.</summary>
    public Task DeleteAsync(JobId job, CancellationToken cancellation) => storage.Logs.DeleteAsync($"{job}/", cancellation);

    private static string Name(AttemptId attempt, string run) => $"{attempt.Job}/{attempt.Replica}-{attempt.Number}/{run}";
}
